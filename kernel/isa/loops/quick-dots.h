// Products of one row with a few others in float32, summed in whatever order is fast. No term is rounded more than d + 4 times, so
// the bound of screening-error.h holds. They only decide what is computed exactly.
#pragma once
#include "isa/loops/simd.h"

namespace reseed {
namespace {

typedef float Four __attribute__((vector_size(16)));

/** The lanes of a vector, added up until four are left. */
inline Four quarters(Vec v) {
#if defined(__AVX512F__)
  const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
  return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
#elif defined(__AVX2__)
  return _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
#else
  return v;
#endif
}

/** The sums of four vectors. */
inline Four sumsOf(Four a, Four b, Four c, Four d) {
  const Four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
  return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

/** x times the first n of four rows. */
template <size_t n>
inline void quickDotsOf(const float* x, const float* const* p, size_t d, double* out) {
  Vec even[4] = {}, odd[4] = {};
  size_t t = 0;
  for (; t + 2 * lanes <= d; t += 2 * lanes) {
    const Vec u = load(x + t), v = load(x + t + lanes);
#pragma GCC unroll 4
    for (size_t r = 0; r < n; r++) {
      even[r] = fma(u, load(p[r] + t), even[r]);
      odd[r] = fma(v, load(p[r] + t + lanes), odd[r]);
    }
  }
  for (; t + lanes <= d; t += lanes) {
    const Vec u = load(x + t);
#pragma GCC unroll 4
    for (size_t r = 0; r < n; r++) even[r] = fma(u, load(p[r] + t), even[r]);
  }
  const Four sums = sumsOf(quarters(even[0] + odd[0]), quarters(even[1] + odd[1]), quarters(even[2] + odd[2]),
                           quarters(even[3] + odd[3]));
  for (size_t r = 0; r < n; r++) {
    float sum = sums[r];
    for (size_t u = t; u < d; u++) sum += x[u] * p[r][u];
    out[r] = static_cast<double>(sum);
  }
}

void quickDots(const float* x, const float* m, size_t d, const int32_t* rows, size_t n, double* out) {
  for (size_t s = 0; s < n; s += 4) {
    const size_t count = n - s < 4 ? n - s : 4;
    const float* p[4];
    for (size_t r = 0; r < count; r++) p[r] = m + static_cast<size_t>(rows[s + r]) * d;
    switch (count) {
      case 1: quickDotsOf<1>(x, p, d, out + s); break;
      case 2: quickDotsOf<2>(x, p, d, out + s); break;
      case 3: quickDotsOf<3>(x, p, d, out + s); break;
      default: quickDotsOf<4>(x, p, d, out + s);
    }
  }
}

}  // namespace
}  // namespace reseed

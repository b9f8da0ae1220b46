// Float64 sums in a fixed order: products of one vector with chosen rows, and sums of scaled rows.
//
// Each sum runs over t = 0, 1, … as in the portable kernel, so eight rows go side by side instead. A product of
// two float32 values is exact in float64, so there multiply and add may be fused without changing a bit; a product
// with any other float64 value is rounded, so there they may not (-ffp-contract=off).
#pragma once
#include "simd.h"

namespace reseed {
namespace {

/** a·b + c, where a·b is exact if `exact`. */
template <bool exact>
inline double multiplyAdd(double a, double b, double c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
  if (exact) return __builtin_fma(a, b, c);
#endif
  return a * b + c;
}

#if defined(__AVX512F__)
/** out[l] = columns l … of eight rows: [row][8] → [t][8 rows]. */
inline void transpose8(const float* const* p, size_t t, __m256* out) {
  const auto pair = [&](size_t low, size_t at) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p[low] + at)), _mm_loadu_ps(p[low + 4] + at), 1);
  };
  for (size_t half = 0; half < 2; half++) {
    const __m256 r0 = pair(0, t + 4 * half), r1 = pair(1, t + 4 * half);
    const __m256 r2 = pair(2, t + 4 * half), r3 = pair(3, t + 4 * half);
    const __m256 a = _mm256_unpacklo_ps(r0, r1), b = _mm256_unpackhi_ps(r0, r1);
    const __m256 c = _mm256_unpacklo_ps(r2, r3), e = _mm256_unpackhi_ps(r2, r3);
    out[4 * half] = _mm256_shuffle_ps(a, c, 0x44);
    out[4 * half + 1] = _mm256_shuffle_ps(a, c, 0xee);
    out[4 * half + 2] = _mm256_shuffle_ps(b, e, 0x44);
    out[4 * half + 3] = _mm256_shuffle_ps(b, e, 0xee);
  }
}
#endif

template <bool exact, class X>
inline void eightDots(const X* x, const float* const* p, size_t d, double* out) {
  double s[8] = {};
  size_t t = 0;
#if defined(__AVX512F__)
  __m512d sum = _mm512_setzero_pd();
  for (; t + 8 <= d; t += 8) {
    __m256 columns[8];
    transpose8(p, t, columns);
    for (size_t l = 0; l < 8; l++) {
      const __m512d v = _mm512_set1_pd(x[t + l]), w = _mm512_cvtps_pd(columns[l]);
      sum = exact ? _mm512_fmadd_pd(v, w, sum) : _mm512_add_pd(sum, _mm512_mul_pd(v, w));
    }
  }
  _mm512_storeu_pd(s, sum);
#endif
  for (; t < d; t++) {
    const double v = x[t];
    for (size_t l = 0; l < 8; l++) s[l] = multiplyAdd<exact>(v, p[l][t], s[l]);
  }
  for (size_t l = 0; l < 8; l++) out[l] = s[l];
}

template <bool exact, class X>
inline void dotsOf(const X* x, const float* m, size_t d, const int32_t* rows, size_t n, double* out) {
  for (size_t s = 0; s < n; s += 8) {
    const size_t count = n - s < 8 ? n - s : 8;
    const float* p[8];
    double sums[8];
    // The rows that fill the last eight repeat one that is there.
    for (size_t l = 0; l < 8; l++) p[l] = m + static_cast<size_t>(rows[s + (l < count ? l : 0)]) * d;
    eightDots<exact>(x, p, d, sums);
    for (size_t l = 0; l < count; l++) out[s + l] = sums[l];
  }
}

void dots(const float* x, const float* m, size_t d, const int32_t* rows, size_t n, double* out) {
  dotsOf<true>(x, m, d, rows, n, out);
}

void dotsWide(const double* x, const float* m, size_t d, const int32_t* rows, size_t n, double* out) {
  dotsOf<false>(x, m, d, rows, n, out);
}

template <bool exact>
inline void addRowsOf(double* __restrict out, size_t d, const double* scale, const int32_t* rows, size_t n, const float* m) {
  size_t s = 0;
  for (; s + 4 <= n; s += 4) {
    const double c0 = scale[s], c1 = scale[s + 1], c2 = scale[s + 2], c3 = scale[s + 3];
    const float* __restrict p0 = m + static_cast<size_t>(rows[s]) * d;
    const float* __restrict p1 = m + static_cast<size_t>(rows[s + 1]) * d;
    const float* __restrict p2 = m + static_cast<size_t>(rows[s + 2]) * d;
    const float* __restrict p3 = m + static_cast<size_t>(rows[s + 3]) * d;
    for (size_t j = 0; j < d; j++) {
      const double two = multiplyAdd<exact>(c1, p1[j], c0 * p0[j]);
      out[j] += multiplyAdd<exact>(c3, p3[j], multiplyAdd<exact>(c2, p2[j], two));
    }
  }
  for (; s < n; s++) {
    const double c = scale[s];
    const float* __restrict p = m + static_cast<size_t>(rows[s]) * d;
    for (size_t j = 0; j < d; j++) out[j] = multiplyAdd<exact>(c, p[j], out[j]);
  }
}

void addRows(double* out, size_t d, const double* scale, const int32_t* rows, size_t n, const float* m) {
  addRowsOf<true>(out, d, scale, rows, n, m);
}

void addRowsWide(double* out, size_t d, const double* scale, const int32_t* rows, size_t n, const float* m) {
  addRowsOf<false>(out, d, scale, rows, n, m);
}

void adam(float* __restrict w, float* __restrict first, float* __restrict second, const double* __restrict gradient,
          size_t n, const AdamStep& step) {
  const AdamStep c = step;
  const double keep1 = 1 - c.beta1, keep2 = 1 - c.beta2, scale = 1 / c.root;
  for (size_t j = 0; j < n; j++) {
    const double g = gradient[j];
    const double m = c.beta1 * first[j] + keep1 * g;
    const double v = c.beta2 * second[j] + keep2 * g * g;
    first[j] = static_cast<float>(m);
    second[j] = static_cast<float>(v);
    w[j] = static_cast<float>(w[j] - (c.stepSize * m) / (std::sqrt(v) * scale + c.epsilon));
  }
}

void scatter(double* sums, double code, const int32_t* index, const float* value, size_t n) {
  for (size_t e = 0; e < n; e++) sums[index[e]] = multiplyAdd<true>(code, value[e], sums[index[e]]);
}

void cosines(const double* __restrict sums, double norm, const double* __restrict norms, size_t n,
             double* __restrict out) {
  for (size_t j = 0; j < n; j++) out[j] = sums[j] / (norm * norms[j]);
}

}  // namespace
}  // namespace reseed

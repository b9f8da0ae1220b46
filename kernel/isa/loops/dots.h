// Products of one row with others, in float64 and in the order of float64-lanes.h.
#pragma once
#include "isa/loops/float64-lanes.h"

namespace reseed {
namespace {

/** The first `count` of eight values, the others 0. */
inline Eight firstOf(const float* p, size_t count) {
  float values[8] = {};
  for (size_t l = 0; l < count; l++) values[l] = p[l];
  return eightOf(values);
}

/** The sums of the lanes of eight vectors: the transposed vectors, added in order. */
inline void sumsOfLanes(const Eight* v, double* out) {
  Eight a[8], b[8];
  for (size_t i = 0; i < 8; i += 2) {
    a[i] = __builtin_shufflevector(v[i], v[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    a[i + 1] = __builtin_shufflevector(v[i], v[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (size_t i = 0; i < 8; i += 4) {
    for (size_t l = 0; l < 2; l++) {
      b[i + l] = __builtin_shufflevector(a[i + l], a[i + 2 + l], 0, 1, 8, 9, 4, 5, 12, 13);
      b[i + 2 + l] = __builtin_shufflevector(a[i + l], a[i + 2 + l], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  Eight sum = __builtin_shufflevector(b[0], b[4], 0, 1, 2, 3, 8, 9, 10, 11);
  for (size_t l = 1; l < 4; l++) sum += __builtin_shufflevector(b[l], b[4 + l], 0, 1, 2, 3, 8, 9, 10, 11);
  for (size_t l = 0; l < 4; l++) sum += __builtin_shufflevector(b[l], b[4 + l], 4, 5, 6, 7, 12, 13, 14, 15);
  *reinterpret_cast<LooseEight*>(out) = sum;
}

#if defined(__AVX2__) && !defined(__AVX512F__)
/** Eight lanes of one row in two registers. gcc would keep one vector of 64 bytes in memory. */
struct HalfLanes {
  __m256d low = _mm256_setzero_pd(), high = _mm256_setzero_pd();
  void add(__m256d xLow, __m256d xHigh, const float* p) {
    low = _mm256_fmadd_pd(xLow, _mm256_cvtps_pd(_mm_loadu_ps(p)), low);
    high = _mm256_fmadd_pd(xHigh, _mm256_cvtps_pd(_mm_loadu_ps(p + 4)), high);
  }
  void put(Eight* out) const {
    _mm256_storeu_pd(reinterpret_cast<double*>(out), low);
    _mm256_storeu_pd(reinterpret_cast<double*>(out) + 4, high);
  }
};

/** Sums over t < whole, a multiple of 8, of x times four rows. */
inline void sumFour(const float* x, const float* const* p, const float* const* next, size_t whole, Eight* sums) {
  const float *const p0 = p[0], *const p1 = p[1], *const p2 = p[2], *const p3 = p[3];
  HalfLanes row0, row1, row2, row3;
  for (size_t t = 0; t < whole; t += 8) {
    // The hardware cannot foresee which rows come next.
    if (t % 16 == 0) {
      for (size_t l = 0; l < 4; l++) __builtin_prefetch(next[l] + t);
    }
    const __m256d low = _mm256_cvtps_pd(_mm_loadu_ps(x + t)), high = _mm256_cvtps_pd(_mm_loadu_ps(x + t + 4));
    row0.add(low, high, p0 + t);
    row1.add(low, high, p1 + t);
    row2.add(low, high, p2 + t);
    row3.add(low, high, p3 + t);
  }
  row0.put(sums);
  row1.put(sums + 1);
  row2.put(sums + 2);
  row3.put(sums + 3);
}

/** Sums over t < whole of x times the first n of eight rows; while it reads them it fetches the next. */
inline void sumEight(const float* x, const float* const* p, const float* const* next, size_t n, size_t whole, Eight* sums) {
  sumFour(x, p, p + 4, whole, sums);
  if (n > 4) sumFour(x, p + 4, next, whole, sums + 4);
}
#else
inline void sumEight(const float* x, const float* const* p, const float* const*, size_t, size_t whole, Eight* sums) {
  Eight own[8] = {};
  for (size_t t = 0; t < whole; t += 8) {
    const Eight v = eightOf(x + t);
    for (size_t l = 0; l < 8; l++) own[l] = multiplyAdd(v, eightOf(p[l] + t), own[l]);
  }
  for (size_t l = 0; l < 8; l++) sums[l] = own[l];
}
#endif

void dots(const float* x, const float* m, size_t d, const int32_t* rows, size_t n, double* out) {
  const size_t whole = d / 8 * 8;
  for (size_t s = 0; s < n; s += 8) {
    const size_t count = n - s < 8 ? n - s : 8;
    const float* p[16];
    // Where fewer than eight rows are left, the first of them stands in for the others.
    for (size_t l = 0; l < 16; l++) p[l] = m + static_cast<size_t>(rows[s + (s + l < n ? l : 0)]) * d;
    Eight sums[8] = {};
    sumEight(x, p, p + 8, count, whole, sums);
    if (whole < d) {
      const Eight v = firstOf(x + whole, d - whole);
      for (size_t l = 0; l < 8; l++) sums[l] = multiplyAdd(v, firstOf(p[l] + whole, d - whole), sums[l]);
    }
    double values[8];
    sumsOfLanes(sums, values);
    for (size_t l = 0; l < count; l++) out[s + l] = values[l];
  }
}

}  // namespace
}  // namespace reseed

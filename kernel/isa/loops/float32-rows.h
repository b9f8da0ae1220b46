// Products of rows and sums of scaled rows in float32, every product and every sum rounded.
//
// A product is summed in sixteen lanes, t mod 16, each ascending in t; a sum of scaled rows takes its rows one after the other.
#pragma once
#include "isa/loops/simd.h"

namespace reseed {
namespace {

/** Rows whose sixteen lanes fit into the registers together. */
constexpr size_t dotRows = lanes == 16 ? 8 : 4;
constexpr size_t vecs = 16 / lanes;

/** Lane l and lane l + 8 of sixteen added in float32, then the eight in float64, in order. */
inline double foldedSum(const float* v) {
  double sum = static_cast<double>(v[0] + v[8]);
  for (size_t l = 1; l < 8; l++) sum += static_cast<double>(v[l] + v[l + 8]);
  return sum;
}

void dots32(const float* x, const float* m, size_t d, const int32_t* rows, size_t n, double* out) {
  for (size_t s = 0; s < n; s += dotRows) {
    const size_t count = n - s < dotRows ? n - s : dotRows;
    const float* p[dotRows];
    // Where fewer rows are left, the first of them stands in for the others.
    for (size_t l = 0; l < dotRows; l++) p[l] = m + static_cast<size_t>(rows[s + (l < count ? l : 0)]) * d;
    Vec sums[dotRows][vecs] = {};
    size_t t = 0;
    for (; t + 16 <= d; t += 16) {
      for (size_t q = 0; q < vecs; q++) {
        const Vec v = load(x + t + lanes * q);
        for (size_t l = 0; l < dotRows; l++) sums[l][q] += v * load(p[l] + t + lanes * q);
      }
    }
    for (size_t l = 0; l < count; l++) {
      float own[16];
      for (size_t q = 0; q < vecs; q++) store(own + lanes * q, sums[l][q]);
      for (size_t u = t; u < d; u++) own[u - t] += x[u] * p[l][u];
      out[s + l] = foldedSum(own);
    }
  }
}

/** Columns of `out` in `blocks` vectors, kept in registers while all rows are added. */
template <size_t blocks>
inline void addRows32To(float* out, size_t d, const float* scale, const int32_t* rows, size_t n, const float* m) {
  constexpr size_t ahead = 4;
  Vec sums[blocks];
  _Pragma("GCC unroll 8") for (size_t b = 0; b < blocks; b++) sums[b] = load(out + lanes * b);
  for (size_t s = 0; s < n; s++) {
    const Vec c = all(scale[s]);
    const float* p = m + static_cast<size_t>(rows[s]) * d;
    const float* later = m + static_cast<size_t>(rows[s + ahead < n ? s + ahead : s]) * d;
    _Pragma("GCC unroll 8") for (size_t b = 0; b < lanes * blocks; b += 16) __builtin_prefetch(later + b);
    _Pragma("GCC unroll 8") for (size_t b = 0; b < blocks; b++) sums[b] += c * load(p + lanes * b);
  }
  _Pragma("GCC unroll 8") for (size_t b = 0; b < blocks; b++) store(out + lanes * b, sums[b]);
}

void addRows32(float* out, size_t d, const float* scale, const int32_t* rows, size_t n, const float* m) {
  size_t j = 0;
  for (; j + 8 * lanes <= d; j += 8 * lanes) addRows32To<8>(out + j, d, scale, rows, n, m + j);
  for (; j + lanes <= d; j += lanes) addRows32To<1>(out + j, d, scale, rows, n, m + j);
  for (size_t s = 0; s < n && j < d; s++) {
    const float* p = m + static_cast<size_t>(rows[s]) * d;
    for (size_t t = j; t < d; t++) out[t] += scale[s] * p[t];
  }
}

}  // namespace
}  // namespace reseed

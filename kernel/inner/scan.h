// Scans of approximate products: running maxima, and the few values that could matter.
#pragma once
#include "simd.h"

namespace reseed {
namespace {

void addBias(float* p, const float* bias, size_t n, double* mean, double* sd) {
  Vec sum{}, squares{};
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const Vec v = load(p + i) + load(bias + i);
    store(p + i, v);
    sum += v;
    squares += v * v;
  }
  double s = 0, q = 0;
  for (size_t l = 0; l < lanes; l++) {
    s += sum[l];
    q += squares[l];
  }
  for (; i < n; i++) {
    p[i] += bias[i];
    s += p[i];
    q += static_cast<double>(p[i]) * p[i];
  }
  *mean = s / n;
  const double variance = q / n - *mean * *mean;
  *sd = variance > 0 ? std::sqrt(variance) : 0;
}

size_t atLeast(const float* p, size_t n, float threshold, int32_t* out) {
  size_t found = 0;
  size_t i = 0;
  const Vec t = all(threshold);
#if defined(__AVX512F__)
  __m512i index = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#endif
  for (; i + lanes <= n; i += lanes) {
    uint32_t mask = maskAtLeast(load(p + i), t);
#if defined(__AVX512F__)
    _mm512_storeu_si512(out + found, _mm512_maskz_compress_epi32(static_cast<__mmask16>(mask), index));
    found += static_cast<size_t>(__builtin_popcount(mask));
    index = _mm512_add_epi32(index, _mm512_set1_epi32(16));
#else
    for (; mask != 0; mask &= mask - 1) out[found++] = static_cast<int32_t>(i) + __builtin_ctz(mask);
#endif
  }
  for (; i < n; i++) {
    if (p[i] >= threshold) out[found++] = static_cast<int32_t>(i);
  }
  return found;
}

inline void keepTwo(float v, float& first, float& second) {
  if (v > first) {
    second = first;
    first = v;
  } else if (v > second) {
    second = v;
  }
}

/** Offers a product to the maxima of row or column i. */
inline void keep(const TopTwo& top, size_t i, float v) {
  keepTwo(v, top.first[i], top.second[i]);
  keepTwo(v < 0 ? -v : v, top.absFirst[i], top.absSecond[i]);
}

/** A product matters that is ≥ high or ≤ low. */
struct Limits {
  float high, low;
  Limits(const TopTwo& top, const float* slack, size_t i)
      : high(top.second[i] - slack[i]), low(slack[i] - top.absSecond[i]) {}
};

// Few products reach a limit once some rows have passed, so the loop over all of them only compares; the maxima
// and the limits are kept up where one does.
size_t scanStrip(const StripScan& s) {
  const size_t wide = (s.cols + lanes - 1) / lanes * lanes;
  float* const high = s.limits;
  float* const low = s.limits + wide;
  for (size_t c = 0; c < wide; c++) {
    const Limits limits(s.byCol, s.colSlack, s.col0 + c);
    high[c] = limits.high;
    low[c] = limits.low;
  }
  size_t found = 0;
  for (size_t r = 0; r < s.rows; r++) {
    const size_t i = s.row0 + r;
    float* p = s.strip + r * s.stride;
    for (size_t c = s.cols; c < wide; c++) p[c] = __builtin_nanf("");
    Limits row(s.byRow, s.rowSlack, i);
    for (size_t c = 0; c < wide; c += lanes) {
      const Vec v = load(p + c);
      uint32_t mask = maskAtLeast(v, smaller(load(high + c), all(row.high))) |
                      maskAtLeast(larger(load(low + c), all(row.low)), v);
      for (; mask != 0; mask &= mask - 1) {
        const size_t at = c + static_cast<size_t>(__builtin_ctz(mask)), j = s.col0 + at;
        const float x = p[at];
        // The limits may have moved since the comparison.
        if (!(x >= row.high || x <= row.low || x >= high[at] || x <= low[at])) continue;
        s.hits[found++] = {static_cast<int32_t>(i), static_cast<int32_t>(j), x};
        keep(s.byRow, i, x);
        keep(s.byCol, j, x);
        row = Limits(s.byRow, s.rowSlack, i);
        const Limits column(s.byCol, s.colSlack, j);
        high[at] = column.high;
        low[at] = column.low;
      }
    }
  }
  return found;
}

}  // namespace
}  // namespace reseed

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
  for (; i + lanes <= n; i += lanes) {
    for (uint32_t mask = maskAtLeast(load(p + i), t); mask != 0; mask &= mask - 1) {
      out[found++] = static_cast<int32_t>(i) + __builtin_ctz(mask);
    }
  }
  for (; i < n; i++) {
    if (p[i] >= threshold) out[found++] = static_cast<int32_t>(i);
  }
  return found;
}

/** Puts v among the two largest; NaN is ignored. */
inline void keepTwo(Vec v, Vec& first, Vec& second) {
  const Vec lower = v > first ? first : v;
  first = larger(v, first);
  second = larger(lower, second);
}

inline void keepTwo(float v, float& first, float& second) {
  if (v > first) {
    second = first;
    first = v;
  } else if (v > second) {
    second = v;
  }
}

size_t scanStrip(const StripScan& s) {
  const float infinity = __builtin_inff();
  const size_t wide = (s.cols + lanes - 1) / lanes * lanes;
  float limit[64], absLimit[64];
  for (size_t r = 0; r < s.rows; r++) {
    float* p = s.strip + r * s.stride;
    for (size_t c = s.cols; c < wide; c++) p[c] = __builtin_nanf("");
    Vec v1 = all(-infinity), v2 = v1, a1 = v1, a2 = v1;
    for (size_t c = 0; c < wide; c += lanes) {
      const Vec v = load(p + c);
      keepTwo(v, v1, v2);
      keepTwo(magnitude(v), a1, a2);
    }
    const size_t i = s.row0 + r;
    for (size_t l = 0; l < lanes; l++) {
      keepTwo(v1[l], s.byRow.first[i], s.byRow.second[i]);
      keepTwo(v2[l], s.byRow.first[i], s.byRow.second[i]);
      keepTwo(a1[l], s.byRow.absFirst[i], s.byRow.absSecond[i]);
      keepTwo(a2[l], s.byRow.absFirst[i], s.byRow.absSecond[i]);
    }
    limit[r] = s.byRow.second[i] - s.rowSlack[i];
    absLimit[r] = s.byRow.absSecond[i] - s.rowSlack[i];
  }
  size_t found = 0;
  for (size_t c = 0; c < wide; c += lanes) {
    const size_t j = s.col0 + c;
    Vec v1 = load(s.byCol.first + j), v2 = load(s.byCol.second + j);
    Vec a1 = load(s.byCol.absFirst + j), a2 = load(s.byCol.absSecond + j);
    const float* p = s.strip + c;
    for (size_t r = 0; r < s.rows; r++) {
      const Vec v = load(p + r * s.stride);
      keepTwo(v, v1, v2);
      keepTwo(magnitude(v), a1, a2);
    }
    store(s.byCol.first + j, v1);
    store(s.byCol.second + j, v2);
    store(s.byCol.absFirst + j, a1);
    store(s.byCol.absSecond + j, a2);
    const Vec slack = load(s.colSlack + j);
    const Vec colLimit = v2 - slack, colAbsLimit = a2 - slack;
    for (size_t r = 0; r < s.rows; r++) {
      const Vec v = load(p + r * s.stride);
      // `larger` of the negatives is the smaller of the two limits.
      const Vec t = -larger(-all(limit[r]), -colLimit);
      const Vec tAbs = -larger(-all(absLimit[r]), -colAbsLimit);
      uint32_t mask = maskAtLeast(v, t) | maskAtLeast(-v, tAbs);
      for (; mask != 0; mask &= mask - 1) {
        const size_t l = static_cast<size_t>(__builtin_ctz(mask));
        s.hits[found++] = {static_cast<int32_t>(s.row0 + r), static_cast<int32_t>(j + l), p[r * s.stride + l]};
      }
    }
  }
  return found;
}

}  // namespace
}  // namespace reseed

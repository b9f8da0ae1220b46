// Scans of approximate products: running maxima, and the few values that could matter.
#pragma once
#include "isa/loops/simd.h"

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

/** The two largest and the two smallest values, lane by lane. */
struct Extremes {
  Vec high1 = all(-__builtin_inff()), high2 = high1, low1 = -high1, low2 = low1;

  /** NaN is ignored: where an operand is NaN, `larger` and `smaller` return the second one. */
  void offer(Vec v) {
    high2 = larger(smaller(high1, v), high2);
    high1 = larger(v, high1);
    low2 = smaller(larger(low1, v), low2);
    low1 = smaller(v, low1);
  }
};

inline void offerTwo(float v, float& first, float& second) {
  if (v > first) {
    second = first;
    first = v;
  } else if (v > second) {
    second = v;
  }
}

/** Offers all lanes to the maxima of row i. */
inline void fold(const Extremes& e, const TopTwo& top, size_t i) {
  float h1[lanes], h2[lanes], l1[lanes], l2[lanes];
  store(h1, e.high1);
  store(h2, e.high2);
  store(l1, -e.low1);
  store(l2, -e.low2);
  for (size_t half = lanes / 2; half > 0; half /= 2) {
    for (size_t l = 0; l < half; l++) {
      const auto merge = [l, half](float* first, float* second) {
        const float a = first[l], b = first[l + half];
        const float seconds = second[l] > second[l + half] ? second[l] : second[l + half];
        const float lesser = a > b ? b : a;
        first[l] = a > b ? a : b;
        second[l] = lesser > seconds ? lesser : seconds;
      };
      merge(h1, h2);
      merge(l1, l2);
    }
  }
  for (float v : {h1[0], h2[0]}) offerTwo(v, top.high1[i], top.high2[i]);
  for (float v : {l1[0], l2[0]}) offerTwo(v, top.neg1[i], top.neg2[i]);
}

inline Extremes loadExtremes(const TopTwo& top, size_t i) {
  Extremes e;
  e.high1 = load(top.high1 + i);
  e.high2 = load(top.high2 + i);
  e.low1 = -load(top.neg1 + i);
  e.low2 = -load(top.neg2 + i);
  return e;
}

inline void storeExtremes(const Extremes& e, const TopTwo& top, size_t i) {
  store(top.high1 + i, e.high1);
  store(top.high2 + i, e.high2);
  store(top.neg1 + i, -e.low1);
  store(top.neg2 + i, -e.low2);
}

/** Rows that are looked at together, so that a column's extremes are loaded once for them. */
constexpr size_t rowsAtOnce = 4;

/** The maxima of rows r … r + n of a strip and of all its columns. */
template <size_t n>
inline void raiseMaxima(const StripScan& s, size_t r, size_t wide) {
  const float* p = s.strip + r * s.stride;
  Extremes rows[n];
  for (size_t c = 0; c < wide; c += lanes) {
    Extremes col = loadExtremes(s.byCol, s.col0 + c);
    for (size_t l = 0; l < n; l++) {
      const Vec v = load(p + l * s.stride + c);
      rows[l].offer(v);
      col.offer(v);
    }
    storeExtremes(col, s.byCol, s.col0 + c);
  }
  for (size_t l = 0; l < n; l++) fold(rows[l], s.byRow, s.row0 + r + l);
}

size_t scanStrip(const StripScan& s) {
  const size_t wide = (s.cols + lanes - 1) / lanes * lanes;
  for (size_t r = 0; r < s.rows; r++) {
    for (size_t c = s.cols; c < wide; c++) s.strip[r * s.stride + c] = __builtin_nanf("");
  }
  size_t r = 0;
  for (; r + rowsAtOnce <= s.rows; r += rowsAtOnce) raiseMaxima<rowsAtOnce>(s, r, wide);
  for (; r + 2 <= s.rows; r += 2) raiseMaxima<2>(s, r, wide);
  for (; r < s.rows; r++) raiseMaxima<1>(s, r, wide);
  // A product matters that is ≥ high or ≤ low, for its row or for its column.
  float* const high = s.limits;
  float* const low = s.limits + wide;
  for (size_t c = 0; c < wide; c += lanes) {
    const Extremes e = loadExtremes(s.byCol, s.col0 + c);
    const Vec slack = load(s.colSlack + s.col0 + c);
    store(high + c, larger(e.high2 - slack, load(s.colFloors.high + s.col0 + c)));
    store(low + c, smaller(slack - larger(smaller(e.high1, -e.low1), larger(e.high2, -e.low2)),
                           load(s.colFloors.low + s.col0 + c)));
  }
  size_t found = 0;
  for (r = 0; r < s.rows; r++) {
    const size_t i = s.row0 + r;
    const float* p = s.strip + r * s.stride;
    const Vec rowHigh = larger(all(s.byRow.high2[i] - s.rowSlack[i]), all(s.rowFloors.high[i]));
    const Vec rowLow = smaller(all(s.rowSlack[i] - s.byRow.secondBySize(i)), all(s.rowFloors.low[i]));
    for (size_t c = 0; c < wide; c += lanes) {
      const Vec v = load(p + c);
      uint32_t mask = maskAtLeast(v, smaller(load(high + c), rowHigh)) | maskAtLeast(larger(load(low + c), rowLow), v);
      for (; mask != 0; mask &= mask - 1) {
        const size_t at = c + static_cast<size_t>(__builtin_ctz(mask));
        s.hits[found++] = {static_cast<int32_t>(i), static_cast<int32_t>(s.col0 + at), p[at]};
      }
    }
  }
  return found;
}

}  // namespace
}  // namespace reseed

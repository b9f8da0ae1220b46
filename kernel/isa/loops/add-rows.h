// Sums of scaled rows in float64: one row after the other.
#pragma once
#include "isa/loops/float64-lanes.h"

namespace reseed {
namespace {

/** Columns of `out` in `blocks` registers, kept there while all rows are added. */
template <size_t blocks>
inline void addRowsTo(double* out, size_t d, const double* scale, const int32_t* rows, size_t n, const float* m) {
  constexpr size_t ahead = 4;
  Part sums[blocks];
  // Unrolled from the start, or gcc passes the registers through memory.
  _Pragma("GCC unroll 16") for (size_t b = 0; b < blocks; b++) sums[b] = partOf(out + partLanes * b);
  for (size_t s = 0; s < n; s++) {
    const Part c = partTimes(scale[s]);
    const float* p = m + static_cast<size_t>(rows[s]) * d;
    // The hardware cannot foresee which rows come next.
    const float* later = m + static_cast<size_t>(rows[s + ahead < n ? s + ahead : s]) * d;
    _Pragma("GCC unroll 8") for (size_t t = 0; t < partLanes * blocks; t += 16) __builtin_prefetch(later + t);
    _Pragma("GCC unroll 16") for (size_t b = 0; b < blocks; b++) {
      sums[b] = multiplyAdd(c, partOf(p + partLanes * b), sums[b]);
    }
  }
  _Pragma("GCC unroll 16") for (size_t b = 0; b < blocks; b++) put(out + partLanes * b, sums[b]);
}

void addRows(double* out, size_t d, const double* scale, const int32_t* rows, size_t n, const float* m) {
  constexpr size_t many = partLanes == 8 ? 16 : 8;
  size_t j = 0;
  for (; j + many * partLanes <= d; j += many * partLanes) addRowsTo<many>(out + j, d, scale, rows, n, m + j);
  for (; j + 4 * partLanes <= d; j += 4 * partLanes) addRowsTo<4>(out + j, d, scale, rows, n, m + j);
  for (; j + partLanes <= d; j += partLanes) addRowsTo<1>(out + j, d, scale, rows, n, m + j);
  for (size_t s = 0; s < n && j < d; s++) {
    const float* p = m + static_cast<size_t>(rows[s]) * d;
    for (size_t t = j; t < d; t++) out[t] = multiplyAdd(scale[s], p[t], out[t]);
  }
}

}  // namespace
}  // namespace reseed

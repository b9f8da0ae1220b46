// An order of float64 values that NaN cannot break.
#pragma once
#include <bit>
#include <cstdint>

namespace reseed {

/** A total order of doubles, NaN above all others: a sort must end even where training has diverged. */
inline int64_t rankOf(double v) {
  const int64_t bits = std::bit_cast<int64_t>(v + 0.0);
  return bits ^ static_cast<int64_t>(static_cast<uint64_t>(bits >> 63) >> 1);
}

/** The value of a rank. */
inline double valueOf(int64_t rank) {
  return std::bit_cast<double>(rank ^ static_cast<int64_t>(static_cast<uint64_t>(rank >> 63) >> 1));
}

}  // namespace reseed

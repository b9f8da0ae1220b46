// Sparse codes.
#pragma once
#include <cstddef>
#include <cstdint>

namespace reseed {

/** Codes [rows × features] in compressed rows. */
struct Codes {
  size_t rows, features;
  const int32_t *offsets, *indices;
  const float* values;
};

}  // namespace reseed

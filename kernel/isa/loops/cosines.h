// Cosines from a row of sums of products.
#pragma once
#include "isa/loops/simd.h"

namespace reseed {
namespace {

void cosines(const double* __restrict sums, double norm, const double* __restrict norms, size_t n,
             double* __restrict out) {
  for (size_t j = 0; j < n; j++) out[j] = sums[j] / (norm * norms[j]);
}

}  // namespace
}  // namespace reseed

// Products of sparse codes, scattered into a row of sums, and the cosines that they make.
#pragma once
#include "isa/loops/float64-lanes.h"

namespace reseed {
namespace {

void scatter(double* sums, double code, const int32_t* index, const float* value, size_t n) {
  for (size_t e = 0; e < n; e++) sums[index[e]] = multiplyAdd(code, value[e], sums[index[e]]);
}

void cosines(const double* __restrict sums, double norm, const double* __restrict norms, size_t n,
             double* __restrict out) {
  for (size_t j = 0; j < n; j++) out[j] = sums[j] / (norm * norms[j]);
}

}  // namespace
}  // namespace reseed

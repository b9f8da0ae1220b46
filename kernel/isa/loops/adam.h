// Adam in float32.
#pragma once
#include "isa/loops/simd.h"

namespace reseed {
namespace {

template <class T>
inline void adamBy(float* __restrict w, float* __restrict first, float* __restrict second, const T* __restrict gradient,
                   size_t n, const AdamStep& step) {
  const AdamStep c = step;
  // Arithmetic on subnormal numbers takes a hundred times as long, and moments this small move nothing.
  const float least = 0x1p-100f;
  for (size_t j = 0; j < n; j++) {
    const float g = static_cast<float>(gradient[j]);
    const float m = c.beta1 * first[j] + c.keep1 * g;
    const float v = c.beta2 * second[j] + c.keep2 * g * g;
    first[j] = std::fabs(m) < least ? 0 : m;
    second[j] = v < least ? 0 : v;
    w[j] -= (c.stepSize * first[j]) / (std::sqrt(second[j]) * c.scale + c.epsilon);
  }
}

void adam(float* w, float* first, float* second, const double* gradient, size_t n, const AdamStep& step) {
  adamBy(w, first, second, gradient, n, step);
}

void adam32(float* w, float* first, float* second, const float* gradient, size_t n, const AdamStep& step) {
  adamBy(w, first, second, gradient, n, step);
}

}  // namespace
}  // namespace reseed

// What a training task does step by step: the rows of each batch and the constants of its optimiser step.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace reseed {

struct Schedule {
  size_t steps;
  /** Rows of all batches, one after the other; batch s is starts[s] … starts[s+1]. */
  const int32_t *rows, *starts;
  /** [steps] lr/(1 − β₁ᵗ) and √(1 − β₂ᵗ) */
  const double *stepSizes, *roots;
};

/** What gradients are multiplied by so that their norm is at most `most`; NaN stays, as it does in Math.min. */
inline double clipScale(double squares, double most) {
  const double scale = most / (std::sqrt(squares) + 1e-6);
  return scale > 1 ? 1 : scale;
}

}  // namespace reseed

// Gram matrices: products between the columns of a matrix, summed over its rows.
#pragma once
#include "crew.h"
#include "path.h"

namespace reseed {

struct GramJob {
  /** [rows × cols] */
  const float* x;
  size_t rows, cols;
  /** Subtract the column means first. */
  bool centred;
  /** [cols × cols] */
  double* out;
};

void gram(const Path& path, size_t threads, Stop stop, const GramJob& job);

}  // namespace reseed

// Gram matrices: products between the columns of a matrix, summed over its rows.
#pragma once
#include "isa/code-path.h"
#include "threads/team.h"

namespace reseed {

struct GramJob {
  /** [rows × cols] */
  const float* x;
  size_t rows, cols;
  /** [cols] taken from each row */
  const double* shift;
  /** [cols × cols] symmetric; added to */
  double* sum;
};

void addGram(const CodePath& path, size_t threads, Stop stop, const GramJob& job);

/** means [cols] of x [rows × cols]; 0 where there are no rows */
void columnMeans(size_t threads, const float* x, size_t rows, size_t cols, double* means);

}  // namespace reseed

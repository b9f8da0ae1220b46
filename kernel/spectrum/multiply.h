// Products of the rows of two matrices, all of them, rounded to float32.
#pragma once
#include "isa/code-path.h"
#include "threads/team.h"

namespace reseed {

struct MultiplyJob {
  /** [n × k] and [m × k] */
  const float *a, *b;
  size_t n, m, k;
  /** [n × m] */
  float* out;
};

void multiply(const CodePath& path, size_t threads, Stop stop, const MultiplyJob& job);

}  // namespace reseed

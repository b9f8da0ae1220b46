// Inner loops over strips of columns [n × width], by code path: reflections and rotations of their rows.
//
// Columns never meet, so the width of a strip, a few vectors, changes no result. A strip fits the second cache.
#pragma once
#include <cstddef>

#include "isa/code-path.h"

namespace reseed {

/** Rotations of consecutive rows, the first of which is `row`; each takes up where the one before stopped. */
struct Chain {
  size_t row, length;
};

struct Strips {
  size_t width;
  /** sums[c] += Σ_s w[s]·z[s][c], s ascending over `rows` */
  void (*sum)(const double* z, size_t rows, const double* w, double* sums);
  /** z[s] −= v[s]·p for all rows, and those sums of what comes out */
  void (*subtractAndSum)(double* z, size_t rows, const double* v, const double* p, const double* w, double* sums);
  /**
   * Rotates row x and the next one y, `step` (±1) rows on: x ← c·x − s·y, y ← s·x + c·y. The pairs (c, s) of all chains
   * follow each other in `rotations`.
   */
  void (*rotate)(double* z, const Chain* chains, size_t count, const double* rotations, ptrdiff_t step);
};

const Strips& stripsOf(const CodePath& path);

}  // namespace reseed

// A symmetric matrix to tridiagonal form by Householder reflections, and what can be told from that form.
#pragma once
#include <vector>

#include "isa/packed.h"
#include "spectrum/tile.h"
#include "threads/team.h"

namespace reseed {

struct Tridiagonal {
  size_t n;
  /** [n]; off[j] couples j and j+1, the last is 0 */
  std::vector<double> diagonal, off, tau;
  /** [n × n] row j holds v_j from entry j+1 on */
  Bytes reflectors;
};

/**
 * Reduces `t.reflectors`, which holds a full symmetric matrix with entries of at most about 1, in place. False when
 * stopped.
 */
bool tridiagonalise(const Tile& tile, size_t threads, Stop stop, Tridiagonal& t);

/** Largest sum of the sizes in a row of T. */
double rowNorm(const Tridiagonal& t);

}  // namespace reseed

// Eigenvalues of symmetric matrices, and the eigenvectors of the largest ones.
#pragma once
#include "crew.h"
#include "path.h"

namespace reseed {

struct EigenJob {
  /** [n × n] finite; the upper triangle is read */
  const double* a;
  size_t n;
  /** [n] ascending */
  double* values;
  /** How many of the largest eigenvalues get a vector; 0 for none. */
  size_t r;
  /** [r × n] orthonormal rows, the largest eigenvalue's first; the largest entry of each is positive */
  double* vectors;
};

/** @throws std::runtime_error when an eigenvalue or vector does not converge */
void eigen(const Path& path, size_t threads, Stop stop, const EigenJob& job);

}  // namespace reseed

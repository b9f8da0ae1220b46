// Eigenvalues of symmetric matrices, and eigenvectors of the largest ones or of all.
#pragma once
#include "isa/code-path.h"
#include "threads/team.h"

namespace reseed {

struct EigenJob {
  /** [n × n] finite; the upper triangle is read */
  const double* a;
  size_t n;
  /** [n] ascending */
  double* values;
  /** How many of the largest eigenvalues get a vector; 0 for none. */
  size_t r;
  /** The largest eigenvalue's vector comes last, else first. */
  bool ascending;
  /** [r × n] orthonormal rows; the largest entry of each is positive */
  double* vectors;
};

/** @throws std::runtime_error when an eigenvalue does not converge */
void eigen(const CodePath& path, size_t threads, Stop stop, const EigenJob& job);

}  // namespace reseed

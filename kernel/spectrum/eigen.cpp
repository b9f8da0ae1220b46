// Eigenvalues and eigenvectors through the tridiagonal form: the same bytes as portable/eigen.ts.
//
// Cost: 4/3·n³ flops for the form, about 30·n² for all eigenvalues; up to n/8 vectors 12·n·r² and 2·n² each, else 6·n³.
// Memory: one copy of the matrix, and two of all vectors where more than n/8 are asked for.
#include "spectrum/eigen.h"

#include <algorithm>
#include <cmath>

#include "spectrum/eigenvectors.h"
#include "spectrum/implicit-ql.h"
#include "spectrum/inverse-iteration.h"
#include "spectrum/tridiagonal.h"

namespace reseed {
namespace {

// See src/kernel/portable/eigen.ts.
constexpr size_t few = 8;

/** The power of two that brings the entries of A to at most 1 (2 for the largest numbers). */
double scaleOf(const EigenJob& job) {
  double largest = 0;
  for (size_t i = 0; i < job.n; i++) {
    for (size_t j = i; j < job.n; j++) largest = std::max(largest, std::fabs(job.a[i * job.n + j]));
  }
  double scale = 1;
  while (scale < largest && scale < 0x1p1023) scale *= 2;
  while (largest > 0 && scale / 2 >= largest) scale /= 2;
  return scale;
}

/** All eigenvalues, ascending, and the vectors of the r largest, the largest first; false when stopped. */
bool solve(const CodePath& path, size_t threads, Stop stop, const Tridiagonal& t, const EigenJob& job,
           std::vector<double>& values) {
  const Strips& strips = stripsOf(path);
  if (few * job.r <= t.n) {
    values = eigenvaluesOf(t);
    if (job.r == 0) return true;
    const auto z = inverseIteration(t, values, job.r);
    if (z) return reflectBack(strips, threads, stop, t, *z, job.r, job.vectors);
  }
  return eigenvectorsByRotation(strips, threads, stop, t, job.r, values, job.vectors);
}

void makeLargestPositive(double* vector, size_t n) {
  size_t largest = 0;
  for (size_t t = 1; t < n; t++) {
    if (std::fabs(vector[t]) > std::fabs(vector[largest])) largest = t;
  }
  const double sign = vector[largest] < 0 ? -1 : 1;
  for (size_t t = 0; t < n; t++) vector[t] *= sign;
}

}  // namespace

void eigen(const CodePath& path, size_t threads, Stop stop, const EigenJob& job) {
  const size_t n = job.n, r = job.r;
  if (n == 0) return;
  const double scale = scaleOf(job);
  Tridiagonal t{};
  t.n = n;
  t.reflectors.grow(n * n * sizeof(double));
  double* copy = t.reflectors.as<double>();
  for (size_t i = 0; i < n; i++) {
    for (size_t j = i; j < n; j++) copy[i * n + j] = copy[j * n + i] = job.a[i * n + j] / scale;
  }
  if (!tridiagonalise(tileOf(path), threads, stop, t)) return;
  std::vector<double> values;
  if (!solve(path, threads, stop, t, job, values)) return;
  for (size_t i = 0; i < n; i++) job.values[i] = values[i] * scale;
  for (size_t i = 0; i < r; i++) makeLargestPositive(job.vectors + i * n, n);
  for (size_t i = 0; job.ascending && i < r / 2; i++) {
    std::swap_ranges(job.vectors + i * n, job.vectors + (i + 1) * n, job.vectors + (r - 1 - i) * n);
  }
}

}  // namespace reseed

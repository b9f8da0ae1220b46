// Eigenvalues and leading eigenvectors by way of the tridiagonal form, as portable/eigen.ts has it, to the last bit.
//
// Cost: 4/3·n³ flops for the form, about 30·n² for all eigenvalues, 2·n² for each vector to come back through the
// reflections; threads share out the vectors. Memory: one copy of the matrix.
#include "eigen.h"

#include <algorithm>
#include <cmath>

#include "eigen-tridiagonal.h"

namespace reseed {
namespace {

/** The power of two that brings the entries of A to at most 1. */
double scaleOf(const EigenJob& job) {
  double largest = 0;
  for (size_t i = 0; i < job.n; i++) {
    for (size_t j = i; j < job.n; j++) largest = std::max(largest, std::fabs(job.a[i * job.n + j]));
  }
  double scale = 1;
  while (scale < largest) scale *= 2;
  while (largest > 0 && scale / 2 >= largest) scale /= 2;
  return scale;
}

/** Columns `from … to)` of z [n][r] ← Q·z, the last reflection first. */
void reflectBack(const Tile& tile, const Tridiagonal& t, double* z, size_t r, size_t from, size_t to) {
  const size_t n = t.n, width = to - from;
  std::vector<double> product(width);
  for (size_t j = n - 1; j-- > 0;) {
    if (t.tau[j] == 0) continue;
    const double* v = t.reflectors.as<double>() + j * n;
    std::fill(product.begin(), product.end(), 0.0);
    tile.addRows(product.data(), width, v + j + 1, z + (j + 1) * r + from, r, n - j - 1);
    for (double& p : product) p *= t.tau[j];
    for (size_t s = j + 1; s < n; s++) {
      const double minus = -v[s];
      tile.addRows(z + s * r + from, width, &minus, product.data(), width, 1);
    }
  }
}

}  // namespace

void eigen(const Path& path, size_t threads, Stop stop, const EigenJob& job) {
  const size_t n = job.n, r = job.r;
  if (n == 0) return;
  const Tile& tile = tileOf(path);
  const double scale = scaleOf(job);
  Tridiagonal t{};
  t.n = n;
  t.reflectors.grow(n * n * sizeof(double));
  double* copy = t.reflectors.as<double>();
  for (size_t i = 0; i < n; i++) {
    for (size_t j = i; j < n; j++) copy[i * n + j] = copy[j * n + i] = job.a[i * n + j] / scale;
  }
  if (!tridiagonalise(tile, threads, stop, t)) return;
  const std::vector<double> values = eigenvaluesOf(t);
  for (size_t i = 0; i < n; i++) job.values[i] = values[i] * scale;
  if (r == 0) return;
  std::vector<double> z = inverseIteration(t, values, r);
  onThreads(std::min(threads, r), [&, crew = std::min(threads, r)](size_t id) {
    reflectBack(tile, t, z.data(), r, r * id / crew, r * (id + 1) / crew);
  });
  for (size_t i = 0; i < r; i++) {
    size_t largest = 0;
    for (size_t s = 1; s < n; s++) {
      if (std::fabs(z[s * r + i]) > std::fabs(z[largest * r + i])) largest = s;
    }
    const double sign = z[largest * r + i] < 0 ? -1 : 1;
    for (size_t s = 0; s < n; s++) job.vectors[i * n + s] = sign * z[s * r + i];
  }
}

}  // namespace reseed

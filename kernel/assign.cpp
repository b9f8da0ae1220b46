// Assignment of the rows of A to rows of B: on all values where they fit in memory, else on lists of the best.
//
// Values are the float64 products that the portable kernel computes (or their sizes), so both kernels decide alike.
// The bound of the dense form is the dual one, for the final prices p ≥ 0: Σ_i max_j (value_ij − p_j) + Σ_j p_j;
// it holds for any prices, whatever happened before, up to the rounding of the two sums.
#include "assign.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "assign-solver.h"

namespace reseed {

namespace {

/** List length where whole rows are at hand. */
constexpr size_t denseList = 32;
/** Rows of A, and floats of B, that are multiplied with each other while both are in cache. */
constexpr size_t blockRows = 64;
constexpr size_t blockFloats = size_t{1} << 16;
/** A single row is shared out among threads from this many multiplications on. */
constexpr size_t sharedWork = size_t{1} << 22;

/** Exact values of rows [from, to) with columns [first, last): out[(i − from)·stride + j]. */
void valuesOf(const Path& path, const RowPairs& p, size_t from, size_t to, size_t first, size_t last, double* out,
              size_t stride) {
  const size_t width = std::clamp<size_t>(blockFloats / std::max<size_t>(1, p.d), 8, 1024);
  std::vector<int32_t> columns(width);
  for (size_t j = first; j < last; j += width) {
    const size_t n = std::min(width, last - j);
    std::iota(columns.begin(), columns.end(), static_cast<int32_t>(j));
    for (size_t i = from; i < to; i++) {
      double* row = out + (i - from) * stride + j;
      path.dots(p.a + i * p.d, p.b, p.d, columns.data(), n, row);
      if (!p.absolute) continue;
      for (size_t l = 0; l < n; l++) row[l] = std::abs(row[l]);
    }
  }
}

}  // namespace

void assignDense(const Path& path, size_t threads, Stop stop, const DenseAssignJob& job) {
  const RowPairs& pairs = job.pairs;
  const size_t f = pairs.f, g = pairs.g, m = std::min(g, denseList);
  const AssignState& state = job.state;
  *job.upperBound = 0;
  if (f == 0) return;
  std::vector<double> values(f * g), kept(f * m);
  std::vector<int32_t> index(f * m);
  Pieces blocks;
  blocks.reset((f + blockRows - 1) / blockRows);
  onThreads(threads, [&](size_t) {
    TopList top;
    for (size_t block; !stop.asked() && blocks.take(block);) {
      const size_t from = block * blockRows, to = std::min(f, from + blockRows);
      valuesOf(path, pairs, from, to, 0, g, values.data() + from * g, g);
      for (size_t i = from; i < to; i++) {
        top.select(values.data() + i * g, state.price, g, m, index.data() + i * m, kept.data() + i * m);
      }
    }
  });
  if (stop.asked()) return;
  AssignSolver solver(stop, f, g, {m, index.data(), kept.data()}, state,
                      [&](size_t i) { return values.data() + i * g; });
  solver.run(SIZE_MAX);
  for (size_t i = 0; i < f && !stop.asked(); i++) {
    double most = -std::numeric_limits<double>::infinity();
    for (size_t j = 0; j < g; j++) most = std::max(most, values[i * g + j] - state.price[j]);
    *job.upperBound += most;
  }
  for (size_t j = 0; j < g; j++) *job.upperBound += state.price[j];
}

void assignOnLists(const Path& path, size_t threads, Stop stop, const ListAssignJob& job) {
  const RowPairs& pairs = job.pairs;
  const size_t f = pairs.f, g = pairs.g;
  if (f == 0) return;
  std::vector<double> values(g);
  const size_t crew = g * pairs.d < sharedWork ? 1 : threads;
  AssignSolver solver(stop, f, g, job.lists, job.state, [&](size_t i) {
    onThreads(crew, [&](size_t id) {
      valuesOf(path, pairs, i, i + 1, g * id / crew, g * (id + 1) / crew, values.data(), g);
    });
    return values.data();
  });
  solver.run(job.scans);
  if (job.complete) solver.complete();
}

}  // namespace reseed

// Assignment of rows to columns: on all values where they fit in memory, else on lists of the best.
//
// Values are the float64 numbers that the portable kernel computes (or their sizes), so both kernels decide alike.
// The bound of the dense form is the dual one, for the final prices p ≥ 0: Σ_i max_j (value_ij − p_j) + Σ_j p_j;
// it holds for any prices, whatever happened before, up to the rounding of the two sums.
#include "assignment/assign.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "assignment/solver.h"

namespace reseed {

namespace {

/** List length where whole rows are at hand. */
constexpr size_t denseList = 32;
/** Rows that a thread takes at a time. */
constexpr size_t blockRows = 64;

}  // namespace

void assignDense(const CodePath& path, size_t threads, Stop stop, const DenseAssignJob& job) {
  const Pairs& pairs = *job.pairs;
  const size_t f = pairs.f, g = pairs.g, m = std::min(g, denseList);
  const AssignState& state = job.state;
  *job.upperBound = 0;
  if (f == 0) return;
  // Not set to 0: each thread is the first to touch its rows.
  const auto values = std::make_unique_for_overwrite<double[]>(f * g);
  std::vector<double> kept(f * m), most(f);
  std::vector<int32_t> index(f * m);
  Pieces blocks;
  blocks.reset((f + blockRows - 1) / blockRows);
  onThreads(threads, [&](size_t) {
    TopList top;
    for (size_t block; !stop.asked() && blocks.take(block);) {
      const size_t from = block * blockRows, to = std::min(f, from + blockRows);
      pairs.values(path, from, to, values.get() + from * g);
      for (size_t i = from; i < to; i++) {
        top.select(values.get() + i * g, state.price, g, firstChoice(i, f, g), m, index.data() + i * m,
                   kept.data() + i * m);
      }
    }
  });
  if (stop.asked()) return;
  AssignSolver solver(stop, f, g, {m, index.data(), kept.data()}, state,
                      [&](size_t i) { return values.get() + i * g; });
  solver.run(SIZE_MAX);
  blocks.reset((f + blockRows - 1) / blockRows);
  onThreads(threads, [&](size_t) {
    for (size_t block; !stop.asked() && blocks.take(block);) {
      for (size_t i = block * blockRows; i < std::min(f, (block + 1) * blockRows); i++) {
        most[i] = -std::numeric_limits<double>::infinity();
        for (size_t j = 0; j < g; j++) most[i] = std::max(most[i], values[i * g + j] - state.price[j]);
      }
    }
  });
  for (const double v : most) *job.upperBound += v;
  for (size_t j = 0; j < g; j++) *job.upperBound += state.price[j];
}

void assignOnLists(const CodePath& path, size_t threads, Stop stop, const ListAssignJob& job) {
  const Pairs& pairs = *job.pairs;
  const size_t f = pairs.f, g = pairs.g;
  *job.upperBound = 0;
  if (f == 0) return;
  std::vector<double> values(g);
  AssignSolver solver(stop, f, g, job.lists, job.state, [&](size_t i) {
    pairs.row(path, threads, i, values.data());
    return values.data();
  });
  solver.run(job.scans);
  *job.upperBound = solver.allAssigned() ? solver.upperBound() : std::nan("");
  if (job.complete) solver.complete();
}

}  // namespace reseed

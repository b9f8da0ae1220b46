// What one thread of a match holds: the pairs that it has listed, and the best partners that it has found.
#pragma once
#include <vector>

#include "isa/packed.h"
#include "matching/best.h"
#include "matching/limits.h"

namespace reseed {

/** Pairs that are listed before the best of them are computed, for the limits of the others. */
constexpr size_t promoteAfter = size_t{1} << 16;

struct Candidates {
  Candidates(size_t f, size_t g, size_t capacity)
      : rowMaxima(f), rowLimits(f), colLimits(g), rowExactLimits(f), colExactLimits(g), rows(f), cols(g), capacity(capacity),
        list(capacity * sizeof(Hit)), starts(f + 1) {
    partners.reserve(capacity);
    values.reserve(g);
  }

  Maxima rowMaxima;
  ApproximateLimits rowLimits, colLimits;
  ExactLimits rowExactLimits, colExactLimits;
  /** The best of the pairs that this thread has computed. */
  std::vector<BothBest> rows, cols;
  /** Room for this many pairs; not initialised, most of it is never touched. */
  size_t capacity;
  Bytes list;
  /** Pairs in the list, and at how many the best of them are computed. */
  size_t listed = 0, promoteAt = promoteAfter;

  /** Scratch space of Settling: leading pairs; partners and products, grouped by row. */
  std::vector<Hit> leaders;
  std::vector<size_t> starts;
  std::vector<int32_t> partners;
  std::vector<double> values;

  Hit* begin() const { return list.as<Hit>(); }
  Hit* end() const { return begin() + listed; }

  /** Whether a pair is at least the second of its row or of its column so far. */
  bool leads(const Hit& hit, const TopTwo& byCol) {
    const auto of = [v = hit.approx](const TopTwo& top, int32_t at) {
      const size_t i = static_cast<size_t>(at);
      return v >= top.high2[i] || std::fabs(v) >= top.secondBySize(i);
    };
    return of(rowMaxima.view(), hit.row) || of(byCol, hit.col);
  }
};

}  // namespace reseed

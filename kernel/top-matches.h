// The best m columns of each row by value less a price, exact: what candidate lists and their certificate need.
#pragma once
#include "assign.h"

namespace reseed {

struct TopMatchesJob {
  RowPairs pairs;
  /** [g] subtracted from each value to rank columns */
  const double* price;
  /** Results [f × m], m ≤ g, by descending value − price, ties to the lower index. */
  ColumnLists out;
};

void topMatches(const Path& path, size_t threads, Stop stop, const TopMatchesJob& job);

}  // namespace reseed

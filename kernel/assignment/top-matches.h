// The best columns of each row of a product, less a price a column.
#pragma once
#include "assignment/pairs.h"

namespace reseed {

/** RowPairs::topMatches. */
void topRowMatches(const CodePath& path, size_t threads, Stop stop, const RowPairs& pairs, const double* price, ColumnLists out);

}  // namespace reseed

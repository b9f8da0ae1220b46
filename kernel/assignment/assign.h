// Maximum-weight one-to-one assignment of rows to columns, exact.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "assignment/pairs.h"
#include "isa/code-path.h"
#include "threads/team.h"

namespace reseed {

/** What the solver has so far. An unassigned column has price 0, and prices only rise. */
struct AssignState {
  /** [rows] column of each row, −1 = none yet */
  int32_t* partner;
  /** [rows] value of that pair, 0 where there is none */
  double* value;
  /** [columns] */
  double* price;
};

struct DenseAssignJob {
  std::shared_ptr<const Pairs> pairs;
  /** Empty at first: every partner −1, values and prices 0. */
  AssignState state;
  /** [1] result: no assignment's total is larger. */
  double* upperBound;
};

/** Holds all f·g values in float64. */
void assignDense(const CodePath& path, size_t threads, Stop stop, const DenseAssignJob& job);

struct ListAssignJob {
  std::shared_ptr<const Pairs> pairs;
  /** m ≥ 2 where there are so many columns. */
  ColumnLists lists;
  AssignState state;
  /** How many rows may be computed anew where their list does not reach. */
  size_t scans;
  /** Give rows that are still unassigned the best column that is left, without a claim to be optimal. */
  bool complete;
  /** [1] result: no assignment's total is larger; NaN where the scans did not suffice. */
  double* upperBound;
};

/** Assigns on lists; rows stay unassigned (−1) when `scans` are used up. */
void assignOnLists(const CodePath& path, size_t threads, Stop stop, const ListAssignJob& job);

}  // namespace reseed

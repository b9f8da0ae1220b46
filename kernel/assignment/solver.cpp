// Shortest augmenting paths over lists of each row's best columns, exact.
//
// The algorithm of Jonker and Volgenant (Computing 38, 1987) for max Σ value[i][partner(i)], rows ≤ columns: prices
// p_j ≥ 0, a row's profit u_i = max_j (value_ij − p_j), all prices 0 at first. Rows without a column first bid for
// their best one, raising its price to where the second best is as good ("augmenting row reduction"); the few that
// are left take a shortest path of reassignments (Dijkstra over value_ij − p_j, which prices keep non-negative).
// An unassigned column keeps price 0, so Σ u_i + Σ p_j equals the total: the assignment is optimal.
//
// A row looks at its list of m columns only. Prices never fall, so a column outside the list is never worth more
// than the worst in the list was when it was made: the row's limit. A bid is right when its second best reaches the
// limit. In a search, a row at distance h can reach columns outside its list no sooner than h − limit; when the
// search gets that far, the row is computed anew at current prices. So every decision is the one that whole rows
// would give. Almost all work is on lists: a whole row is looked at only when its list is used up.
//
// The result does not depend on the order within lists. Of columns that are equally good a row takes a free one, else
// the first from its own first choice on; of equally near ones the search takes the lower first, and those in lists
// before it computes a row.
#include "assignment/solver.h"

#include <algorithm>
#include <limits>

namespace reseed {

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
/** Bids a round, per row; the search does the rest. */
constexpr size_t bidsPerRow = 8;
constexpr size_t none = SIZE_MAX;
}  // namespace

void AssignSolver::Queue::push(Key key) {
  keys_.push_back(key);
  std::push_heap(keys_.begin(), keys_.end(), Later());
}

void AssignSolver::Queue::pop() {
  std::pop_heap(keys_.begin(), keys_.end(), Later());
  keys_.pop_back();
}

AssignSolver::AssignSolver(Stop stop, size_t rows, size_t columns, ColumnLists lists, AssignState state,
                           RowValues values)
    : stop_(stop), rows_(rows), columns_(columns), lists_(lists), state_(state), values_(std::move(values)),
      limit_(rows), rowOf_(columns, -1), distance_(columns, infinity), reachedValue_(columns), from_(rows),
      reachedFrom_(columns), computedIn_(rows), isClosed_(columns) {
  for (size_t i = 0; i < rows; i++) {
    measureLimit(i);
    if (state.partner[i] >= 0) rowOf_[static_cast<size_t>(state.partner[i])] = static_cast<int32_t>(i);
  }
}

void AssignSolver::run(size_t scans) {
  scansLeft_ = scans;
  std::vector<int32_t> free;
  for (size_t i = 0; i < rows_; i++) {
    if (state_.partner[i] < 0) free.push_back(static_cast<int32_t>(i));
  }
  for (int round = 0; round < 2; round++) free = bidAll(free);
  for (const int32_t row : free) {
    if (stop_.asked()) return;
    augment(row);
  }
}

void AssignSolver::complete() {
  for (size_t i = 0; i < rows_; i++) {
    if (state_.partner[i] >= 0) continue;
    if (stop_.asked()) return;
    const double* values = values_(i);
    int32_t best = -1;
    for (size_t j = 0; j < columns_; j++) {
      if (rowOf_[j] < 0 && (best < 0 || values[j] > values[best])) best = static_cast<int32_t>(j);
    }
    assign(i, best, values[best]);
  }
}

bool AssignSolver::allAssigned() const {
  return std::all_of(state_.partner, state_.partner + rows_, [](int32_t j) { return j >= 0; });
}

double AssignSolver::upperBound() const {
  double bound = 0;
  for (size_t i = 0; i < rows_; i++) {
    double most = -infinity;
    for (size_t e = i * lists_.m; e < (i + 1) * lists_.m; e++) most = std::max(most, worth(e));
    if (most < limit_[i]) {
      const double* values = values_(i);
      for (size_t j = 0; j < columns_; j++) most = std::max(most, values[j] - state_.price[j]);
    }
    bound += most;
  }
  for (size_t j = 0; j < columns_; j++) bound += state_.price[j];
  return bound;
}

void AssignSolver::assign(size_t row, int32_t column, double value) {
  state_.partner[row] = column;
  state_.value[row] = value;
  rowOf_[static_cast<size_t>(column)] = static_cast<int32_t>(row);
}

void AssignSolver::measureLimit(size_t row) {
  double least = infinity;
  for (size_t e = row * lists_.m; e < (row + 1) * lists_.m; e++) least = std::min(least, worth(e));
  limit_[row] = lists_.m < columns_ ? least : -infinity;
}

/** Computes a row and lists its best columns at current prices; null when no scan is left. */
const double* AssignSolver::scan(size_t row) {
  if (scansLeft_ == 0) return nullptr;
  scansLeft_--;
  const double* values = values_(row);
  const size_t at = row * lists_.m;
  top_.select(values, state_.price, columns_, firstChoice(row, rows_, columns_), lists_.m, lists_.index + at, lists_.value + at);
  measureLimit(row);
  return values;
}

/** Entries of the row's two best columns; `none` where there is no second. False when the list does not reach. */
bool AssignSolver::bestTwo(size_t row, size_t& best, size_t& second) {
  for (;;) {
    double first = -infinity, next = -infinity;
    best = second = none;
    for (size_t e = row * lists_.m; e < (row + 1) * lists_.m; e++) {
      const double worth = this->worth(e);
      if (worth > first || (worth == first && isChosenBefore(row, e, best))) {
        next = first;
        second = best;
        first = worth;
        best = e;
      } else if (worth > next || (worth == next && isChosenBefore(row, e, second))) {
        next = worth;
        second = e;
      }
    }
    if (next >= limit_[row]) return true;
    if (scan(row) == nullptr) return false;
  }
}

/** Whether a row that finds two entries equally good takes this one: a free column, else the first from its choice on. */
bool AssignSolver::isChosenBefore(size_t row, size_t entry, size_t other) const {
  const size_t column = static_cast<size_t>(lists_.index[entry]), than = static_cast<size_t>(lists_.index[other]);
  const bool isFree = rowOf_[column] < 0;
  if (isFree != (rowOf_[than] < 0)) return isFree;
  const size_t first = firstChoice(row, rows_, columns_);
  return (column < first) == (than < first) ? column < than : than < first;
}

/** Every row of `free` bids, and so do rows that are outbid; returns those that are left without a column. */
std::vector<int32_t> AssignSolver::bidAll(const std::vector<int32_t>& free) {
  std::vector<int32_t> left;
  size_t bids = bidsPerRow * rows_;
  for (const int32_t first : free) {
    for (int32_t row = first; row >= 0;) {
      const size_t i = static_cast<size_t>(row);
      size_t entry, second;
      if (stop_.asked() || !bestTwo(i, entry, second)) {
        left.push_back(row);
        break;
      }
      double& price = state_.price[lists_.index[entry]];
      const double raised = second == none ? price : price + (worth(entry) - worth(second));
      const bool rises = raised > price;
      if (rises) {
        price = raised;
      } else if (rowOf_[static_cast<size_t>(lists_.index[entry])] >= 0 && second != none) {
        // As good, and perhaps still free.
        entry = second;
      }
      const int32_t column = lists_.index[entry];
      const int32_t outbid = rowOf_[static_cast<size_t>(column)];
      assign(i, column, lists_.value[entry]);
      if (outbid >= 0) {
        state_.partner[outbid] = -1;
        state_.value[outbid] = 0;
      }
      const bool goesOn = outbid >= 0 && rises && bids > 0;
      if (goesOn) bids--;
      if (outbid >= 0 && !goesOn) left.push_back(outbid);
      row = goesOn ? outbid : -1;
    }
  }
  return left;
}

/** Offers a column at the distance it has from `row`. */
void AssignSolver::reach(int32_t row, int32_t column, double value) {
  const size_t j = static_cast<size_t>(column);
  const double distance = from_[static_cast<size_t>(row)] - (value - state_.price[j]);
  // Columns past the nearest free one are not on the shortest path, and others as near need not be.
  if (!(distance < distance_[j]) || distance >= nearestFree_ || isClosed_[j]) return;
  if (distance_[j] == infinity) touched_.push_back(column);
  distance_[j] = distance;
  reachedFrom_[j] = row;
  reachedValue_[j] = value;
  columnsOpen_.push({distance, column});
  if (rowOf_[j] < 0) nearestFree_ = distance;
}

void AssignSolver::reachList(int32_t row) {
  const size_t i = static_cast<size_t>(row);
  for (size_t e = i * lists_.m; e < (i + 1) * lists_.m; e++) reach(row, lists_.index[e], lists_.value[e]);
  const double beyond = from_[i] - limit_[i];
  if (beyond < nearestFree_) rowsOpen_.push({beyond, row});
}

/** Reaches columns outside the row's list: through a new list, and if that is used up too, all of them. */
bool AssignSolver::lookBeyond(int32_t row) {
  const size_t i = static_cast<size_t>(row);
  const double* values = scan(i);
  if (values == nullptr) return false;
  if (computedIn_[i] != search_) {
    computedIn_[i] = search_;
    reachList(row);
  } else {
    for (size_t j = 0; j < columns_; j++) reach(row, static_cast<int32_t>(j), values[j]);
  }
  return true;
}

/** Searches from a row without a column; returns the nearest free column, or −1 when no scan is left. */
int32_t AssignSolver::nearestFreeColumn(int32_t start) {
  from_[static_cast<size_t>(start)] = 0;
  reachList(start);
  for (;;) {
    // A column that was reached again, by a shorter way, has an old key that no longer counts.
    while (!columnsOpen_.empty() && isClosed_[static_cast<size_t>(columnsOpen_.top().id)]) columnsOpen_.pop();
    if (!rowsOpen_.empty() &&
        (columnsOpen_.empty() || rowsOpen_.top().distance < columnsOpen_.top().distance)) {
      const int32_t row = rowsOpen_.top().id;
      rowsOpen_.pop();
      if (!lookBeyond(row)) return -1;
      continue;
    }
    const Key nearest = columnsOpen_.top();
    columnsOpen_.pop();
    const size_t j = static_cast<size_t>(nearest.id);
    const int32_t owner = rowOf_[j];
    if (owner < 0) return nearest.id;
    isClosed_[j] = 1;
    closed_.push_back(nearest.id);
    const size_t i = static_cast<size_t>(owner);
    from_[i] = nearest.distance + (state_.value[i] - state_.price[j]);
    reachList(owner);
  }
}

/** Gives a row a column along the shortest path, if that is found before the scans are used up. */
void AssignSolver::augment(int32_t start) {
  search_++;
  nearestFree_ = infinity;
  columnsOpen_.clear();
  rowsOpen_.clear();
  const int32_t end = nearestFreeColumn(start);
  if (end >= 0) {
    const double length = distance_[static_cast<size_t>(end)];
    for (const int32_t column : closed_) {
      const size_t j = static_cast<size_t>(column);
      // Rounding can put a column an ulp past the end; prices must not fall.
      state_.price[j] += std::max(0.0, length - distance_[j]);
    }
    for (int32_t column = end;;) {
      const size_t j = static_cast<size_t>(column);
      const int32_t row = reachedFrom_[j];
      const int32_t left = state_.partner[row];
      assign(static_cast<size_t>(row), column, reachedValue_[j]);
      if (row == start) break;
      column = left;
    }
  }
  for (const int32_t column : closed_) isClosed_[static_cast<size_t>(column)] = 0;
  for (const int32_t column : touched_) distance_[static_cast<size_t>(column)] = infinity;
  closed_.clear();
  touched_.clear();
}

}  // namespace reseed

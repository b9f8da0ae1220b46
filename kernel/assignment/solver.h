// Shortest augmenting paths over lists of each row's best columns, exact.
#pragma once
#include <functional>
#include <vector>

#include "assignment/assign.h"
#include "assignment/top-list.h"

namespace reseed {

class AssignSolver {
 public:
  /** Values of row i with all columns; valid until the next call. */
  using RowValues = std::function<const double*(size_t i)>;

  AssignSolver(Stop stop, size_t rows, size_t columns, ColumnLists lists, AssignState state, RowValues values);

  /** Assigns every row, computing at most `scans` rows anew; rows that need more stay unassigned. */
  void run(size_t scans);
  /** Gives each unassigned row, in order, the free column with the largest value. */
  void complete();
  bool allAssigned() const;
  /** Σ_i max_j (value_ij − p_j) + Σ_j p_j: no total is larger. Computes rows that are worth less than their limit. */
  double upperBound() const;

 private:
  struct Key {
    double distance;
    int32_t id;
  };
  struct Later {
    bool operator()(const Key& p, const Key& q) const {
      return p.distance > q.distance || (p.distance == q.distance && p.id > q.id);
    }
  };
  /** Keys with the nearest on top, of equal ones the lower id. */
  class Queue {
   public:
    void clear() { keys_.clear(); }
    bool empty() const { return keys_.empty(); }
    const Key& top() const { return keys_.front(); }
    void push(Key key);
    void pop();

   private:
    std::vector<Key> keys_;
  };

  double worth(size_t entry) const { return lists_.value[entry] - state_.price[lists_.index[entry]]; }
  void measureLimit(size_t row);
  const double* scan(size_t row);
  void assign(size_t row, int32_t column, double value);
  bool isChosenBefore(size_t row, size_t entry, size_t other) const;
  bool bestTwo(size_t row, size_t& best, size_t& second);
  std::vector<int32_t> bidAll(const std::vector<int32_t>& free);
  void augment(int32_t start);
  void reach(int32_t row, int32_t column, double value);
  void reachList(int32_t row);
  bool lookBeyond(int32_t row);
  int32_t nearestFreeColumn(int32_t start);

  Stop stop_;
  size_t rows_, columns_;
  ColumnLists lists_;
  AssignState state_;
  RowValues values_;
  TopList top_;
  size_t scansLeft_ = 0;
  /** Worth of every column outside a row's list is at most this, now and later. */
  std::vector<double> limit_;
  std::vector<int32_t> rowOf_;

  // Of the search that is under way: of columns their distance, the row they were reached from and its value with
  // them; of rows their distance (of their column, plus what the row's own profit adds) and the last search that
  // computed them anew.
  std::vector<double> distance_, reachedValue_, from_;
  std::vector<int32_t> reachedFrom_, touched_, closed_;
  std::vector<size_t> computedIn_;
  std::vector<char> isClosed_;
  Queue columnsOpen_, rowsOpen_;
  double nearestFree_ = 0;
  size_t search_ = 0;
};

}  // namespace reseed

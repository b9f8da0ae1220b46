// Selection of the m columns of one row with the largest value − price; of equal ones the first from a column on.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace reseed {

/** The column that row i of f prefers among equal ones of g; next come those after it, then from column 0 on. */
inline size_t firstChoice(size_t i, size_t f, size_t g) { return i * g / f; }

/** A column with what it is worth to a row: value − price. */
struct Offer {
  double worth;
  int32_t column;
  /** A total order, so the best m are one set whatever the order in which columns are seen. */
  bool operator<(const Offer& other) const {
    return worth > other.worth || (worth == other.worth && column < other.column);
  }
};

class TopList {
 public:
  /** Writes the best m ≤ n columns and their values, best first. @param first first among equal ones */
  void select(const double* value, const double* price, size_t n, size_t first, size_t m, int32_t* index,
              double* kept) {
    heap_.clear();
    if (m == 0) return;
    see(value, price, first, n, m, 0);
    see(value, price, 0, first, m, n - first);
    std::sort_heap(heap_.begin(), heap_.end());
    for (size_t s = 0; s < heap_.size(); s++) {
      const size_t count = static_cast<size_t>(heap_[s].column), j = count < n - first ? first + count : count - (n - first);
      index[s] = static_cast<int32_t>(j);
      kept[s] = value[j];
    }
  }

 private:
  /** Takes what is good enough of columns [from, to); `from` is column `count`, counted from the first choice. */
  void see(const double* value, const double* price, size_t from, size_t to, size_t m, size_t count) {
    size_t j = from;
    for (; j < to && heap_.size() < m; j++) {
      heap_.push_back({value[j] - price[j], static_cast<int32_t>(count + j - from)});
      // The worst of the kept is on top of the heap.
      if (heap_.size() == m) std::make_heap(heap_.begin(), heap_.end());
    }
    constexpr size_t group = 16;
    while (j < to) {
      const double worst = heap_.front().worth;
      if (j + group <= to) {
        int some = 0;
        for (size_t l = 0; l < group; l++) some |= value[j + l] - price[j + l] > worst;
        if (some == 0) {
          j += group;
          continue;
        }
      }
      for (const size_t end = std::min(to, j + group); j < end; j++) {
        const double worth = value[j] - price[j];
        if (!(worth > heap_.front().worth)) continue;
        std::pop_heap(heap_.begin(), heap_.end());
        heap_.back() = {worth, static_cast<int32_t>(count + j - from)};
        std::push_heap(heap_.begin(), heap_.end());
      }
    }
  }

  /** What is kept, with the column counted from the row's first choice. */
  std::vector<Offer> heap_;
};

}  // namespace reseed

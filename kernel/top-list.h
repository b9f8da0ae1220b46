// Selection of the m columns of one row with the largest value − price; of equal ones the lower index.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace reseed {

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
  /** Writes the best m ≤ n columns and their values, in no particular order. */
  void select(const double* value, const double* price, size_t n, size_t m, int32_t* index, double* kept) {
    heap_.clear();
    size_t j = 0;
    for (; j < n && heap_.size() < m; j++) heap_.push_back({value[j] - price[j], static_cast<int32_t>(j)});
    // The worst of the kept is on top of the heap.
    std::make_heap(heap_.begin(), heap_.end());
    constexpr size_t group = 16;
    for (; m > 0 && j < n;) {
      const double worst = heap_.front().worth;
      if (j + group <= n) {
        int some = 0;
        for (size_t l = 0; l < group; l++) some |= value[j + l] - price[j + l] > worst;
        if (some == 0) {
          j += group;
          continue;
        }
      }
      for (const size_t end = std::min(n, j + group); j < end; j++) {
        const double worth = value[j] - price[j];
        if (!(worth > heap_.front().worth)) continue;
        std::pop_heap(heap_.begin(), heap_.end());
        heap_.back() = {worth, static_cast<int32_t>(j)};
        std::push_heap(heap_.begin(), heap_.end());
      }
    }
    for (size_t s = 0; s < heap_.size(); s++) {
      index[s] = heap_[s].column;
      kept[s] = value[heap_[s].column];
    }
  }

 private:
  std::vector<Offer> heap_;
};

}  // namespace reseed

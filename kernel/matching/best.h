// The best and second-best partner of each row: the larger value first, and of equal values the lower index.
//
// That order is total, so partners may be offered in any order, twice, and by any thread.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace reseed {

struct TwoBest {
  double value = -std::numeric_limits<double>::infinity();
  double secondValue = -std::numeric_limits<double>::infinity();
  int32_t index = -1, secondIndex = -1;

  static bool before(double v, int32_t i, double than, int32_t at) { return v > than || (v == than && i < at); }

  void offer(double v, int32_t i) {
    if (v < secondValue || i == index || i == secondIndex) return;
    if (index < 0 || before(v, i, value, index)) {
      secondValue = value;
      secondIndex = index;
      value = v;
      index = i;
    } else if (secondIndex < 0 || before(v, i, secondValue, secondIndex)) {
      secondValue = v;
      secondIndex = i;
    }
  }

  void merge(const TwoBest& other) {
    if (other.index >= 0) offer(other.value, other.index);
    if (other.secondIndex >= 0) offer(other.secondValue, other.secondIndex);
  }
};

/** Where a finished table goes: n entries each. */
struct BestOut {
  int32_t* index;
  double* value;
  int32_t* secondIndex;
  double* secondValue;

  void put(size_t i, const TwoBest& best) const {
    index[i] = best.index;
    value[i] = best.index < 0 ? 0 : best.value;
    secondIndex[i] = best.secondIndex;
    secondValue[i] = best.secondIndex < 0 ? 0 : best.secondValue;
  }
};

/** Partners by signed value and by size. */
struct BothBest {
  TwoBest bySign, bySize;
  void offer(double v, int32_t i) {
    bySign.offer(v, i);
    bySize.offer(std::fabs(v), i);
  }
  /** Whether v could be among them. */
  bool reachedBy(double v) const { return !(v < bySign.secondValue) || !(std::fabs(v) < bySize.secondValue); }
  void merge(const BothBest& other) {
    bySign.merge(other.bySign);
    bySize.merge(other.bySize);
  }
};

struct MatchesOut {
  BestOut rowSigned, rowAbs, colSigned, colAbs;
};

}  // namespace reseed

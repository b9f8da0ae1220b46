// What a product must reach to be among the two best of its row or its column, as it is known while pairs are screened.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "isa/strip-scan.h"
#include "matching/best.h"
#include "matching/sides.h"

namespace reseed {

/** Running maxima of the approximate products of n rows or columns, −∞ at first. */
class Maxima {
 public:
  explicit Maxima(size_t n) : values_(4 * (n + vectorMargin), -HUGE_VALF), n_(n + vectorMargin) {}
  TopTwo view() {
    float* p = values_.data();
    return {p, p + n_, p + 2 * n_, p + 3 * n_};
  }

 private:
  std::vector<float> values_;
  size_t n_;
};

/** The limits that approximate products set: one of row or column i matters that is ≥ high[i] or ≤ low[i]. */
class ApproximateLimits {
 public:
  explicit ApproximateLimits(size_t n) : high_(n), low_(n) {}
  void take(const TopTwo& top, const std::vector<float>& slack) {
    for (size_t i = 0; i < high_.size(); i++) {
      high_[i] = top.high2[i] - slack[i];
      low_[i] = slack[i] - top.secondBySize(i);
    }
  }
  bool reachedBy(float v, int32_t i) const {
    return (v >= high_[static_cast<size_t>(i)]) | (v <= low_[static_cast<size_t>(i)]);
  }

 private:
  std::vector<float> high_, low_;
};

/** The limits that exact products set, which are closer; at first everything matters. */
struct ExactLimits {
  std::vector<float> high, low;
  explicit ExactLimits(size_t n) : high(n + vectorMargin, -HUGE_VALF), low(n + vectorMargin, HUGE_VALF) {}
  /** From the best of rows or columns from … from + n. */
  void take(const std::vector<BothBest>& best, const std::vector<float>& slack, size_t from, size_t n) {
    for (size_t i = from; i < from + n; i++) {
      const double error = 0.5 * static_cast<double>(slack[i]);
      high[i] = std::nextafter(static_cast<float>(best[i].bySign.secondValue - error), -HUGE_VALF);
      low[i] = std::nextafter(static_cast<float>(error - best[i].bySize.secondValue), HUGE_VALF);
    }
  }
  StripScan::Floor view() const { return {high.data(), low.data()}; }
};

}  // namespace reseed

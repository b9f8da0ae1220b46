// What a code path's scan of approximate products takes and finds.
#pragma once
#include <cstddef>
#include <cstdint>

namespace reseed {

/** Running two largest approximate products of each row or column, and two largest of their negatives. */
struct TopTwo {
  float *high1, *high2, *neg1, *neg2;
  /** The second largest absolute value. */
  float secondBySize(size_t i) const {
    const float lesser = high1[i] < neg1[i] ? high1[i] : neg1[i], next = high2[i] > neg2[i] ? high2[i] : neg2[i];
    return lesser > next ? lesser : next;
  }
};

/** A pair whose exact product must be known. */
struct Hit {
  int32_t row, col;
  float approx;
};

/** One strip of approximate products and what the scan of it needs. */
struct StripScan {
  /** [rows × stride], overwritten by NaN past `cols` */
  float* strip;
  size_t stride, rows, cols;
  /** Index of the first row and column. */
  size_t row0, col0;
  TopTwo byRow, byCol;
  /** Twice the error bound of each row and column. */
  const float *rowSlack, *colSlack;
  /** Limits from exact products: a product matters if it is ≥ high or ≤ low, for its row or for its column. */
  struct Floor {
    const float *high, *low;
  } rowFloors, colFloors;
  /** Scratch space: two values for each column of the stride, whole vectors. */
  float* limits;
  Hit* hits;
};

}  // namespace reseed

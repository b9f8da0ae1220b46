// The rows of sparse codes, read in any order.
#pragma once
#include "codes/codes.h"
#include "isa/packed.h"

namespace reseed {

/** Codes B for reading rows in any order: the feature and the value of an entry lie side by side, so a row is in one piece. */
class CodeRows {
 public:
  /** @param mostCopied codes with more entries than this are read where they are */
  explicit CodeRows(const Codes& b, size_t mostCopied = size_t{1} << 24);
  /** sums[j] += Σ_n a_ni·b_nj, n ascending. @param columns codes A transposed, [features × N] */
  void add(double* sums, const Codes& columns, size_t i) const;

 private:
  struct Entry {
    int32_t feature;
    float value;
  };
  template <class Fetch, class EntryAt>
  void addFrom(double* sums, const Codes& columns, size_t i, Fetch fetch, EntryAt at) const;

  Codes b_;
  Bytes entries_;
};

}  // namespace reseed

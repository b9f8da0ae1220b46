// Best partners between the code columns of two autoencoders.
#pragma once
#include "isa/code-path.h"
#include "isa/packed.h"
#include "matching/best.h"
#include "threads/team.h"

namespace reseed {

/** Codes [rows × features] in compressed rows. */
struct Codes {
  size_t rows, features;
  const int32_t *offsets, *indices;
  const float* values;
};

struct CoFiringJob {
  Codes a, b;
  MatchesOut out;
};

/** Codes B whose rows are met in no order: an entry's feature and value lie side by side, and a row in one piece. */
class MetRows {
 public:
  /** @param mostCopied where B has more entries, they stay where they are */
  explicit MetRows(const Codes& b, size_t mostCopied = size_t{1} << 24);
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

void coFiring(const CodePath& path, size_t threads, Stop stop, const CoFiringJob& job);

}  // namespace reseed

// Exact products of the pairs of rows that are listed.
#pragma once
#include "isa/code-path.h"
#include "threads/team.h"

namespace reseed {

struct ListedProductsJob {
  /** [rows × d] and [… × d] */
  const float *a, *b;
  size_t rows, d;
  /** [rows + 1], [offsets[rows]]: rows of B for each row of A */
  const int32_t *offsets, *partners;
  /** [offsets[rows]] result */
  double* out;
};

void listedProducts(const CodePath& path, size_t threads, Stop stop, const ListedProductsJob& job);

}  // namespace reseed

// The values that an assignment is made of: products of rows, or cosines of code columns.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "codes/code-rows.h"
#include "codes/codes.h"
#include "isa/code-path.h"
#include "threads/team.h"

namespace reseed {

/**
 * The best m columns of each row by value − price: [rows × m], m ≤ columns, by descending value − price; of equal
 * ones the first from the row's first choice on (top-list.h).
 */
struct ColumnLists {
  size_t m;
  int32_t* index;
  double* value;
};

/** f rows to be assigned to g columns, f ≤ g. A value is the same number whenever and however it is computed. */
struct Pairs {
  size_t f = 0, g = 0;
  /** Match by the size of the value. */
  bool absolute = false;

  virtual ~Pairs() = default;
  /** out[(i − from)·g + j] = value of row i with column j, for the rows [from, to). */
  virtual void values(const CodePath& path, size_t from, size_t to, double* out) const = 0;
  /** The values of row i, by several threads where that pays. */
  virtual void row(const CodePath& path, size_t threads, size_t i, double* out) const = 0;
  /** Fills the lists of all rows at these prices [g]. */
  virtual void topMatches(const CodePath& path, size_t threads, Stop stop, const double* price, ColumnLists out) const = 0;
};

/** Rows A [f × d] and B [g × d]: a_i·b_j. */
struct RowPairs final : Pairs {
  const float *a = nullptr, *b = nullptr;
  size_t d = 0;

  void values(const CodePath& path, size_t from, size_t to, double* out) const override;
  void row(const CodePath& path, size_t threads, size_t i, double* out) const override;
  void topMatches(const CodePath& path, size_t threads, Stop stop, const double* price, ColumnLists out) const override;
};

/** Code columns A, transposed [f × N], and B [N × g]: the cosine over the N rows, not centred. */
struct CodePairs final : Pairs {
  Codes a{}, b{};
  /** [f], [g] Euclidean, above 0 */
  const double *normsA = nullptr, *normsB = nullptr;

  void values(const CodePath& path, size_t from, size_t to, double* out) const override;
  void row(const CodePath& path, size_t threads, size_t i, double* out) const override;
  void topMatches(const CodePath& path, size_t threads, Stop stop, const double* price, ColumnLists out) const override;

 private:
  void cosines(const CodePath& path, const CodeRows& rows, size_t i, double* out) const;
  /** B, copied once many rows are wanted. */
  const CodeRows& rowsOfB() const;
  mutable std::once_flag copied_;
  mutable std::unique_ptr<CodeRows> rowsOfB_;
};

}  // namespace reseed

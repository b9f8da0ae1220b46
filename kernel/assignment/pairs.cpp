// Exact values of pairs, in float64 as the portable kernel computes them.
#include "assignment/pairs.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "assignment/top-list.h"
#include "assignment/top-matches.h"

namespace reseed {

namespace {

/** Floats of B that are multiplied with some rows of A while both are in cache. */
constexpr size_t blockFloats = size_t{1} << 16;
/** A single row is shared out among threads from this many multiplications on. */
constexpr size_t sharedWork = size_t{1} << 22;
/** Code columns that a thread takes at a time. */
constexpr size_t columnsPerPiece = 16;

void toSizes(double* values, size_t n) {
  for (size_t l = 0; l < n; l++) values[l] = std::abs(values[l]);
}

/** Products of rows [from, to) with columns [first, last): out[(i − from)·g + j]. */
void products(const CodePath& path, const RowPairs& p, size_t from, size_t to, size_t first, size_t last, double* out) {
  const size_t width = std::clamp<size_t>(blockFloats / std::max<size_t>(1, p.d), 8, 1024);
  std::vector<int32_t> columns(width);
  for (size_t j = first; j < last; j += width) {
    const size_t n = std::min(width, last - j);
    std::iota(columns.begin(), columns.end(), static_cast<int32_t>(j));
    for (size_t i = from; i < to; i++) {
      double* row = out + (i - from) * p.g + j;
      path.dots(p.a + i * p.d, p.b, p.d, columns.data(), n, row);
      if (p.absolute) toSizes(row, n);
    }
  }
}

}  // namespace

void RowPairs::values(const CodePath& path, size_t from, size_t to, double* out) const {
  products(path, *this, from, to, 0, g, out);
}

void RowPairs::row(const CodePath& path, size_t threads, size_t i, double* out) const {
  const size_t teamSize = g * d < sharedWork ? 1 : threads;
  onThreads(teamSize, [&](size_t id) { products(path, *this, i, i + 1, g * id / teamSize, g * (id + 1) / teamSize, out); });
}

void RowPairs::topMatches(const CodePath& path, size_t threads, Stop stop, const double* price, ColumnLists out) const {
  topRowMatches(path, threads, stop, *this, price, out);
}

void CodePairs::cosines(const CodePath& path, const CodeRows& rows, size_t i, double* out) const {
  std::fill_n(out, g, 0.0);
  rows.add(out, a, i);
  path.cosines(out, normsA[i], normsB, g, out);
  if (absolute) toSizes(out, g);
}

const CodeRows& CodePairs::rowsOfB() const {
  std::call_once(copied_, [this] { rowsOfB_ = std::make_unique<CodeRows>(b); });
  return *rowsOfB_;
}

void CodePairs::values(const CodePath& path, size_t from, size_t to, double* out) const {
  for (size_t i = from; i < to; i++) cosines(path, rowsOfB(), i, out + (i - from) * g);
}

void CodePairs::row(const CodePath& path, size_t, size_t i, double* out) const { cosines(path, CodeRows(b, 0), i, out); }

void CodePairs::topMatches(const CodePath& path, size_t threads, Stop stop, const double* price, ColumnLists out) const {
  if (out.m == 0) return;
  Pieces pieces;
  pieces.reset((f + columnsPerPiece - 1) / columnsPerPiece);
  std::vector<std::vector<double>> rows(threads, std::vector<double>(g));
  onThreads(threads, [&](size_t id) {
    TopList top;
    double* row = rows[id].data();
    for (size_t piece; pieces.take(piece) && !stop.asked();) {
      const size_t end = std::min(f, (piece + 1) * columnsPerPiece);
      for (size_t i = piece * columnsPerPiece; i < end; i++) {
        values(path, i, i + 1, row);
        top.select(row, price, g, firstChoice(i, f, g), out.m, out.index + i * out.m, out.value + i * out.m);
      }
    }
  });
}

}  // namespace reseed

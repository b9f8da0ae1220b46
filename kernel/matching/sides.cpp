// Scales, norms and error bounds of the rows that are matched.
//
// The bound of a row holds against every row of the other side: it takes the largest norms that there are. Both sides are scaled
// by powers of two, which changes no bits and keeps the approximate products in float32's range.
#include "matching/sides.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "isa/packed.h"

namespace reseed {
namespace {

double squaredNorm(const float* row, size_t d) {
  double sums[8] = {};
  size_t t = 0;
  for (; t + 8 <= d; t += 8) {
    for (size_t l = 0; l < 8; l++) sums[l] += static_cast<double>(row[t + l]) * row[t + l];
  }
  for (; t < d; t++) sums[0] += static_cast<double>(row[t]) * row[t];
  return std::accumulate(sums, sums + 8, 0.0);
}

/** Whether float32 squares were good enough for a norm. That of a zero row is a little above 0 and is not. */
bool ordinary(double norm) { return norm > 0x1p-30 && norm < 0x1p30; }

/** The power of two that brings a row of this squared length to length ½ … 1; 1 where that is not needed. */
double scaleFor(double squares) {
  int exponent = 0;
  if (squares > 0) std::frexp(std::sqrt(squares), &exponent);
  return exponent > -20 && exponent < 20 ? 1 : std::ldexp(1.0, -exponent);
}

float slackOf(double error) {
  if (!(error < 1e30)) return HUGE_VALF;
  return std::nextafter(static_cast<float>(2 * error), HUGE_VALF);
}

}  // namespace

void Sides::measure(size_t id, const Screen& screen, ThreadTeam& team) {
  const size_t threads = team.size();
  measureRows(id, threads, screen, a);
  measureRows(id, threads, screen, b);
  longest_[id] = {findLongest(id, threads, a), findLongest(id, threads, b)};
  team.sync();
  if (id == 0) chooseScales();
  team.sync();
  for (Side* side : {&a, &b}) {
    if (side->scale != 1) measureRows(id, threads, screen, *side);
  }
  team.sync();
  if (id == 0) bound();
  team.sync();
}

/** Norms of this thread's share of the rows. */
void Sides::measureRows(size_t id, size_t threads, const Screen& screen, Side& side) const {
  for (size_t i = id; i < side.n; i += threads) {
    screen.rowNorms(side.data + i * d, d, side.scale, &side.norms[i].norm, &side.norms[i].lost);
  }
}

/** The largest squared norm in this thread's share; says which rows are 0. */
double Sides::findLongest(size_t id, size_t threads, Side& side) const {
  double longest = 0;
  for (size_t i = id; i < side.n; i += threads) {
    const double norm = side.norms[i].norm;
    const double squares = ordinary(norm) ? norm * norm : squaredNorm(side.data + i * d, d);
    longest = std::max(longest, squares);
    side.zero[i] = squares == 0;
  }
  return longest;
}

void Sides::chooseScales() {
  Longest all;
  for (const Longest& part : longest_) all = {std::max(all.a, part.a), std::max(all.b, part.b)};
  a.scale = scaleFor(all.a);
  b.scale = scaleFor(all.b);
  unit = a.scale * b.scale;
}

/** The error bounds, from the norms of all rows. */
void Sides::bound() {
  for (Side* side : {&a, &b}) {
    for (const Norms& norms : side->norms) side->largest.widen(norms);
  }
  for (size_t i = 0; i < a.n; i++) a.slack[i] = slackOf(screeningError(a.norms[i], b.largest, d));
  for (size_t j = 0; j < b.n; j++) b.slack[j] = slackOf(screeningError(a.largest, b.norms[j], d));
  // The partners of zero rows are known: no product can be above this limit.
  for (Side* side : {&a, &b}) {
    for (size_t i = 0; i < side->n; i++) {
      if (side->zero[i]) side->slack[i] = -std::numeric_limits<float>::max();
    }
  }
}

double lostShare(const Screen& screen, const float* rows, size_t n, size_t d) {
  constexpr size_t sample = 64;
  const size_t step = panelsOf(std::max<size_t>(n, 1), sample);
  double sum = 0, count = 0;
  for (size_t i = 0; i < n; i += step) {
    Norms norms;
    screen.rowNorms(rows + i * d, d, 1, &norms.norm, &norms.lost);
    if (!ordinary(norms.norm)) continue;
    sum += norms.lost / norms.norm;
    count++;
  }
  return count == 0 ? 0 : sum / count;
}

}  // namespace reseed

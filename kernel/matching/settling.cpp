#include "matching/settling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace reseed {

void Settling::drop(Candidates& c) {
  c.rowLimits.take(c.rowMaxima.view(), sides_.a.slack);
  c.colLimits.take(colMaxima_.view(), sides_.b.slack);
  Hit* const list = c.begin();
  size_t kept = 0;
  for (size_t h = 0; h < c.listed; h++) {
    const Hit hit = list[h];
    list[kept] = hit;
    kept += c.rowLimits.reachedBy(hit.approx, hit.row) | c.colLimits.reachedBy(hit.approx, hit.col);
  }
  c.listed = kept;
}

void Settling::promote(Candidates& c) {
  c.leaders.clear();
  Hit* const rest = std::remove_if(c.begin(), c.end(), [&](const Hit& hit) {
    const bool leads = c.leads(hit, colMaxima_.view());
    if (leads) c.leaders.push_back(hit);
    return leads;
  });
  compute(c, c.leaders.data(), c.leaders.data() + c.leaders.size());
  Hit* const kept = std::remove_if(c.begin(), rest, [&](const Hit& hit) {
    const size_t i = static_cast<size_t>(hit.row), j = static_cast<size_t>(hit.col);
    return !reaches(c.rows[i], hit.approx, 0.5 * static_cast<double>(sides_.a.slack[i])) &&
           !reaches(c.cols[j], hit.approx, 0.5 * static_cast<double>(sides_.b.slack[j]));
  });
  c.listed = static_cast<size_t>(kept - c.begin());
}

void Settling::settle(Candidates& c) {
  drop(c);
  promote(c);
  compute(c, c.begin(), narrow(c, c.begin(), c.end()));
  c.listed = 0;
  c.promoteAt = promoteAfter;
}

/** Whether a product that is within the error of v could be among the two best. */
bool Settling::reaches(const BothBest& best, double v, double error) const {
  return v + error >= sides_.unit * best.bySign.secondValue || std::fabs(v) + error >= sides_.unit * best.bySize.secondValue;
}

/** Moves the pairs that float32 sums cannot exclude to the front; returns their end. */
Hit* Settling::narrow(Candidates& c, Hit* from, Hit* to) {
  if (sides_.unit != 1) return to;
  const Side &a = sides_.a, &b = sides_.b;
  Hit* kept = from;
  const auto keep = [&](size_t row, const int32_t* partners, size_t count) {
    path_.quickDots(a.data + row * sides_.d, b.data, sides_.d, partners, count, c.values.data());
    const double error = screeningError({a.norms[row].norm, 0}, {b.largest.norm, 0}, sides_.d);
    for (size_t s = 0; s < count; s++) {
      const double v = c.values[s];
      const size_t j = static_cast<size_t>(partners[s]);
      if (!reaches(c.rows[row], v, error) && !reaches(c.cols[j], v, error)) continue;
      *kept++ = {static_cast<int32_t>(row), partners[s], static_cast<float>(v)};
    }
  };
  // Block by block, as they were listed, so that the rows of B stay in cache.
  const auto blockOf = [&](const Hit& hit) { return static_cast<size_t>(hit.col) / blockColumns_; };
  while (from < to) {
    Hit* const next = std::find_if(from, to, [&, block = blockOf(*from)](const Hit& hit) { return blockOf(hit) != block; });
    eachRow(c, from, next, keep);
    from = next;
  }
  return kept;
}

/** Products of these pairs in float64, offered to their rows and columns. */
void Settling::compute(Candidates& c, const Hit* from, const Hit* to) {
  eachRow(c, from, to, [&](size_t row, const int32_t* partners, size_t count) {
    path_.dots(sides_.a.data + row * sides_.d, sides_.b.data, sides_.d, partners, count, c.values.data());
    for (size_t s = 0; s < count; s++) {
      c.rows[row].offer(c.values[s], partners[s]);
      c.cols[static_cast<size_t>(partners[s])].offer(c.values[s], static_cast<int32_t>(row));
    }
  });
}

/** Calls then(row, partners, how many) for each row of these pairs, in order; `values` has room for as many. */
template <class Then>
void Settling::eachRow(Candidates& c, const Hit* from, const Hit* to, Then then) {
  std::fill(c.starts.begin(), c.starts.end(), 0);
  for (const Hit* h = from; h < to; h++) c.starts[static_cast<size_t>(h->row) + 1]++;
  std::partial_sum(c.starts.begin(), c.starts.end(), c.starts.begin());
  c.partners.resize(static_cast<size_t>(to - from));
  for (const Hit* h = from; h < to; h++) c.partners[c.starts[static_cast<size_t>(h->row)]++] = h->col;
  size_t done = 0;
  for (size_t row = 0; row < sides_.a.n && !stop_.asked(); row++) {
    const size_t count = c.starts[row] - done;
    const int32_t* partners = c.partners.data() + done;
    done += count;
    if (count == 0) continue;
    c.values.resize(std::max(c.values.size(), count));
    then(row, partners, count);
  }
}

}  // namespace reseed

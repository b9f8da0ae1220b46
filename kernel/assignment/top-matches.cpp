// The best m columns of each row by product less a price: approximate values of all pairs, tile by tile, then exact
// ones of the few that could be among the best.
//
// Worth w_ij = |a_i·b_j| − p_j (or without the size) is first known as x_ij with |w_ij − x_ij| ≤ e_i: the bound of
// screening-error.h for the product, plus 2⁻²²·(‖a‖‖b‖ + max p) for rounding p and the difference to float32. Let s be the
// m-th largest x of row i so far. At least m columns have w ≥ s − e_i, so one of the row's m best has w ≥ s − e_i,
// hence x ≥ s − 2e_i. All such columns are kept, ties too; s only grows, so none is missed. Kept columns are
// computed in float64 as the portable kernel does and ranked by (w, first from the row's first choice on): exact
// whatever the path.
//
// Where too many are close, those kept so far are computed, and all but the exact best m dropped. Rows whose bound
// is not finite (numbers near the ends of float32's range) are computed in full.
//
// Cost: 2·f·g·d operations at the rate of `screen`. Memory: B packed, and for each thread a chunk of rows of A with
// their lists, of about 16 MiB.
#include "assignment/top-matches.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "assignment/top-list.h"
#include "isa/packed.h"
#include "isa/screening-error.h"

namespace reseed {

namespace {

constexpr size_t blockBytes = size_t{1} << 19;
constexpr size_t blockColumns = 512;
constexpr size_t chunkRows = 512;

struct Row {
  std::vector<Offer> kept;
  /** Columns below this cannot be among the best. */
  double limit = -HUGE_VAL;
  double slack = 0;
};

struct Exact {
  /** The column counted from the row's first choice. */
  Offer offer;
  int32_t column;
  double value;
};

class TopMatchSearch {
 public:
  TopMatchSearch(const CodePath& path, Stop stop, const RowPairs& pairs, const double* price,
         ColumnLists out)
      : path_(path), screen_(*path.fine), stop_(stop), pairs_(pairs), price_(price), out_(out), m_(out.m) {
    const size_t bytes = std::max<size_t>(1, screen_.rowBytes(pairs_.d));
    const size_t fitting = std::min(blockBytes / bytes, blockColumns) / screen_.panelB;
    blockPanels_ = std::max<size_t>(1, fitting);
    blocks_ = panelsOf(panelsOf(pairs_.g, screen_.panelB), blockPanels_);
    chunk_ = panelsOf(chunkRows, screen_.panelA) * screen_.panelA;
    capacity_ = 8 * m_ + blockPanels_ * screen_.panelB;
    packed_.grow(std::max<size_t>(64, blocks_ * blockPanels_ * screen_.panelB * screen_.rowBytes(pairs_.d)));
    rounded_.assign(pairs_.g, 0);
    for (size_t j = 0; j < pairs_.g; j++) {
      rounded_[j] = static_cast<float>(price[j]);
      maxPrice_ = std::max(maxPrice_, std::abs(price[j]));
    }
    for (size_t j = 0; j < pairs_.g; j++) largest_.widen(norms(pairs_.b + j * pairs_.d));
  }

  void run(size_t threads) {
    Pieces panels, chunks;
    panels.reset(panelsOf(pairs_.g, screen_.panelB));
    chunks.reset(panelsOf(pairs_.f, chunk_));
    ThreadTeam team(threads);
    onThreads(threads, [&](size_t) {
      for (size_t panel; panels.take(panel);) packPanel(panel);
      team.sync();
      path_.enter();
      Bytes a(std::max<size_t>(64, chunk_ * screen_.rowBytes(pairs_.d)));
      Bytes strip(sizeof(float) * screen_.panelA * blockPanels_ * screen_.panelB);
      std::vector<Row> rows(chunk_);
      for (Row& row : rows) row.kept.reserve(capacity_);
      for (size_t chunk; !stop_.asked() && chunks.take(chunk);) {
        const size_t from = chunk * chunk_;
        findFor(from, std::min(pairs_.f, from + chunk_), a, strip.as<float>(), rows);
      }
      path_.leave();
    });
  }

 private:
  Norms norms(const float* row) const {
    Norms n;
    screen_.rowNorms(row, pairs_.d, 1, &n.norm, &n.lost);
    return n;
  }

  void packPanel(size_t panel) {
    const size_t column = panel * screen_.panelB;
    screen_.packB(pairs_.b + column * pairs_.d, std::min(screen_.panelB, pairs_.g - column), pairs_.d, 1,
                packed_.as() + column * screen_.rowBytes(pairs_.d));
  }

  void findFor(size_t from, size_t to, const Bytes& a, float* strip, std::vector<Row>& rows) {
    const size_t bytes = screen_.rowBytes(pairs_.d);
    for (size_t i = from; i < to; i += screen_.panelA) {
      screen_.packA(pairs_.a + i * pairs_.d, std::min(screen_.panelA, pairs_.f - i), pairs_.d, 1,
                  a.as() + (i - from) * bytes);
    }
    for (size_t i = from; i < to; i++) {
      const Norms own = norms(pairs_.a + i * pairs_.d);
      const double error = screeningError(own, largest_, pairs_.d) +
                           0x1p-22 * (maxPrice_ + (own.norm + own.lost) * (largest_.norm + largest_.lost));
      Row& row = rows[i - from];
      row.kept.clear();
      row.limit = -HUGE_VAL;
      // Written so that NaN counts as too large.
      row.slack = error < 1e30 ? 2 * error : HUGE_VAL;
    }
    // A vector more, as `atLeast` asks.
    std::vector<int32_t> hits(blockPanels_ * screen_.panelB + 16);
    for (size_t block = 0; block < blocks_; block++) {
      const size_t first = block * blockPanels_ * screen_.panelB;
      const size_t n = std::min(blockPanels_ * screen_.panelB, pairs_.g - first);
      const size_t panels = panelsOf(n, screen_.panelB), stride = panels * screen_.panelB;
      for (size_t i = from; i < to && !stop_.asked(); i += screen_.panelA) {
        screen_.products(a.as() + (i - from) * bytes, packed_.as() + first * bytes, pairs_.d, panels, strip, stride);
        for (size_t r = 0; r < screen_.panelA && i + r < to; r++) {
          Row& row = rows[i + r - from];
          if (row.slack == HUGE_VAL) continue;
          float* x = strip + r * stride;
          toWorth(x, rounded_.data() + first, n);
          const size_t found = path_.atLeast(x, n, below(row.limit), hits.data());
          for (size_t s = 0; s < found; s++) {
            const size_t at = static_cast<size_t>(hits[s]);
            row.kept.push_back({x[at], static_cast<int32_t>(first + at)});
          }
          if (row.kept.size() + blockPanels_ * screen_.panelB > capacity_) shorten(i + r, row);
        }
      }
    }
    for (size_t i = from; i < to && !stop_.asked(); i++) finish(i, rows[i - from]);
  }

  void toWorth(float* x, const float* price, size_t n) const {
    if (pairs_.absolute) {
      for (size_t c = 0; c < n; c++) x[c] = std::fabs(x[c]) - price[c];
    } else {
      for (size_t c = 0; c < n; c++) x[c] -= price[c];
    }
  }

  /** Drops columns that have fallen below the limit; if too many stay, all but the exact best. */
  void shorten(size_t i, Row& row) {
    if (row.kept.size() < m_) return;
    const auto last = row.kept.begin() + static_cast<std::ptrdiff_t>(m_) - 1;
    std::nth_element(row.kept.begin(), last, row.kept.end());
    row.limit = std::max(row.limit, last->worth - row.slack);
    std::erase_if(row.kept, [&](const Offer& offer) { return offer.worth < row.limit; });
    if (row.kept.size() > 4 * m_) keepBest(i, row);
  }

  /** Computes the kept columns exactly and drops all but the best m; returns these with their values, in order. */
  std::vector<Exact> keepBest(size_t i, Row& row) {
    std::vector<int32_t> columns;
    for (const Offer& offer : row.kept) columns.push_back(offer.column);
    std::sort(columns.begin(), columns.end());
    std::vector<double> values(columns.size());
    path_.dots(pairs_.a + i * pairs_.d, pairs_.b, pairs_.d, columns.data(), columns.size(), values.data());
    std::vector<Exact> best;
    const size_t first = firstChoice(i, pairs_.f, pairs_.g);
    for (size_t s = 0; s < columns.size(); s++) {
      const double value = pairs_.absolute ? std::abs(values[s]) : values[s];
      const size_t j = static_cast<size_t>(columns[s]), count = j < first ? j + pairs_.g - first : j - first;
      best.push_back({{value - price_[j], static_cast<int32_t>(count)}, columns[s], value});
    }
    std::sort(best.begin(), best.end(), [](const Exact& p, const Exact& q) { return p.offer < q.offer; });
    best.resize(std::min(m_, best.size()));
    row.kept.clear();
    for (const Exact& e : best) row.kept.push_back({e.offer.worth, e.column});
    if (best.size() == m_) row.limit = std::max(row.limit, best.back().offer.worth - row.slack);
    return best;
  }

  void finish(size_t i, Row& row) {
    if (row.slack == HUGE_VAL) {
      for (size_t j = 0; j < pairs_.g; j++) row.kept.push_back({0, static_cast<int32_t>(j)});
    } else {
      shorten(i, row);
    }
    size_t at = i * m_;
    for (const Exact& e : keepBest(i, row)) {
      out_.index[at] = e.column;
      out_.value[at++] = e.value;
    }
  }

  const CodePath& path_;
  const Screen& screen_;
  Stop stop_;
  const RowPairs& pairs_;
  const double* price_;
  ColumnLists out_;
  size_t m_, blockPanels_ = 1, blocks_ = 0, chunk_ = 0, capacity_ = 0;
  Bytes packed_;
  std::vector<float> rounded_;
  double maxPrice_ = 0;
  Norms largest_;
};

}  // namespace

void topRowMatches(const CodePath& path, size_t threads, Stop stop, const RowPairs& pairs, const double* price, ColumnLists out) {
  if (pairs.f > 0 && out.m > 0) TopMatchSearch(path, stop, pairs, price, out).run(threads);
}

}  // namespace reseed

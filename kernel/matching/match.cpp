// Best matches: approximate products of all pairs, tile by tile, then exact ones of the few pairs that could win.
//
// A product p_ij is first known as v_ij with |p_ij − v_ij| ≤ e (screening-error.h proves the bound; e_i covers all pairs of
// row i, e_j all pairs of column j). Let s be the second largest v of row i so far. At least two pairs have
// p ≥ s − e_i, so a pair among the row's two best has p ≥ s − e_i, hence v ≥ s − 2e_i. Every pair with
// v ≥ s − 2e_i is listed; s only grows, so no pair is missed, and ties, which have equal p, are listed too. The same
// holds for columns, and for |v| (||p| − |v|| ≤ e). Listed pairs are computed in float64 as the portable kernel
// does, and compared by (value, lower index): the result is exact whatever the path, the cut and the threads.
//
// Where very many pairs are close (duplicates, few distinct values) the list fills up; it is then computed and
// emptied, so memory stays bounded and the time tends to that of the exact products: slow, never wrong.
//
// A zero row has product 0 with all, so its partners are 0 and 1 without looking. Both matrices are scaled by a
// power of two so that the longest row has about length 1, which keeps the approximate products in range.
//
// Cost: 2·F·G·d operations at the rate of `screen`. Memory: A packed in chunks of at most 64 MiB, and for each
// thread one block of B (half of a second-level cache), one strip of products, and its list.
#include "matching/match.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>

#include "isa/packed.h"
#include "isa/screening-error.h"

namespace reseed {
namespace {

constexpr size_t chunkBytes = size_t{64} << 20;
constexpr size_t blockBytes = size_t{1} << 20;
constexpr size_t blockColumns = 1024;
constexpr size_t listLength = size_t{1} << 20;
/** Pairs that are listed before the best of them are computed, for the limits of the others. */
constexpr size_t promoteAfter = size_t{1} << 16;
/** Entries past the end of arrays that are read in whole vectors. */
constexpr size_t margin = 64;

/** Running maxima of n rows or columns, −∞ at first. */
class Maxima {
 public:
  explicit Maxima(size_t n) : values_(4 * (n + margin), -HUGE_VALF), n_(n + margin) {}
  TopTwo view() {
    float* p = values_.data();
    return {p, p + n_, p + 2 * n_, p + 3 * n_};
  }

 private:
  std::vector<float> values_;
  size_t n_;
};

struct Side {
  const float* data;
  size_t n;
  double scale = 1;
  /** Twice the error bound of each row, rounded up. */
  std::vector<float> slack;
  std::vector<Norms> norms;
  Norms largest;
  std::vector<char> zero;

  Side(const float* values, size_t rows) : data(values), n(rows), slack(rows + margin), norms(rows), zero(rows) {}
};

double squaredNorm(const float* row, size_t d) {
  double sums[8] = {};
  size_t t = 0;
  for (; t + 8 <= d; t += 8) {
    for (size_t l = 0; l < 8; l++) sums[l] += static_cast<double>(row[t + l]) * row[t + l];
  }
  for (; t < d; t++) sums[0] += static_cast<double>(row[t]) * row[t];
  return std::accumulate(sums, sums + 8, 0.0);
}

/** A norm that float32 squares were good enough for; not that of a zero row, which is a little above 0. */
bool ordinary(double norm) { return norm > 0x1p-30 && norm < 0x1p30; }

/** The power of two that brings a row of this squared length to length ½ … 1; ordinary data is left as it is. */
double scaleFor(double squares) {
  int exponent = 0;
  if (squares > 0) std::frexp(std::sqrt(squares), &exponent);
  return exponent > -20 && exponent < 20 ? 1 : std::ldexp(1.0, -exponent);
}

float slackOf(double error) {
  if (!(error < 1e30)) return HUGE_VALF;
  return std::nextafter(static_cast<float>(2 * error), HUGE_VALF);
}

/** A product matters for row or column i that is ≥ high[i] or ≤ low[i]. */
class Limits {
 public:
  explicit Limits(size_t n) : high_(n), low_(n) {}
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

/** The limits that exact products set: what matters is ≥ high[i] or ≤ low[i]; everything at first. */
struct Floors {
  std::vector<float> high, low;
  explicit Floors(size_t n) : high(n + margin, -HUGE_VALF), low(n + margin, HUGE_VALF) {}
  void take(const std::vector<BothBest>& best, const std::vector<float>& slack, size_t from, size_t n) {
    for (size_t i = from; i < from + n; i++) {
      const double error = 0.5 * static_cast<double>(slack[i]);
      high[i] = std::nextafter(static_cast<float>(best[i].bySign.secondValue - error), -HUGE_VALF);
      low[i] = std::nextafter(static_cast<float>(error - best[i].bySize.secondValue), HUGE_VALF);
    }
  }
};

struct Worker {
  Worker(size_t f, size_t g, size_t hits)
      : rowMaxima(f), rowLimits(f), colLimits(g), rowFloors(f), colFloors(g), rows(f), cols(g), capacity(hits), list(hits * sizeof(Hit)), starts(f + 1) {}
  Maxima rowMaxima;
  Limits rowLimits, colLimits;
  Floors rowFloors, colFloors;
  std::vector<BothBest> rows, cols;
  /** Room for this many pairs; not initialised, most of it is never touched. */
  size_t capacity;
  Bytes list;
  std::vector<Hit> leaders;
  size_t listed = 0, promoteAt = promoteAfter;
  Bytes block, strip;
  std::vector<size_t> starts;
  std::vector<int32_t> partners;
  std::vector<double> values;
  /** Largest squared norm among the rows of A and of B that this thread measured. */
  double longest[2] = {};

  /** Whether a pair is at least the second of its row or of its column so far. */
  bool leads(const Hit& hit, const TopTwo& byCol) {
    const auto of = [v = hit.approx](const TopTwo& top, int32_t at) {
      const size_t i = static_cast<size_t>(at);
      return v >= top.high2[i] || std::fabs(v) >= top.secondBySize(i);
    };
    return of(rowMaxima.view(), hit.row) || of(byCol, hit.col);
  }
};

class Matcher {
 public:
  Matcher(const CodePath& path, const Screen& screen, size_t threads, Stop stop, const MatchJob& job)
      : path_(path), screen_(screen), threads_(threads), stop_(stop), job_(job), a_(job.a, job.f), b_(job.b, job.g), team_(threads),
        colMaxima_(job.g) {
    const size_t bytes = std::max<size_t>(1, screen_.rowBytes(job.d));
    const size_t fitting = blockBytes / bytes / screen_.panelB;
    const size_t fair = panelsOf(panelsOf(job.g, screen_.panelB), 2 * threads);
    blockPanels_ = std::max<size_t>(1, std::min({fitting, fair, blockColumns / screen_.panelB}));
    chunkPanels_ = std::max<size_t>(1, chunkBytes / bytes / screen_.panelA);
    blocks_ = panelsOf(panelsOf(job.g, screen_.panelB), blockPanels_);
    const size_t panels = panelsOf(job.f, screen_.panelA);
    perStrip_ = screen_.panelA * (blockPanels_ * screen_.panelB + margin);
    packed_.grow(std::max<size_t>(64, std::min(panels, chunkPanels_) * screen_.panelA * screen_.rowBytes(job.d)));
    for (size_t id = 0; id < threads; id++) {
      workers_.push_back(std::make_unique<Worker>(job.f, job.g, perStrip_ + std::min(listLength, 64 * (job.f + job.g))));
      workers_[id]->block.grow(blockPanels_ * screen_.panelB * screen_.rowBytes(job.d));
      workers_[id]->strip.grow(sizeof(float) * (screen_.panelA + 2) * (blockPanels_ * screen_.panelB + margin));
      workers_[id]->partners.reserve(workers_[id]->capacity);
      workers_[id]->values.reserve(job.g);
    }
  }

  void run() {
    onThreads(threads_, [this](size_t id) { work(id); });
  }

 private:
  void work(size_t id) {
    Worker& w = *workers_[id];
    path_.enter();
    bounds(id);
    for (size_t from = 0; from < panelsOf(job_.f, screen_.panelA); from += chunkPanels_) {
      const size_t to = std::min(from + chunkPanels_, panelsOf(job_.f, screen_.panelA));
      if (id == 0) {
        panels_.reset(to - from);
        blockPieces_.reset(blocks_);
      }
      team_.sync();
      for (size_t p; panels_.take(p);) packPanel(from + p, p);
      team_.sync();
      for (size_t block; blockPieces_.take(block) && !stop_.asked();) screenBlock(w, from, to, block);
      // In the next chunk the columns of this list may belong to another thread.
      if (panelsOf(job_.f, screen_.panelA) > chunkPanels_) settle(w);
      team_.sync();
    }
    path_.leave();
    mergeMaxima(id);
    team_.sync();
    shorten(w, false);
    promote(w);
    team_.sync();
    shareRows(id);
    team_.sync();
    if (!stop_.asked()) settle(w);
    team_.sync();
    if (!stop_.asked()) finish(id);
  }

  /** Norms of the rows, then their error bounds against the other side's largest norms. */
  void bounds(size_t id) {
    const auto measure = [&](Side& side) {
      for (size_t i = id; i < side.n; i += threads_) {
        screen_.rowNorms(side.data + i * job_.d, job_.d, side.scale, &side.norms[i].norm, &side.norms[i].lost);
      }
    };
    for (Side* side : {&a_, &b_}) {
      measure(*side);
      double longest = 0;
      for (size_t i = id; i < side->n; i += threads_) {
        const double norm = side->norms[i].norm;
        longest = std::max(longest, ordinary(norm) ? norm * norm : squaredNorm(side->data + i * job_.d, job_.d));
        side->zero[i] = !ordinary(norm) && squaredNorm(side->data + i * job_.d, job_.d) == 0;
      }
      workers_[id]->longest[side == &b_] = longest;
    }
    team_.sync();
    if (id == 0) {
      for (Side* side : {&a_, &b_}) {
        double longest = 0;
        for (auto& w : workers_) longest = std::max(longest, w->longest[side == &b_]);
        side->scale = scaleFor(longest);
      }
      unit_ = a_.scale * b_.scale;
    }
    team_.sync();
    for (Side* side : {&a_, &b_}) {
      if (side->scale != 1) measure(*side);
    }
    team_.sync();
    if (id == 0) {
      for (Side* side : {&a_, &b_}) {
        for (const Norms& norms : side->norms) side->largest.widen(norms);
      }
      for (size_t i = 0; i < a_.n; i++) a_.slack[i] = slackOf(screeningError(a_.norms[i], b_.largest, job_.d));
      for (size_t j = 0; j < b_.n; j++) b_.slack[j] = slackOf(screeningError(a_.largest, b_.norms[j], job_.d));
      // The partners of zero rows are known: no product can be above this limit.
      for (Side* side : {&a_, &b_}) {
        for (size_t i = 0; i < side->n; i++) {
          if (side->zero[i]) side->slack[i] = -std::numeric_limits<float>::max();
        }
      }
    }
    team_.sync();
  }

  void packPanel(size_t panel, size_t at) {
    const size_t row = panel * screen_.panelA;
    screen_.packA(a_.data + row * job_.d, std::min(screen_.panelA, a_.n - row), job_.d, a_.scale,
                packed_.as() + at * screen_.panelA * screen_.rowBytes(job_.d));
  }

  void screenBlock(Worker& w, size_t from, size_t to, size_t block) {
    const size_t bytes = screen_.rowBytes(job_.d);
    const size_t col0 = block * blockPanels_ * screen_.panelB;
    const size_t cols = std::min(blockPanels_ * screen_.panelB, b_.n - col0);
    const size_t panels = panelsOf(cols, screen_.panelB);
    for (size_t p = 0; p < panels; p++) {
      const size_t col = col0 + p * screen_.panelB;
      screen_.packB(b_.data + col * job_.d, std::min(screen_.panelB, b_.n - col), job_.d, b_.scale,
                  w.block.as() + p * screen_.panelB * bytes);
    }
    StripScan scan{};
    scan.strip = w.strip.as<float>();
    scan.stride = panels * screen_.panelB;
    scan.cols = cols;
    scan.col0 = col0;
    scan.byRow = w.rowMaxima.view();
    scan.byCol = colMaxima_.view();
    scan.limits = scan.strip + screen_.panelA * (blockPanels_ * screen_.panelB + margin);
    scan.rowFloors = {w.rowFloors.high.data(), w.rowFloors.low.data()};
    scan.colFloors = {w.colFloors.high.data(), w.colFloors.low.data()};
    scan.rowSlack = a_.slack.data();
    scan.colSlack = b_.slack.data();
    for (size_t panel = from; panel < to; panel++) {
      if (panel % 64 == 0 && stop_.asked()) return;
      scan.row0 = panel * screen_.panelA;
      scan.rows = std::min(screen_.panelA, a_.n - scan.row0);
      screen_.products(packed_.as() + (panel - from) * screen_.panelA * bytes, w.block.as(), job_.d, panels, scan.strip,
                   scan.stride);
      if (w.listed + perStrip_ > w.capacity) shorten(w, true);
      if (w.listed > w.promoteAt) raise(w, col0, cols);
      scan.hits = w.list.as<Hit>() + w.listed;
      w.listed += path_.scanStrip(scan);
    }
  }

  /** Takes the limits of all rows and of these columns from exact products, which lie closer than approximate ones. */
  void raise(Worker& w, size_t col0, size_t cols) {
    promote(w);
    w.promoteAt = 2 * w.listed + promoteAfter;
    if (unit_ != 1) return;
    w.rowFloors.take(w.rows, a_.slack, 0, a_.n);
    w.colFloors.take(w.cols, b_.slack, col0, cols);
  }

  /** Drops pairs that have fallen below the limits since they were listed; if too many stay, computes them. */
  void shorten(Worker& w, bool settleIfLong) {
    w.rowLimits.take(w.rowMaxima.view(), a_.slack);
    w.colLimits.take(colMaxima_.view(), b_.slack);
    Hit* const list = w.list.as<Hit>();
    size_t kept = 0;
    for (size_t h = 0; h < w.listed; h++) {
      const Hit hit = list[h];
      list[kept] = hit;
      kept += w.rowLimits.reachedBy(hit.approx, hit.row) | w.colLimits.reachedBy(hit.approx, hit.col);
    }
    w.listed = kept;
    if (settleIfLong && kept > (w.capacity - perStrip_) / 2) settle(w);
    w.promoteAt = w.listed + promoteAfter;
  }

  /** The limits of a row are those of all threads together. */
  void mergeMaxima(size_t id) {
    for (size_t i = id; i < a_.n; i += threads_) {
      const auto merge = [&](float* TopTwo::*first, float* TopTwo::*second) {
        float best = -HUGE_VALF, next = -HUGE_VALF;
        for (auto& other : workers_) {
          TopTwo top = other->rowMaxima.view();
          for (float v : {(top.*first)[i], (top.*second)[i]}) {
            if (v > best) {
              next = best;
              best = v;
            } else if (v > next) {
              next = v;
            }
          }
        }
        for (auto& other : workers_) {
          (other->rowMaxima.view().*first)[i] = best;
          (other->rowMaxima.view().*second)[i] = next;
        }
      };
      merge(&TopTwo::high1, &TopTwo::high2);
      merge(&TopTwo::neg1, &TopTwo::neg2);
    }
  }

  /** What all threads have computed for a row tells each of them what its pairs must reach. */
  void shareRows(size_t id) {
    for (size_t i = id; i < a_.n; i += threads_) {
      BothBest best;
      for (auto& other : workers_) best.merge(other->rows[i]);
      for (auto& other : workers_) other->rows[i] = best;
    }
  }

  /** Computes exactly the listed pairs that could still be among the best, offers them to both sides, and empties the list. */
  void settle(Worker& w) {
    shorten(w, false);
    promote(w);
    Hit* const list = w.list.as<Hit>();
    compute(w, list, narrow(w, list, list + w.listed));
    w.listed = 0;
  }

  /**
   * Computes exactly the listed pairs at the top of their row or column, which tell what the others must reach, and drops
   * those that do not.
   */
  void promote(Worker& w) {
    Hit* const list = w.list.as<Hit>();
    w.leaders.clear();
    Hit* const rest = std::remove_if(list, list + w.listed, [&](const Hit& hit) {
      const bool leads = w.leads(hit, colMaxima_.view());
      if (leads) w.leaders.push_back(hit);
      return leads;
    });
    compute(w, w.leaders.data(), w.leaders.data() + w.leaders.size());
    Hit* const kept = std::remove_if(list, rest, [&](const Hit& hit) {
      const size_t i = static_cast<size_t>(hit.row), j = static_cast<size_t>(hit.col);
      return !reaches(w.rows[i], hit.approx, 0.5 * static_cast<double>(a_.slack[i])) &&
             !reaches(w.cols[j], hit.approx, 0.5 * static_cast<double>(b_.slack[j]));
    });
    w.listed = static_cast<size_t>(kept - list);
  }

  /** Whether a product that is within the error of v could be among the two best. */
  bool reaches(const BothBest& best, double v, double error) const {
    return v + error >= unit_ * best.bySign.secondValue || std::fabs(v) + error >= unit_ * best.bySize.secondValue;
  }

  /** Keeps those that float32 sums cannot rule out. */
  Hit* narrow(Worker& w, Hit* from, Hit* to) {
    if (unit_ != 1) return to;
    Hit* kept = from;
    const auto keep = [&](size_t row, const int32_t* partners, size_t count) {
      path_.quickDots(a_.data + row * job_.d, b_.data, job_.d, partners, count, w.values.data());
      const double error = screeningError({a_.norms[row].norm, 0}, {b_.largest.norm, 0}, job_.d);
      for (size_t s = 0; s < count; s++) {
        const double v = w.values[s];
        const size_t j = static_cast<size_t>(partners[s]);
        if (!reaches(w.rows[row], v, error) && !reaches(w.cols[j], v, error)) continue;
        *kept++ = {static_cast<int32_t>(row), partners[s], static_cast<float>(v)};
      }
    };
    // Block by block, as they were listed, so that the rows of B stay in cache.
    const auto blockOf = [&](const Hit& hit) { return static_cast<size_t>(hit.col) / (blockPanels_ * screen_.panelB); };
    while (from < to) {
      Hit* const next = std::find_if(from, to, [&, block = blockOf(*from)](const Hit& hit) { return blockOf(hit) != block; });
      eachRow(w, from, next, keep);
      from = next;
    }
    return kept;
  }

  void compute(Worker& w, const Hit* from, const Hit* to) {
    eachRow(w, from, to, [&](size_t row, const int32_t* partners, size_t count) {
      path_.dots(a_.data + row * job_.d, b_.data, job_.d, partners, count, w.values.data());
      for (size_t s = 0; s < count; s++) {
        w.rows[row].offer(w.values[s], partners[s]);
        w.cols[static_cast<size_t>(partners[s])].offer(w.values[s], static_cast<int32_t>(row));
      }
    });
  }

  /** Calls then(row, partners, how many) for each row of these pairs, in order; `values` has room for as many. */
  template <class Then>
  void eachRow(Worker& w, const Hit* from, const Hit* to, Then then) {
    std::fill(w.starts.begin(), w.starts.end(), 0);
    for (const Hit* h = from; h < to; h++) w.starts[static_cast<size_t>(h->row) + 1]++;
    std::partial_sum(w.starts.begin(), w.starts.end(), w.starts.begin());
    w.partners.resize(static_cast<size_t>(to - from));
    for (const Hit* h = from; h < to; h++) w.partners[w.starts[static_cast<size_t>(h->row)]++] = h->col;
    size_t done = 0;
    for (size_t row = 0; row < a_.n && !stop_.asked(); row++) {
      const size_t count = w.starts[row] - done;
      const int32_t* partners = w.partners.data() + done;
      done += count;
      if (count == 0) continue;
      w.values.resize(std::max(w.values.size(), count));
      then(row, partners, count);
    }
  }

  void finish(size_t id) {
    const auto merged = [&](std::vector<BothBest> Worker::*table, size_t i, bool zero, size_t others) {
      BothBest best;
      if (zero) {
        for (int32_t j = 0; j < 2 && static_cast<size_t>(j) < others; j++) best.offer(0, j);
      } else {
        for (auto& w : workers_) best.merge(((*w).*table)[i]);
      }
      return best;
    };
    for (size_t i = id; i < a_.n; i += threads_) {
      const BothBest best = merged(&Worker::rows, i, a_.zero[i], b_.n);
      job_.out.rowSigned.put(i, best.bySign);
      job_.out.rowAbs.put(i, best.bySize);
    }
    for (size_t j = id; j < b_.n; j += threads_) {
      const BothBest best = merged(&Worker::cols, j, b_.zero[j], a_.n);
      job_.out.colSigned.put(j, best.bySign);
      job_.out.colAbs.put(j, best.bySize);
    }
  }

  const CodePath& path_;
  const Screen& screen_;
  size_t threads_;
  Stop stop_;
  const MatchJob& job_;
  Side a_, b_;
  /** What products are multiplied by, where they are approximate. */
  double unit_ = 1;
  ThreadTeam team_;
  Maxima colMaxima_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Bytes packed_;
  Pieces panels_, blockPieces_;
  size_t blockPanels_ = 1, chunkPanels_ = 1, blocks_ = 0, perStrip_ = 0;
};

/** ‖a − â‖ / ‖a‖ of some of the rows, on average. */
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

/**
 * The coarse screen, unless it would leave too much to compute exactly: its bound against 1/√d, the standard deviation of
 * the cosines of random rows.
 */
const Screen& screenFor(const CodePath& path, const MatchJob& job) {
  constexpr double widest = 0.65;
  const double lost = lostShare(*path.coarse, job.a, job.f, job.d) + lostShare(*path.coarse, job.b, job.g, job.d);
  return lost * std::sqrt(static_cast<double>(job.d)) <= widest ? *path.coarse : *path.fine;
}

}  // namespace

void bestMatches(const CodePath& path, size_t threads, Stop stop, const MatchJob& job) {
  // Threads beyond the panels of B would find nothing to do.
  const Screen& screen = screenFor(path, job);
  Matcher(path, screen, std::clamp(panelsOf(job.g, screen.panelB), size_t{1}, threads), stop, job).run();
}

}  // namespace reseed

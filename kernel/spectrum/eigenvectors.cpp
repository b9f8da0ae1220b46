// portable/reflect-back.ts and portable/rotations.ts, in strips that the threads share out.
//
// A reflection needs Σ v·z over a strip and then changes all of it: the change by one and the sum for the next are one
// pass. A batch of sweeps passes a strip as a wave: at each time one rotation of every sweep, a row apart, so that a row
// that one sweep has turned is turned by the next while it is in a register. While threads turn strips by one batch,
// the first one makes the next. Memory: two copies of the vectors, 64·n rotations.
#include "spectrum/eigenvectors.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "spectrum/implicit-ql.h"

namespace reseed {
namespace {

constexpr size_t sweepsInBatch = 32;

/** The last j ≤ most with a reflection, plus 1; 0 for none. */
size_t reflectionUpTo(const Tridiagonal& t, size_t most) {
  size_t j = most + 1;
  while (j > 0 && t.tau[j - 1] == 0) j--;
  return j;
}

/** z ← H₀…H_last·z for a strip; `parts` has room for 2·width. */
void reflectStrip(const Strips& strips, const Tridiagonal& t, double* z, size_t last, double* parts) {
  const size_t n = t.n, width = strips.width;
  const double* v = t.reflectors.as<double>();
  double *part = parts, *next = parts + width;
  size_t above = reflectionUpTo(t, last);
  if (above == 0) return;
  std::fill_n(part, width, 0.0);
  strips.sum(z + above * width, n - above, v + (above - 1) * n + above, part);
  while (above > 0) {
    const size_t j = above - 1;
    for (size_t c = 0; c < width; c++) part[c] *= t.tau[j];
    const size_t after = j > 0 ? reflectionUpTo(t, j - 1) : 0;
    std::fill_n(next, width, 0.0);
    // Rows that the next reflection has beyond this one come first in its sum.
    const double* w = v + (after > 0 ? after - 1 : j) * n;
    if (after > 0) strips.sum(z + after * width, above - after, w + after, next);
    strips.subtractAndSum(z + above * width, n - above, v + j * n + above, part, w + above, next);
    std::swap(part, next);
    above = after;
  }
}

/** Sweeps of one direction, and their rotations in the order of the wave. */
class SweepBatch {
 public:
  explicit SweepBatch(size_t n)
      : n_(n), made_(2 * sweepsInBatch * n * sizeof(double)), ordered_(2 * sweepsInBatch * n * sizeof(double)),
        chains_(sweepsInBatch * n * sizeof(Chain)) {}

  bool empty() const { return size_ == 0; }
  void make(ImplicitSteps& steps) {
    size_ = 0;
    while (size_ < sweepsInBatch && steps.find()) {
      if (size_ > 0 && steps.direction() != sweeps_[0].direction) break;
      Sweep& sweep = sweeps_[size_];
      sweep.cosines = made_.as<double>() + 2 * size_ * n_;
      sweep.sines = sweep.cosines + n_;
      steps.step(sweep);
      size_++;
    }
    order();
  }
  void rotate(const Strips& strips, double* z) const {
    strips.rotate(z, chains_.as<Chain>(), count_, ordered_.as<double>(), sweeps_[0].direction);
  }

 private:
  /**
   * Rotation k of sweep q turns rows u and u + 1, where u = k + its start, counted in its direction. It must come after
   * those of earlier sweeps on these rows: at time u − q, counted down, earlier sweeps first, it does.
   */
  void order() {
    count_ = 0;
    if (empty()) return;
    const ptrdiff_t direction = sweeps_[0].direction;
    ptrdiff_t from = PTRDIFF_MIN, to = PTRDIFF_MAX;
    for (size_t q = 0; q < size_; q++) {
      const ptrdiff_t first = direction * sweeps_[q].start - static_cast<ptrdiff_t>(q);
      from = std::max(from, first + static_cast<ptrdiff_t>(sweeps_[q].count) - 1);
      to = std::min(to, first);
    }
    double* out = ordered_.as<double>();
    for (ptrdiff_t time = from; time >= to; time--) {
      bool linked = false;
      for (size_t q = 0; q < size_; q++) {
        const Sweep& sweep = sweeps_[q];
        const ptrdiff_t u = time + static_cast<ptrdiff_t>(q), k = u - direction * sweep.start;
        const bool turns = k >= 0 && k < static_cast<ptrdiff_t>(sweep.count);
        if (turns) {
          if (!linked) chains_.as<Chain>()[count_++] = {static_cast<size_t>(direction * u), 0};
          chains_.as<Chain>()[count_ - 1].length++;
          *out++ = sweep.cosines[k];
          *out++ = sweep.sines[k];
        }
        linked = turns;
      }
    }
  }

  size_t n_, size_ = 0, count_ = 0;
  Sweep sweeps_[sweepsInBatch];
  /** [sweeps][cosines, sines][n], and as the wave takes them */
  Bytes made_, ordered_, chains_;
};

/** z = Qᵀ in strips, rotated by all steps. */
class RotatedBasis {
 public:
  RotatedBasis(const Strips& strips, size_t threads, Stop stop, const Tridiagonal& t)
      : strips_(strips), stop_(stop), t_(t), n_(t.n), count_(panelsOf(t.n, strips.width)), team_(threads), steps_(t),
        z_(count_ * n_ * strips.width * sizeof(double)), columns_(threads * n_ * strips.width * sizeof(double)),
        parts_(threads * 2 * strips.width * sizeof(double)), batches_{SweepBatch(n_), SweepBatch(n_)} {}

  void run(size_t id) {
    if (id == 0) pieces_.reset(count_);
    team_.sync();
    for (size_t s; pieces_.take(s);) columnsOfQ(id, s);
    if (id == 0) batches_[0].make(steps_);
    for (size_t current = 0;; current = 1 - current) {
      team_.sync();
      if (id == 0) {
        pieces_.reset(count_);
        done_ = batches_[current].empty();
        stopped_ = stop_.asked();
      }
      team_.sync();
      if (done_ || stopped_) return;
      if (id == 0) batches_[1 - current].make(steps_);
      for (size_t s; pieces_.take(s);) batches_[current].rotate(strips_, strip(s));
    }
  }
  bool stopped() const { return stopped_; }
  const ImplicitSteps& steps() const { return steps_; }

  void row(size_t i, double* out) const {
    for (size_t t = 0; t < n_; t++) out[t] = strip(t / strips_.width)[i * strips_.width + t % strips_.width];
  }

 private:
  double* strip(size_t s) const { return z_.as<double>() + s * n_ * strips_.width; }

  /** A strip of columns of Q, which are rows of z. */
  void columnsOfQ(size_t id, size_t s) {
    const size_t width = strips_.width, from = s * width, to = std::min(n_, from + width);
    double* q = columns_.as<double>() + id * n_ * width;
    std::fill_n(q, n_ * width, 0.0);
    for (size_t c = from; c < to; c++) q[c * width + c - from] = 1;
    // A reflection of what lies beyond column c leaves the unit vector of c as it is.
    if (to > 1) reflectStrip(strips_, t_, q, to - 2, parts_.as<double>() + id * 2 * width);
    for (size_t c = from; c < to; c++) {
      for (size_t t = 0; t < n_; t++) strip(t / width)[c * width + t % width] = q[t * width + c - from];
    }
  }

  const Strips& strips_;
  Stop stop_;
  const Tridiagonal& t_;
  size_t n_, count_;
  ThreadTeam team_;
  Pieces pieces_;
  ImplicitSteps steps_;
  /** [strips][n][width]; the last strip may have columns that are not used */
  Bytes z_, columns_, parts_;
  SweepBatch batches_[2];
  bool done_ = false, stopped_ = false;
};

}  // namespace

bool reflectBack(const Strips& strips, size_t threads, Stop stop, const Tridiagonal& t, const std::vector<double>& z,
                 size_t r, double* vectors) {
  const size_t n = t.n, width = strips.width, count = panelsOf(r, width), teamSize = std::min(threads, count);
  Bytes columns(teamSize * n * width * sizeof(double)), parts(teamSize * 2 * width * sizeof(double));
  Pieces pieces;
  pieces.reset(count);
  onThreads(teamSize, [&](size_t id) {
    double* strip = columns.as<double>() + id * n * width;
    for (size_t s; !stop.asked() && pieces.take(s);) {
      const size_t from = s * width, to = std::min(r, from + width);
      for (size_t t = 0; t < n; t++) {
        for (size_t c = 0; c < width; c++) strip[t * width + c] = from + c < to ? z[t * r + from + c] : 0;
      }
      if (n > 1) reflectStrip(strips, t, strip, n - 2, parts.as<double>() + id * 2 * width);
      for (size_t c = from; c < to; c++) {
        for (size_t t = 0; t < n; t++) vectors[c * n + t] = strip[t * width + c - from];
      }
    }
  });
  return !stop.asked();
}

bool eigenvectorsByRotation(const Strips& strips, size_t threads, Stop stop, const Tridiagonal& t, size_t r,
                std::vector<double>& values, double* vectors) {
  const size_t n = t.n, teamSize = std::min(threads, panelsOf(n, strips.width));
  RotatedBasis work(strips, teamSize, stop, t);
  onThreads(teamSize, [&](size_t id) { work.run(id); });
  if (work.stopped()) return false;
  work.steps().requireDone();
  const std::vector<double> found = work.steps().values();
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t i, size_t j) { return found[i] != found[j] ? found[i] < found[j] : i < j; });
  values.resize(n);
  for (size_t i = 0; i < n; i++) values[i] = found[order[i]];
  for (size_t i = 0; i < r; i++) work.row(order[n - 1 - i], vectors + i * n);
  return true;
}

}  // namespace reseed

// Householder reduction in panels: the maths and the order of every sum are those of portable/tridiagonal.ts.
//
// Half of the 4/3·n³ flops are products of A with one vector, bound by memory: threads share out the entries of the
// product. The other half update A by a panel's pairs of vectors: threads share out the rows. The rest is small.
#include "spectrum/tridiagonal.h"

#include <algorithm>
#include <cmath>

namespace reseed {
namespace {

constexpr size_t panelColumns = 32;
// See src/kernel/portable/tridiagonal.ts.
constexpr double nothing = 0x1p-1000;

class Reduction {
 public:
  Reduction(const Tile& tile, size_t threads, Stop stop, Tridiagonal& t)
      : tile_(tile), stop_(stop), t_(t), team_(threads), n_(t.n), a_(t.reflectors.as<double>()), pairs_(2 * panelColumns * t.n),
        column_(t.n) {}

  void run(size_t id) {
    for (size_t k0 = 0; k0 < n_; k0 += panelColumns) {
      const size_t k1 = std::min(n_, k0 + panelColumns);
      if (id == 0) {
        std::fill(pairs_.begin(), pairs_.end(), 0.0);
        stopped_ = stop_.asked();
      }
      for (size_t j = k0; j < k1; j++) {
        if (id == 0) reflect(j, j - k0);
        team_.sync();
        if (stopped_) return;
        if (j == n_ - 1) break;
        multiply(id, j + 1, j - k0);
        team_.sync();
        if (id == 0) secondVector(j, j - k0);
      }
      if (id == 0) rows_.reset(n_ - k1);
      team_.sync();
      for (size_t i; rows_.take(i);) updateRow(k1 + i);
      team_.sync();
      if (id == 0) rows_.reset((n_ - k1 + mirrorBlock - 1) / mirrorBlock);
      team_.sync();
      for (size_t block; rows_.take(block);) mirror(k1, block);
      team_.sync();
    }
  }
  bool stopped() const { return stopped_; }

 private:
  static constexpr size_t mirrorBlock = 32;

  double* v(size_t q) { return pairs_.data() + 2 * q * n_; }
  double* w(size_t q) { return pairs_.data() + (2 * q + 1) * n_; }

  /** Column j as the panel's earlier pairs leave it, turned into the reflection v. */
  void reflect(size_t j, size_t p) {
    double* x = column_.data();
    std::copy(a_ + j * n_ + j, a_ + (j + 1) * n_, x + j);
    double scale[2 * panelColumns];
    for (size_t q = 0; q < p; q++) {
      scale[2 * q] = -w(q)[j];
      scale[2 * q + 1] = -v(q)[j];
    }
    tile_.addRows(x + j, n_ - j, scale, pairs_.data() + j, n_, 2 * p);
    t_.diagonal[j] = x[j];
    if (j == n_ - 1) return;
    double tail = 0;
    for (size_t t = j + 2; t < n_; t++) tail += x[t] * x[t];
    const double alpha = x[j + 1];
    x[j + 1] = 1;
    if (tail < nothing) {
      t_.off[j] = alpha;
      t_.tau[j] = 0;
    } else {
      const double length = std::sqrt(alpha * alpha + tail);
      const double beta = alpha > 0 ? -length : length;
      const double inverse = 1 / (alpha - beta);
      for (size_t t = j + 2; t < n_; t++) x[t] *= inverse;
      t_.off[j] = beta;
      t_.tau[j] = (beta - alpha) / beta;
    }
    std::copy(x + j + 1, x + n_, v(p) + j + 1);
  }

  /** This thread's share of w = A·v. */
  void multiply(size_t id, size_t from, size_t p) {
    const size_t m = n_ - from;
    const size_t t0 = from + m * id / team_.size(), t1 = from + m * (id + 1) / team_.size();
    tile_.addRows(w(p) + t0, t1 - t0, v(p) + from, a_ + from * n_ + t0, n_, m);
  }

  /** w ← τ·(w − what the earlier pairs take from it), less half its component along v. */
  void secondVector(size_t j, size_t p) {
    double* y = w(p);
    const double* x = v(p);
    double scale[2 * panelColumns];
    for (size_t q = 0; q < p; q++) {
      double vv = 0, wv = 0;
      const double *vq = v(q), *wq = w(q);
      for (size_t t = j + 1; t < n_; t++) {
        vv += vq[t] * x[t];
        wv += wq[t] * x[t];
      }
      scale[2 * q] = -wv;
      scale[2 * q + 1] = -vv;
    }
    tile_.addRows(y + j + 1, n_ - j - 1, scale, pairs_.data() + j + 1, n_, 2 * p);
    const double tau = t_.tau[j];
    double product = 0;
    for (size_t t = j + 1; t < n_; t++) {
      y[t] *= tau;
      product += y[t] * x[t];
    }
    const double share = -0.5 * tau * product;
    for (size_t t = j + 1; t < n_; t++) y[t] += share * x[t];
    std::copy(x + j + 1, x + n_, a_ + j * n_ + j + 1);
  }

  void updateRow(size_t i) {
    double scale[2 * panelColumns];
    for (size_t q = 0; q < panelColumns; q++) {
      scale[2 * q] = -w(q)[i];
      scale[2 * q + 1] = -v(q)[i];
    }
    tile_.addRows(a_ + i * n_ + i, n_ - i, scale, pairs_.data() + i, n_, 2 * panelColumns);
  }

  /** Copies a block of rows below the diagonal from above it, tile by tile for the cache's sake. */
  void mirror(size_t k1, size_t block) {
    const size_t i0 = k1 + block * mirrorBlock, i1 = std::min(n_, i0 + mirrorBlock);
    for (size_t t0 = k1; t0 < i1; t0 += mirrorBlock) {
      for (size_t i = i0; i < i1; i++) {
        for (size_t t = t0; t < std::min(i, t0 + mirrorBlock); t++) a_[i * n_ + t] = a_[t * n_ + i];
      }
    }
  }

  const Tile& tile_;
  Stop stop_;
  Tridiagonal& t_;
  ThreadTeam team_;
  size_t n_;
  double* a_;
  /** v and w of the panel's columns in turn [2·panelColumns × n]. */
  std::vector<double> pairs_, column_;
  Pieces rows_;
  bool stopped_ = false;
};

}  // namespace

bool tridiagonalise(const Tile& tile, size_t threads, Stop stop, Tridiagonal& t) {
  t.diagonal.assign(t.n, 0);
  t.off.assign(t.n, 0);
  t.tau.assign(t.n, 0);
  // Threads wait for each other twice a column, which costs more than they save on a small product.
  const size_t teamSize = t.n < 256 ? 1 : threads;
  Reduction work(tile, teamSize, stop, t);
  onThreads(teamSize, [&](size_t id) { work.run(id); });
  return !work.stopped();
}

double rowNorm(const Tridiagonal& t) {
  double largest = 0;
  for (size_t i = 0; i < t.n; i++) {
    const double before = i > 0 ? std::fabs(t.off[i - 1]) : 0;
    largest = std::max(largest, before + std::fabs(t.diagonal[i]) + std::fabs(t.off[i]));
  }
  return largest;
}

}  // namespace reseed

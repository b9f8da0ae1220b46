// A·Bᵀ at the float64 rate of the tiles, in the order of portable/multiply.ts: one sum a product, t ascending.
//
// All threads share a packed block of B. Each takes groups of rows of A, packs them and multiplies them by the block's panels.
// Cost: n·m·k multiply-adds. Memory: 8 MiB of B and 256 KiB of A a thread, at least one panel of each.
#include "spectrum/multiply.h"

#include <algorithm>

#include "isa/packed.h"
#include "spectrum/tile.h"

namespace reseed {
namespace {

constexpr size_t bytesOfB = size_t{8} << 20, bytesOfA = size_t{256} << 10;

/** Panels of width k that fit, at least one, and no more than needed. */
size_t fitting(size_t bytes, size_t k, size_t panel, size_t needed) {
  const size_t each = std::max<size_t>(1, k * panel * sizeof(double));
  return std::max<size_t>(1, std::min(needed, bytes / each));
}

class Multiplication {
 public:
  Multiplication(const CodePath& path, size_t threads, Stop stop, const MultiplyJob& job)
      : tile_(tileOf(path)), job_(job), stop_(stop), team_(threads), panelsA_(panelsOf(job.n, tile_.rows)),
        panelsB_(panelsOf(job.m, tile_.cols)), block_(fitting(bytesOfB, job.k, tile_.cols, panelsB_)),
        group_(fitting(bytesOfA, job.k, tile_.rows, panelsOf(panelsA_, threads))) {
    a_.grow(threads * group_ * tile_.rows * job.k * sizeof(double));
    b_.grow(block_ * tile_.cols * job.k * sizeof(double));
  }

  void run(size_t id) {
    for (size_t first = 0; first < panelsB_; first += block_) {
      const size_t count = std::min(block_, panelsB_ - first);
      if (id == 0) {
        packing_.reset(count);
        groups_.reset(panelsOf(panelsA_, group_));
        stopped_ = stop_.asked();
      }
      team_.sync();
      if (stopped_) return;
      for (size_t p; packing_.take(p);) {
        pack(job_.b, job_.m, first + p, tile_.cols, b_.as<double>() + p * tile_.cols * job_.k);
      }
      team_.sync();
      for (size_t g; groups_.take(g);) multiplyGroup(id, g, first, count);
      team_.sync();
    }
  }

 private:
  /** Panel p of rows: [k][panel] */
  void pack(const float* from, size_t rows, size_t p, size_t panel, double* out) const {
    for (size_t l = 0; l < panel; l++) {
      const size_t i = p * panel + l;
      const float* row = from + i * job_.k;
      for (size_t t = 0; t < job_.k; t++) out[t * panel + l] = i < rows ? row[t] : 0;
    }
  }

  void multiplyGroup(size_t id, size_t g, size_t firstB, size_t countB) {
    const size_t p0 = g * group_, p1 = std::min(panelsA_, p0 + group_), size = tile_.rows * job_.k;
    double* a = a_.as<double>() + id * group_ * size;
    for (size_t p = p0; p < p1; p++) pack(job_.a, job_.n, p, tile_.rows, a + (p - p0) * size);
    double sums[8 * 24];
    for (size_t q = 0; q < countB; q++) {
      const size_t j0 = (firstB + q) * tile_.cols, j1 = std::min(job_.m, j0 + tile_.cols);
      for (size_t p = p0; p < p1; p++) {
        tile_.exact(a + (p - p0) * size, b_.as<double>() + q * tile_.cols * job_.k, job_.k, sums, tile_.cols);
        const size_t i0 = p * tile_.rows;
        for (size_t i = i0; i < std::min(job_.n, i0 + tile_.rows); i++) {
          const double* from = sums + (i - i0) * tile_.cols;
          for (size_t j = j0; j < j1; j++) job_.out[i * job_.m + j] = static_cast<float>(from[j - j0]);
        }
      }
    }
  }

  const Tile& tile_;
  const MultiplyJob& job_;
  Stop stop_;
  ThreadTeam team_;
  Pieces packing_, groups_;
  bool stopped_ = false;
  size_t panelsA_, panelsB_, block_, group_;
  Bytes a_, b_;
};

}  // namespace

void multiply(const CodePath& path, size_t threads, Stop stop, const MultiplyJob& job) {
  if (job.n == 0 || job.m == 0) return;
  Multiplication work(path, threads, stop, job);
  onThreads(threads, [&](size_t id) { work.run(id); });
}

}  // namespace reseed

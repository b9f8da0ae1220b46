// XᵀX in float64, in the order of portable/gram.ts: rows in chunks, ascending within a chunk, chunks one by one.
//
// A chunk is packed twice, in panels for each side of the tiles; threads share out the panels of columns, and a tile
// above the diagonal is computed once and mirrored at the end. Cost: N·d² multiply-adds halved by symmetry, at the
// float64 rate of the tiles (half of it with a shift: products are then rounded apart). Memory: 2·256·d float64.
#include "spectrum/gram.h"

#include <algorithm>

#include "isa/packed.h"
#include "spectrum/tile.h"

namespace reseed {
namespace {

constexpr size_t chunkRows = 256;

class Gram {
 public:
  Gram(const CodePath& path, size_t threads, Stop stop, const GramJob& job)
      : tile_(tileOf(path)), job_(job), stop_(stop), team_(threads),
        exact_(std::all_of(job.shift, job.shift + job.cols, [](double s) { return s == 0; })) {
    left_.grow(panelsOf(job.cols, tile_.rows) * tile_.rows * chunkRows * sizeof(double));
    right_.grow(panelsOf(job.cols, tile_.cols) * tile_.cols * chunkRows * sizeof(double));
  }

  void run(size_t id) {
    const size_t d = job_.cols;
    const size_t from = d * id / team_.size(), to = d * (id + 1) / team_.size();
    for (size_t first = 0; first < job_.rows; first += chunkRows) {
      const size_t depth = std::min(chunkRows, job_.rows - first);
      team_.sync();
      if (id == 0) {
        pieces_.reset(panelsOf(d, tile_.cols));
        stopped_ = stop_.asked();
      }
      pack(id, first, depth, tile_.rows, left_.as<double>());
      pack(id, first, depth, tile_.cols, right_.as<double>());
      team_.sync();
      if (stopped_) return;
      for (size_t panel; pieces_.take(panel);) multiply(panels() - 1 - panel, depth);
    }
    team_.sync();
    for (size_t i = from; i < to; i++) {
      for (size_t j = 0; j < i; j++) job_.sum[i * d + j] = job_.sum[j * d + i];
    }
  }

 private:
  size_t panels() const { return panelsOf(job_.cols, tile_.cols); }

  /** This thread's share of the columns, less the shift: [panel of columns][depth][panel]. */
  void pack(size_t id, size_t first, size_t depth, size_t panel, double* out) {
    const size_t d = job_.cols, count = panelsOf(d, panel);
    for (size_t p = count * id / team_.size(); p < count * (id + 1) / team_.size(); p++) {
      for (size_t n = 0; n < depth; n++) {
        const float* row = job_.x + (first + n) * d;
        double* to = out + (p * depth + n) * panel;
        for (size_t l = 0; l < panel; l++) {
          const size_t j = p * panel + l;
          to[l] = j < d ? static_cast<double>(row[j]) - job_.shift[j] : 0;
        }
      }
    }
  }

  /** Adds a chunk's products to one panel of columns, down to the diagonal. */
  void multiply(size_t panel, size_t depth) {
    const size_t d = job_.cols, j0 = panel * tile_.cols, j1 = std::min(d, j0 + tile_.cols);
    double sums[8 * 24];
    for (size_t i0 = 0; i0 < j1; i0 += tile_.rows) {
      const double* a = left_.as<double>() + i0 * depth;
      const double* b = right_.as<double>() + j0 * depth;
      (exact_ ? tile_.exact : tile_.rounded)(a, b, depth, sums, tile_.cols);
      for (size_t i = i0; i < std::min(d, i0 + tile_.rows); i++) {
        for (size_t j = std::max(i, j0); j < j1; j++) job_.sum[i * d + j] += sums[(i - i0) * tile_.cols + j - j0];
      }
    }
  }

  const Tile& tile_;
  const GramJob& job_;
  Stop stop_;
  ThreadTeam team_;
  Pieces pieces_;
  bool stopped_ = false;
  /** Without a shift products are of float32 values. */
  bool exact_;
  Bytes left_, right_;
};

}  // namespace

void addGram(const CodePath& path, size_t threads, Stop stop, const GramJob& job) {
  Gram work(path, threads, stop, job);
  onThreads(threads, [&](size_t id) { work.run(id); });
}

void columnMeans(size_t threads, const float* x, size_t rows, size_t cols, double* means) {
  onThreads(threads, [=](size_t id) {
    const size_t from = cols * id / threads, to = cols * (id + 1) / threads;
    std::fill(means + from, means + to, 0.0);
    for (size_t n = 0; n < rows; n++) {
      for (size_t j = from; j < to; j++) means[j] += x[n * cols + j];
    }
    for (size_t j = from; j < to; j++) means[j] /= static_cast<double>(std::max<size_t>(1, rows));
  });
}

}  // namespace reseed

// Which entries the rows of a batch have in a ReLU, JumpReLU or Gated autoencoder, and codes of whole matrices.
#pragma once
#include <memory>

#include "dense/rules.h"
#include "threads/team.h"
#include "top-k/ranks.h"
#include "top-k/row-encoder.h"
#include "top-k/weights.h"

namespace reseed {

/**
 * Cuts the feature lists of a block's rows at the same features. Work on all rows then goes through the table of features
 * once, in chunks that stay in cache.
 */
class FeatureChunks {
 public:
  /** Calls each(row, from, to) for pieces of the lists offsets[row] … offsets[row+1] of `features`, which ascend in each. */
  template <class Offset, class Each>
  void run(const int32_t* features, const Offset* offsets, size_t rows, size_t count, size_t width, Each each) {
    const size_t chunk = std::max<size_t>(64, chunkBytes / (sizeof(float) * std::max<size_t>(1, width)));
    cursors_.assign(offsets, offsets + rows);
    for (size_t end = chunk;; end += chunk) {
      for (size_t r = 0; r < rows; r++) {
        const size_t from = cursors_[r], last = static_cast<size_t>(offsets[r + 1]);
        size_t to = last;
        if (end < count) {
          // Whole eights, as `dots` takes them; the others wait for the next chunk.
          for (to = from; to < last && static_cast<size_t>(features[to]) < end;) to++;
          if (to < last) to -= (to - from) % 8;
        }
        cursors_[r] = to;
        if (from < to) each(r, from, to);
      }
      if (end >= count) return;
    }
  }

 private:
  static constexpr size_t chunkBytes = size_t{512} << 10;
  std::vector<size_t> cursors_;
};

/** The encoder packed for screening, and what each thread needs to find the entries of blocks of rows. */
class DenseSelection {
 public:
  DenseSelection(const CodePath& path, size_t threads, size_t features, size_t width);

  /** Packs this thread's share of the encoder; all threads, and then one `gather`, before any `select`. */
  void pack(size_t id, const float* encoder, const DenseRule& rule) { packed_.pack(id, encoder, rule.screenBias()); }
  void gather() { packed_.gather(); }
  /** Rows that one `select` takes, of `rows` in all. */
  size_t blockRows(size_t rows) const;
  /** Replaces `entries` by those of n rows c [n × d]. */
  void select(size_t id, const float* centred, size_t n, const float* encoder, const DenseRule& rule, DenseEntries& entries);

 private:
  struct Scratch {
    std::unique_ptr<RowEncoder> encoder;
    /** The features of row r that may be entries are found[offsets[r]] …, ascending. */
    std::vector<int32_t> found;
    std::vector<size_t> offsets;
    std::vector<double> reach;
    FeatureChunks chunks;
  };

  const CodePath& path_;
  size_t features_, width_;
  PackedEncoder packed_;
  std::vector<Scratch> scratch_;
};

struct DenseEncodeJob {
  const float* x;
  size_t rows, width, features;
  DenseArrays<const float> weights;
  /** Only the architecture and subtractDecoderBias are read. */
  DenseLoss loss;
  /** [rows × features] codes, 0 where inactive */
  float* codes;
};

void encodeDense(const CodePath& path, size_t threads, Stop stop, const DenseEncodeJob& job);

}  // namespace reseed

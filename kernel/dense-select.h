// Which entries the rows of a batch have in a ReLU, JumpReLU or Gated autoencoder, and codes of whole matrices.
#pragma once
#include <memory>

#include "dense-rules.h"
#include "encode.h"

namespace reseed {

/** The encoder packed for screening, and what each thread needs to find the entries of blocks of rows. */
class DenseSelection {
 public:
  DenseSelection(const Path& path, size_t threads, size_t features, size_t width);

  /** Packs this thread's share of the encoder; all threads, and then one `gather`, before any `select`. */
  void pack(size_t id, const float* encoder, const DenseRule& rule) { packed_.pack(id, encoder, rule.screenBias()); }
  void gather() { packed_.gather(); }
  /** Rows that one `select` takes, of `rows` in all. */
  size_t blockRows(size_t rows) const;
  /** Where the caller puts c of row r of a block. */
  float* input(size_t id, size_t r) { return scratch_[id].encoder->input(r); }
  /** Replaces `entries` by those of n rows. */
  void select(size_t id, size_t n, const float* encoder, const DenseRule& rule, DenseEntries& entries);

 private:
  struct Scratch {
    std::unique_ptr<RowEncoder> encoder;
    std::vector<int32_t> found;
    std::vector<double> reach;
  };

  const Path& path_;
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

void encodeDense(const Path& path, size_t threads, Stop stop, const DenseEncodeJob& job);

}  // namespace reseed

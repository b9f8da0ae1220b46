// BatchTopK, exact: the pairs of a row and a feature that rank highest in a whole batch.
#pragma once
#include <functional>

#include "threads/team.h"
#include "top-k/entries.h"
#include "top-k/ranks.h"
#include "top-k/row-encoder.h"

namespace reseed {

/** Where the lowest selected rank of the next step is expected. It changes the time, never the result. */
struct RankGuess {
  /** Below 0: not known yet. */
  double level = -1;
  double margin = 0.03;
};

class BatchSelection {
 public:
  BatchSelection(const CodePath& path, ThreadTeam& team) : path_(path), team_(team), found_(team.size()) {}

  /**
   * Every thread of the team calls this, with its own encoder. Selects the `most` pairs that rank highest of those that
   * rank above 0. Returns the lowest rank, 0 where there is none.
   * @param rows rows of the batch @param fill puts row s of the batch into a place of the encoder's block
   */
  double run(size_t id, RowEncoder& encoder, const PackedEncoder& packed, const float* weights, const float* bias, size_t rows,
             size_t most, RankGuess& guess, const std::function<void(size_t s, float* to)>& fill, TopKEntries& entries);

 private:
  /** What could be selected of a block of rows; after `settle`, exactly. */
  struct Block {
    std::vector<int32_t> offsets, features;
    std::vector<float> approx, values;
    std::vector<double> errors;
    std::vector<int64_t> ranks;
    /** Pairs that rank at the limit or above for certain. */
    size_t certain = 0;
  };

  void begin(RowEncoder& encoder, const PackedEncoder& packed, const float* bias);
  void collect(size_t id, size_t block, RowEncoder& encoder, const PackedEncoder& packed, const float* bias);
  void judge();
  void settle(size_t id, size_t block, RowEncoder& encoder, const PackedEncoder& packed, const float* weights,
              const float* bias);
  void choose(TopKEntries& entries);

  const CodePath& path_;
  ThreadTeam& team_;
  const std::function<void(size_t, float*)>* fill_ = nullptr;
  RankGuess* guess_ = nullptr;
  size_t rows_ = 0, most_ = 0, blockRows_ = 1, attempts_ = 0;
  double limit_ = 0, cut_ = 0, lowest_ = 0;
  bool complete_ = false;
  Pieces collected_, settled_;
  std::vector<Block> blocks_;
  /** Scratch space of each thread. */
  struct Found {
    std::vector<int32_t> features;
    std::vector<double> exact;
  };
  std::vector<Found> found_;
  std::vector<float> bounds_;
  std::vector<int64_t> ranks_;
};

}  // namespace reseed

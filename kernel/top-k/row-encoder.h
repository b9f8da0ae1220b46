// TopK encoding of a block of rows, exact: the k largest pre-activations of each.
#pragma once
#include <utility>
#include <vector>

#include "isa/code-path.h"
#include "top-k/packed-encoder.h"

namespace reseed {

/** Scratch space of one thread that encodes blocks of rows. */
class RowEncoder {
 public:
  RowEncoder(const CodePath& path, const Screen& screen, size_t features, size_t width, size_t k);
  /** Makes room for another number of features and of selected ones. */
  void shape(size_t features, size_t k);
  /** Rows in a block. */
  size_t blockRows() const { return blockRows_; }
  /** Where the caller puts row r of a block before `select`. */
  float* input(size_t r) { return input_.as<float>() + r * width_; }
  /** Writes the k selected features of each of n rows, ascending, and their pre-activations: [n × k]. */
  void select(const PackedEncoder& packed, const float* encoder, const float* bias, size_t n, int32_t* indices,
              float* values);
  /** Screens n rows: their approximate products with all features, for `ranks`. */
  void screen(const PackedEncoder& packed, size_t n);
  /** Approximate ranks of row r after `screen`, and how far each can be from its true one. */
  float* ranks(const PackedEncoder& packed, const float* bias, size_t r, double* error);
  const Screen& screen() const { return screen_; }
  /** Products that the screen has left to `select` for a row, on average. */
  double leftPerRow() const { return rows_ == 0 ? 0 : static_cast<double>(products_) / static_cast<double>(rows_); }

 private:
  /** Row `at` of a block, and what it is encoded with. */
  struct Row {
    const PackedEncoder& packed;
    const float *encoder, *bias;
    size_t at;
  };
  void lead(const float* approx);
  void exact(const Row& row, const int32_t* features, size_t n, double* values, int64_t* ranks);
  size_t narrow(const Row& row, double limit, size_t n);
  size_t settle(const Row& row, const float* approx, double error);
  std::pair<int64_t, size_t> kthOf(size_t count);

  const CodePath& path_;
  const Screen& screen_;
  size_t features_ = 0, width_, k_ = 0, blockRows_ = 0, stride_ = 0;
  Bytes input_, packedInput_, strip_;
  /** What could be selected: the leaders, which are computed first, and others that could reach them. */
  std::vector<int32_t> found_, leaders_, others_;
  std::vector<double> exact_, leaderValues_, otherValues_;
  std::vector<int64_t> ranks_, sorted_;
  /** Mean and standard deviation of the last row's pre-activations. */
  double mean_ = 0, sd_ = 0;
  /** How many standard deviations above the mean the k-th value has been. */
  double level_ = 1;
  /** Leaders, and the least of their approximate ranks. */
  size_t leading_ = 0;
  float least_ = 0;
  /** ‖x‖ of the last row. */
  double norm_ = 0;
  size_t products_ = 0, rows_ = 0;
};

}  // namespace reseed

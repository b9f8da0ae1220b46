// TopK encoding, exact: the k largest pre-activations of each row.
#pragma once
#include <bit>
#include <utility>
#include <vector>

#include "crew.h"
#include "packed.h"

namespace reseed {

/** Weights of an autoencoder, feature-major; `F` is const float or float. */
template <class F>
struct Weights {
  F *encoder, *encoderBias, *decoder, *decoderBias;
};

/** The encoder packed for screening, shared by all threads. */
class PackedEncoder {
 public:
  PackedEncoder(const Screen& screen, size_t features, size_t width, size_t threads);
  /** Makes room for another number of features. */
  void shape(size_t features);
  /** Packs this thread's share. @param scales [features] features are ranked by their pre-activation times this */
  void pack(size_t id, const float* encoder, const float* bias, const double* scales = nullptr);
  /** Once all threads have packed: the largest norms, bias and scale. */
  void gather();
  /** Error bound of a row's approximate ranks: 2⁻²² or 2⁻²¹ of all sizes, for the bias and the scale in float32. */
  double rankError(const Norms& row) const;
  /** That of a row of this norm whose products with the features are float32 sums. */
  double float32RankError(double norm) const;

  const Screen& screen;
  const size_t width, threads;
  size_t features;
  Bytes panels;
  Norms norms;
  double bias = 0, scale = 1;
  /** The scales of the last packing, or null; in float32, and the biases times them. */
  const double* scales = nullptr;
  std::vector<float> roundedScales, scaledBias;

 private:
  std::vector<Norms> normsOf_;
  std::vector<double> biasOf_, scaleOf_;

  double rankError(const Norms& row, const Norms& own) const;
};

/** Scratch space of one thread that encodes blocks of rows. */
class RowEncoder {
 public:
  RowEncoder(const Path& path, const Screen& screen, size_t features, size_t width, size_t k);
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

  const Path& path_;
  const Screen& screen_;
  size_t features_ = 0, width_, k_ = 0, blockRows_ = 0, stride_ = 0;
  Bytes input_, packedInput_, strip_;
  /** What could be selected: the leaders, which are computed first, and others that could reach them. */
  std::vector<int32_t> found_, leaders_, others_;
  std::vector<float> order_;
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

/** Orders doubles totally, NaN above all: sorting must not run away when training has diverged. */
inline int64_t rankOf(double v) {
  const int64_t bits = std::bit_cast<int64_t>(v + 0.0);
  return bits ^ static_cast<int64_t>(static_cast<uint64_t>(bits >> 63) >> 1);
}

/** The value of a rank. */
inline double valueOf(int64_t rank) {
  return std::bit_cast<double>(rank ^ static_cast<int64_t>(static_cast<uint64_t>(rank >> 63) >> 1));
}

/** A float32 below v. */
inline float below(double v) { return std::nextafter(static_cast<float>(v), -HUGE_VALF); }

/** to = from − bias in float32; without a bias a copy. */
inline void centre(float* to, const float* from, size_t width, const float* bias) {
  for (size_t j = 0; j < width; j++) to[j] = bias == nullptr ? from[j] : from[j] - bias[j];
}

struct EncodeJob {
  const float* x;
  size_t rows, width, features, k;
  Weights<const float> weights;
  bool relu, subtractDecoderBias;
  int32_t* indices;
  float* values;
};

void encodeTopK(const Path& path, size_t threads, Stop stop, const EncodeJob& job);

}  // namespace reseed

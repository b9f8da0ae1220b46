// TopK encoding, exact: the k largest pre-activations of each row.
#pragma once
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
  PackedEncoder(const Path& path, size_t features, size_t width, size_t threads);
  /** Packs this thread's share. */
  void pack(size_t id, const float* encoder, const float* bias);
  /** Once all threads have packed: the largest norms and the largest bias. */
  void gather();

  const Path& path;
  const size_t features, width, threads;
  Bytes panels;
  Norms norms;
  double bias = 0;

 private:
  std::vector<Norms> normsOf_;
  std::vector<double> biasOf_;
};

/** Scratch space of one thread that encodes blocks of rows. */
class RowEncoder {
 public:
  RowEncoder(const Path& path, size_t features, size_t width, size_t k);
  /** Rows in a block. */
  size_t blockRows() const { return blockRows_; }
  /** Where the caller puts row r of a block before `select`. */
  float* input(size_t r) { return input_.as<float>() + r * width_; }
  /** Writes the k selected features of each of n rows, ascending, and their pre-activations: [n × k]. */
  void select(const PackedEncoder& packed, const float* encoder, const float* bias, size_t n, int32_t* indices,
              float* values);

 private:
  size_t candidates(float* approx, const float* bias, double slack);
  size_t tighten(const float* approx, size_t count, double slack);
  std::pair<int64_t, size_t> kthOf(size_t count);

  const Path& path_;
  size_t features_, width_, k_, blockRows_, stride_;
  Bytes input_, packedInput_, strip_;
  std::vector<int32_t> found_;
  std::vector<float> order_;
  std::vector<double> exact_;
  std::vector<int64_t> ranks_, sorted_;
  /** Mean and standard deviation of the last row's pre-activations. */
  double mean_ = 0, sd_ = 0;
  /** How many standard deviations above the mean the k-th value has been. */
  double level_ = 1;
};

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

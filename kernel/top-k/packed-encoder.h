// The encoder of a TopK autoencoder, packed for screening, and how far approximate ranks can be from the true ones.
#pragma once
#include <vector>

#include "isa/packed.h"
#include "isa/screen.h"
#include "isa/screening-error.h"

namespace reseed {

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

}  // namespace reseed

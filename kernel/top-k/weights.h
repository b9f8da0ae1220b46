// Weights of an autoencoder, and rows as it encodes them.
#pragma once
#include <cstddef>

namespace reseed {

/** Feature-major; `F` is const float or float. */
template <class F>
struct TopKWeights {
  F *encoder, *encoderBias, *decoder, *decoderBias;
};

/** to = from − bias in float32; without a bias a copy. */
inline void centre(float* to, const float* from, size_t width, const float* bias) {
  for (size_t j = 0; j < width; j++) to[j] = bias == nullptr ? from[j] : from[j] - bias[j];
}

}  // namespace reseed

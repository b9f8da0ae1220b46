// TopK encoding of any number of rows, on all threads.
#pragma once
#include "threads/crew.h"
#include "top-k/row-encoder.h"
#include "top-k/weights.h"

namespace reseed {

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

// TopK encoding of any number of rows, on all threads.
#pragma once
#include "threads/team.h"
#include "top-k/row-encoder.h"
#include "top-k/weights.h"

namespace reseed {

struct TopKEncodeJob {
  const float* x;
  size_t rows, width, features, k;
  TopKWeights<const float> weights;
  bool relu, subtractDecoderBias;
  int32_t* indices;
  float* values;
};

void encodeTopK(const CodePath& path, size_t threads, Stop stop, const TopKEncodeJob& job);

}  // namespace reseed

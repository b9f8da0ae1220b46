// Training of TopK autoencoders, several tasks at once.
#pragma once
#include <vector>

#include "encode.h"
#include "schedule.h"

namespace reseed {

struct Hyper {
  size_t k;
  bool relu, subtractDecoderBias;
  double beta1, beta2, epsilon;
};

struct TrainTask : Schedule {
  size_t features;
  Weights<float> weights, first, second;
  double* losses;
};

struct TrainJob {
  const float* x;
  size_t rows, width;
  /** For each row of x, the first row that equals it. */
  const int32_t* firstEqual;
  Hyper hyper;
  std::vector<TrainTask> tasks;
};

void trainTopK(const Path& path, size_t threads, Stop stop, const TrainJob& job);

}  // namespace reseed

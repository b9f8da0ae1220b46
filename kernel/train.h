// Training of TopK autoencoders, several tasks at once.
#pragma once
#include <vector>

#include "encode.h"

namespace reseed {

struct Hyper {
  size_t k;
  bool relu, subtractDecoderBias;
  double beta1, beta2, epsilon;
};

struct TrainTask {
  size_t features;
  Weights<float> weights, first, second;
  /** Rows of all batches, one after the other; batch s is starts[s] … starts[s+1]. */
  const int32_t *rows, *starts;
  size_t steps;
  const double *stepSizes, *roots;
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

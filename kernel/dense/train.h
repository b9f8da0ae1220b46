// Training of ReLU, JumpReLU and Gated autoencoders, several tasks at once, and single passes.
#pragma once
#include <vector>

#include "dense/pass.h"
#include "training/schedule.h"

namespace reseed {

struct DenseOptimiser {
  double beta1, beta2, epsilon;
  /** Take from ∂D_i its part along D_i before the step; scale D_i to length 1 after it. */
  bool projectGradient, normaliseDecoder;
  /** All gradients are scaled together to a norm of at most this; 0: they are not. */
  double clipNorm;
};

struct DenseTask : Schedule {
  size_t features;
  DenseArrays<float> weights, first, second;
  /** [steps] λ */
  const double* sparsities;
  /** [steps × 5] reconstruction, sparsity, auxiliary, total, L0 before each step */
  double* parts;
};

struct DenseTrainJob {
  const float* x;
  size_t rows, width;
  /** For each row of x, the first row that equals it. */
  const int32_t* firstEqual;
  /** λ is that of the task's step. */
  DenseLoss loss;
  DenseOptimiser optimiser;
  std::vector<DenseTask> tasks;
};

/** Stops between two steps. */
void trainDense(const CodePath& path, size_t threads, Stop stop, const DenseTrainJob& job);

struct DensePassJob {
  const float* x;
  size_t rows, width, features;
  const int32_t* firstEqual;
  DenseArrays<const float> weights;
  const int32_t* batch;
  size_t batchRows;
  DenseLoss loss;
  DenseArrays<double> gradients;
  /** [5] */
  double* parts;
};

void forwardBackward(const CodePath& path, size_t threads, const DensePassJob& job);

}  // namespace reseed

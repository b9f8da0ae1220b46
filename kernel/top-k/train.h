// Training of TopK autoencoders, BatchTopK, Matryoshka and AuxK among them, several tasks at once.
#pragma once
#include <vector>

#include "threads/crew.h"
#include "top-k/row-encoder.h"
#include "top-k/weights.h"
#include "training/schedule.h"

namespace reseed {

/** A prefix of the features, and what its reconstruction loss weighs. */
struct Level {
  size_t features;
  double weight;
};

enum class Bias { none, reconstruction, both };
enum class Normalise { never, before, after };

/** AuxK; k is 0 where there is none. The rest as in src/kernel/top-k.ts. */
struct AuxiliaryHyper {
  size_t k;
  double coefficient;
  bool relu, normalise, scaleByDead;
  Bias bias;
  bool inRows, judgedBefore;
  double window, firedAbove;
};

struct Hyper {
  size_t k;
  bool relu, subtractDecoderBias;
  /** The k·B pairs of a batch that rank highest, not k features of each row. */
  bool overBatch;
  bool rankByDecoderNorm, meanOverWidth;
  /** The running threshold: what it keeps, and its first step; none where that is below 0. */
  double thresholdKeep, thresholdFrom;
  double beta1, beta2, epsilon;
  bool projectGradient;
  Normalise normaliseDecoder;
  /** 0: gradients are not clipped. */
  double clipNorm;
  AuxiliaryHyper auxiliary;
};

struct TrainTask : Schedule {
  size_t features;
  Weights<float> weights, first, second;
  std::vector<Level> levels;
  /** [F], with an auxiliary term */
  int32_t* sinceFired;
  /** [1] */
  double* threshold;
  /** Steps before the first of these. */
  double taken;
  /** Results [steps]. */
  double *reconstruction, *auxiliary;
  int32_t* dead;
};

struct TrainJob {
  const float* x;
  size_t rows, width;
  /** For each row of x, the first row that equals it. */
  const int32_t* firstEqual;
  Hyper hyper;
  std::vector<TrainTask> tasks;
};

/** Stops between two steps. */
void trainTopK(const Path& path, size_t threads, Stop stop, const TrainJob& job);

}  // namespace reseed

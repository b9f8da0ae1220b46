// Training of TopK autoencoders, BatchTopK, Matryoshka and AuxK among them, several tasks at once.
#pragma once
#include <vector>

#include "threads/team.h"
#include "top-k/row-encoder.h"
#include "top-k/weights.h"
#include "training/schedule.h"

namespace reseed {

/** A prefix of the features, and what its reconstruction loss weighs. */
struct Level {
  size_t features;
  double weight;
};

enum class AuxiliaryBias { none, reconstruction, both };
enum class Normalise { never, before, after };

/** AuxK; k is 0 where there is none. The rest as in src/kernel/top-k.ts. */
struct AuxiliaryHyper {
  size_t k;
  double coefficient;
  bool relu, normalise, scaleByDead;
  AuxiliaryBias bias;
  bool inRows, judgedBefore;
  double window, firedAbove;
};

struct TopKHyper {
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

struct TopKTask : Schedule {
  size_t features;
  TopKWeights<float> weights, first, second;
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

struct TopKTrainJob {
  const float* x;
  size_t rows, width;
  /** For each row of x, the first row that equals it. */
  const int32_t* firstEqual;
  TopKHyper hyper;
  std::vector<TopKTask> tasks;
};

/** Stops between two steps. */
void trainTopK(const CodePath& path, size_t threads, Stop stop, const TopKTrainJob& job);

}  // namespace reseed

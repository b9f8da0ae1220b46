// One pass over a batch of a ReLU, JumpReLU or Gated autoencoder: codes, loss and all gradients.
#pragma once
#include <memory>

#include "crew.h"
#include "dense-rules.h"
#include "dense-tile.h"
#include "packed.h"
#include "path.h"

namespace reseed {

/** The encoder in panels of float64, and π of blocks of rows. */
class DenseReach {
 public:
  static constexpr size_t blockRows = 32;

  DenseReach(const Path& path, size_t features, size_t width);
  /** Packs this thread's share of the encoder. */
  void pack(size_t id, size_t threads, const float* encoder);

  /** Scratch space of one thread. */
  struct Strip {
    Bytes packed, reach;
  };
  /** π of n ≤ blockRows rows c [n × d]: row r at result + r·stride(). */
  const double* compute(Strip& strip, const float* centred, size_t n) const;
  size_t stride() const { return stride_; }

 private:
  const Tile& tile_;
  size_t features_, width_, stride_;
  Bytes encoder_;
};

/** The parts of a loss; the total is the sum of the first three. */
struct DenseParts {
  double reconstruction, sparsity, auxiliary, total, l0;
};

/** Distinct rows of a batch, and how often each occurs. */
struct CountedRows {
  std::vector<int32_t> rows;
  std::vector<double> counts;
};

/** The threads that pass over batches together. */
class DensePass {
 public:
  DensePass(const Path& path, size_t threads, const float* x, size_t features, size_t width);

  /**
   * Every thread of the crew calls this with the same arguments; when it returns on all of them the gradients are
   * complete. The rows must not change before that.
   */
  void run(size_t id, const DenseArrays<const float>& weights, const CountedRows& rows, const DenseLoss& loss,
           const DenseArrays<double>& gradients, DenseParts& parts);

  Crew& crew() { return crew_; }

 private:
  void prepare(const DenseArrays<const float>& weights, const CountedRows& rows, const DenseLoss& loss);
  void decoderNorms(size_t id, const float* decoder, bool asked);
  void selectBlock(size_t id, size_t block, const DenseArrays<const float>& weights);
  void activity(DenseParts& parts);
  void pullBlock(size_t id, size_t block, const DenseArrays<const float>& weights);
  double project(size_t id, size_t n, const DenseEntries& entries, size_t from, size_t to, const float* column,
                 const DenseArrays<const float>& weights, double* out);
  void sumFeatures(size_t id, size_t piece, const DenseArrays<const float>& weights, const DenseArrays<double>& gradients);
  void sumDecoderBias(size_t id, const float* encoder, double* gradient);

  /** What one thread gathers of each feature of a piece. */
  struct Gathered {
    std::vector<int32_t> rows;
    std::vector<double> codes, pulls;
    FeatureSums sums;
    double penalised = 0;
  };
  struct Scratch {
    DenseReach::Strip strip;
    std::vector<double> codes, toCode, toGate, r;
    std::vector<Gathered> gathered;
  };

  const Path& path_;
  Crew crew_;
  const float* x_;
  size_t features_, width_;
  DenseReach reach_;
  std::vector<Scratch> scratch_;
  std::vector<DenseEntries> blocks_;
  std::vector<float> centred_, residual_;
  std::vector<double> norms_, fired_, penalties_, squares_, auxiliary_, pullSums_;
  Pieces selected_, pulled_, pieces_;
  const CountedRows* rows_ = nullptr;
  DenseLoss loss_{};
  DensePull pull_{};
  double scale_ = 0;
  std::unique_ptr<DenseRule> rule_;
};

struct DenseEncodeJob {
  const float* x;
  size_t rows, width, features;
  DenseArrays<const float> weights;
  /** Only the architecture and subtractDecoderBias are read. */
  DenseLoss loss;
  /** [rows × features] codes, 0 where inactive */
  float* codes;
};

void encodeDense(const Path& path, size_t threads, Stop stop, const DenseEncodeJob& job);

}  // namespace reseed

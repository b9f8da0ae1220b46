// One pass over a batch of a ReLU, JumpReLU or Gated autoencoder: codes, loss and all gradients.
#pragma once
#include "dense/rules.h"
#include "dense/select.h"
#include "isa/packed.h"
#include "threads/team.h"

namespace reseed {

/** The parts of a loss; the total is the sum of the first three. */
struct DenseParts {
  double reconstruction, sparsity, auxiliary, total, l0;
};

/** Distinct rows of a batch, and how often each occurs. */
struct CountedRows {
  std::vector<int32_t> rows;
  std::vector<double> counts;
};

/** The threads that pass over batches of autoencoders of one size together. */
class DensePass {
 public:
  DensePass(const CodePath& path, ThreadTeam& team, const float* x, size_t features, size_t width);

  /**
   * Every thread of the team calls this with the same arguments; when it returns on all of them the parts and the
   * gradient of the decoder bias are complete, and the features can be taken. Rows and weights must not change before that.
   */
  void run(size_t id, const DenseArrays<const float>& weights, const CountedRows& rows, const DenseLoss& loss,
           double* decoderBias, DenseParts& parts);

  /** A range of features that no other thread takes. */
  bool takeFeatures(size_t& part, size_t& from, size_t& to);
  /** Gradients are complete some columns at a time: as many as let those of all rows of the batch stay in cache. */
  size_t columns() const { return columns_; }
  /** ∂W_i or ∂D_i, columns from … to: at most `columns()`, of which `from` is a multiple. Reads no other feature's weights. */
  template <class T>
  void sumEncoder(size_t id, size_t part, size_t i, size_t from, size_t to, T* gradient);
  template <class T>
  void sumDecoder(size_t id, size_t part, size_t i, size_t from, size_t to, T* gradient);
  /** Gradients of feature i's own parameters. */
  void sumOwn(size_t part, size_t i, double* const* perFeature) const;

  size_t features() const { return features_; }

 private:
  /** The entries of a range of features, those of each in the order of their rows. */
  struct Part {
    std::vector<int32_t> starts, next, rows;
    std::vector<float> codes, pulls;
    std::vector<FeatureSums> sums;
    std::vector<double> penalised;
  };
  struct Scratch {
    /** [block rows × d] float32 */
    Bytes r, kept;
    /** [d] float32 */
    Bytes sums;
    /** One value an entry of a block. */
    std::vector<double> toCode, toGate;
    std::vector<int32_t> cursors;
    FeatureChunks chunks;
  };

  void prepare(const DenseArrays<const float>& weights, const CountedRows& rows, const DenseLoss& loss);
  void decoderNorms(size_t id);
  void forwardBlock(size_t id, size_t block);
  void project(size_t id, size_t n0, size_t n1, const DenseEntries& entries, const float* column, std::vector<double>& out,
               double* squares);
  void spread(Bytes& table, size_t n, const float* row) const;
  const float* columnsOf(const Bytes& table, size_t from) const { return table.as<float>() + from * rows_->rows.size(); }
  void activity(DenseParts& parts);
  void sortPart(size_t id, size_t part);
  template <class T>
  void addColumns(size_t id, const Part& part, size_t i, const std::vector<float>& scales, const Bytes& table, size_t from,
                  size_t to, T* gradient);
  void sumDecoderBias(size_t id, double* gradient) const;

  const CodePath& path_;
  ThreadTeam& team_;
  const float* x_;
  const size_t features_, width_, partFeatures_;
  DenseSelection selection_;
  DenseRule rule_;
  std::vector<Scratch> scratch_;
  std::vector<DenseEntries> blocks_;
  std::vector<Part> parts_;
  /** c and r of all rows in float32, [columns / columns_][rows][columns_], the last columns as wide as is left. */
  Bytes centred_, residual_;
  size_t columns_ = 0;
  std::vector<double> norms_, fired_, penalties_, squares_, auxiliary_;
  size_t blockRows_ = 1;
  Pieces forward_, sorted_, summed_;
  const CountedRows* rows_ = nullptr;
  DenseArrays<const float> weights_{};
  DenseLoss loss_{};
  DensePull pull_{};
  double scale_ = 0;
};

}  // namespace reseed

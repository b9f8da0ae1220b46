// What differs between ReLU, JumpReLU and Gated autoencoders, as portable/dense-{relu,jumprelu,gated}.ts have it.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace reseed {

enum class DenseArchitecture { relu, jumprelu, gated };

inline size_t perFeatureCount(DenseArchitecture a) {
  return a == DenseArchitecture::relu ? 1 : a == DenseArchitecture::jumprelu ? 2 : 3;
}

/** One array for each parameter; per feature: b | b, θ | b_g, b_m, r. */
template <class T>
struct DenseArrays {
  T *encoder, *decoder, *decoderBias;
  T* perFeature[3];
};

struct DenseLoss {
  DenseArchitecture architecture;
  bool subtractDecoderBias, weighByDecoderNorm, meanOverWidth;
  /** λ */
  double sparsity;
  double bandwidth;
  /** 0 for none */
  double targetL0;
};

/** The entries of a block of rows, features ascending in each; columns that a rule does not use are undefined. */
struct DenseEntries {
  std::vector<int32_t> offsets{0}, features;
  std::vector<float> code, gateCode, input, pull, gatePull, codePull;
  size_t count = 0;

  size_t begin(size_t row) const { return static_cast<size_t>(offsets[row]); }
  size_t end(size_t row) const { return static_cast<size_t>(offsets[row + 1]); }
  void clear() {
    offsets.assign(1, 0);
    count = 0;
  }
  void reserve(size_t more) {
    if (count + more <= features.size()) return;
    const size_t size = std::max(count + more, 2 * features.size());
    features.resize(size);
    for (std::vector<float>* column : {&code, &gateCode, &input, &pull, &gatePull, &codePull}) column->resize(size);
  }
  void endRow() { offsets.push_back(static_cast<int32_t>(count)); }
};

/** What a rule needs to know of the batch. */
struct DensePull {
  /** λ/B, and ∂(sparsity loss)/∂L0 / B */
  double share, perActive, batchRows;
  /** w_i [F] */
  const double* weights;
};

/** The sums over the entries of one feature that make its own parameters' gradients. */
struct FeatureSums {
  double pull = 0, gate = 0, code = 0, log = 0, active = 0, steps = 0;
};

class DenseRule {
 public:
  /** The rule of these weights as they are now. */
  void begin(const DenseLoss& loss, const DenseArrays<const float>& weights, size_t features);

  /** [F] A feature can be an entry only where π plus this is at least 0; in float32, off by at most `screenError()`. */
  const float* screenBias() const { return screenBias_.data(); }
  double screenError() const { return screenError_; }
  /** Appends the entries of a row, which are among the features `found`. @param reach π of the features in `found`, which ascend */
  void select(const int32_t* found, size_t count, const double* reach, DenseEntries& entries) const;
  /** Pulls of the entries from … to of a row that occurs `count` times, from the D_i·r of all entries. */
  void pull(DenseEntries& entries, size_t from, size_t to, const double* toCode, const double* toGate, double count,
            const DensePull& pull) const;
  void sum(const DenseEntries& entries, size_t e, size_t feature, double count, FeatureSums& sums) const {
    sums.pull += entries.pull[e];
    if (loss_.architecture != DenseArchitecture::relu) sumOthers(entries, e, feature, count, sums);
  }
  /** Gradients of feature i's own parameters. */
  void finish(const FeatureSums& sums, size_t i, const DensePull& pull, double* const* gradients) const;

 private:
  bool near(float value, size_t i) const;
  void sumOthers(const DenseEntries& entries, size_t e, size_t feature, double count, FeatureSums& sums) const;

  DenseLoss loss_{};
  DenseArrays<const float> weights_{};
  std::vector<float> screenBias_;
  double screenError_ = 0;
  /** eʳ (gated) */
  std::vector<double> scale_;
};

}  // namespace reseed

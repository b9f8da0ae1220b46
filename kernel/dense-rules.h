// What differs between ReLU, JumpReLU and Gated autoencoders, as portable/dense-{relu,jumprelu,gated}.ts have it.
#pragma once
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

/** The entries of a block of rows; those of its row n are `offsets[n] … offsets[n+1])`, features ascending. */
struct DenseEntries {
  std::vector<int32_t> offsets, features;
  std::vector<float> code, gateCode, input, pull, gatePull, codePull;

  void clear() {
    offsets.assign(1, 0);
    features.clear();
    code.clear();
    gateCode.clear();
    input.clear();
  }
  void add(size_t feature, float z, float y, float in) {
    features.push_back(static_cast<int32_t>(feature));
    code.push_back(z);
    gateCode.push_back(y);
    input.push_back(in);
  }
  void endRow() { offsets.push_back(static_cast<int32_t>(features.size())); }
  /** Room for the pulls of all entries. */
  void openPulls() {
    pull.resize(features.size());
    gatePull.resize(features.size());
    codePull.resize(features.size());
  }
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
  DenseRule(const DenseLoss& loss, const DenseArrays<const float>& weights, size_t features);

  /** Adds the entries of one row. @param reach π [F] */
  void select(const double* reach, DenseEntries& entries) const;
  void pull(DenseEntries& entries, size_t e, double toCode, double toGate, double count, const DensePull& pull) const;
  void sum(const DenseEntries& entries, size_t e, size_t feature, double count, FeatureSums& sums) const;
  /** Gradients of feature i's own parameters. */
  void finish(const FeatureSums& sums, size_t i, const DensePull& pull, double* const* gradients) const;

 private:
  bool near(float value, size_t i) const;

  const DenseLoss& loss_;
  DenseArrays<const float> weights_;
  size_t features_;
  /** eʳ (gated) */
  std::vector<double> scale_;
};

}  // namespace reseed

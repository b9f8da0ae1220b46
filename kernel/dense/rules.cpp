// Codes and gradients of single entries; every operation and its rounding as in the portable kernel.
#include "dense/rules.h"

#include <cmath>

namespace reseed {
namespace {

/** eˣ from additions and multiplications only; see portable/exponential.ts. */
double exponential(double x) {
  const double limited = x > 700 ? 700 : x < -700 ? -700 : x;
  const double k = std::floor(limited * 1.4426950408889634 + 0.5);
  const double r = limited - k * 0.6931471803691238 - k * 1.9082149292705877e-10;
  double sum = 1;
  for (int n = 13; n >= 1; n--) sum = 1 + (sum * r) / n;
  return std::ldexp(sum, static_cast<int>(k));
}

}  // namespace

void DenseRule::begin(const DenseLoss& loss, const DenseArrays<const float>& weights, size_t features) {
  loss_ = loss;
  weights_ = weights;
  const float *bias = weights.perFeature[0], *second = weights.perFeature[1];
  screenBias_.resize(features);
  double largest = 0;
  for (size_t i = 0; i < features; i++) {
    double limit = 0;
    if (loss.architecture == DenseArchitecture::jumprelu) {
      // Active from θ (and 0) on, near it from θ − ε/2 on.
      const double threshold = second[i];
      limit = std::min(std::max(threshold, 0.0), threshold - loss.bandwidth / 2);
    }
    screenBias_[i] = static_cast<float>(static_cast<double>(bias[i]) - limit);
    const double size = std::fabs(static_cast<double>(bias[i])) + std::fabs(limit);
    // NaN makes no entries, here or in the portable kernel, and must not hide what is infinite.
    largest = size > largest ? size : largest;
  }
  screenError_ = 0x1p-22 * largest;
  if (loss.architecture != DenseArchitecture::gated) return;
  scale_.resize(features);
  for (size_t i = 0; i < features; i++) scale_[i] = exponential(weights.perFeature[2][i]);
}

bool DenseRule::near(float value, size_t i) const {
  const double u = (static_cast<double>(value) - static_cast<double>(weights_.perFeature[1][i])) / loss_.bandwidth;
  return u > -0.5 && u < 0.5;
}

void DenseRule::select(const int32_t* found, size_t count, const double* reach, DenseEntries& entries) const {
  const float *first = weights_.perFeature[0], *second = weights_.perFeature[1];
  entries.reserve(count);
  int32_t* features = entries.features.data();
  float *code = entries.code.data(), *gateCode = entries.gateCode.data(), *input = entries.input.data();
  // Every feature is written, and one that is no entry is overwritten by the next: there is no branch to predict.
  size_t at = entries.count;
  for (size_t s = 0; s < count; s++) {
    const size_t i = static_cast<size_t>(found[s]);
    const float p = static_cast<float>(reach[s] + static_cast<double>(first[i]));
    features[at] = found[s];
    switch (loss_.architecture) {
      case DenseArchitecture::relu:
        code[at] = p;
        at += p > 0;
        break;
      case DenseArchitecture::jumprelu: {
        const bool active = p > second[i] && p > 0;
        code[at] = active ? p : 0;
        input[at] = p;
        at += active || near(p, i);
        break;
      }
      case DenseArchitecture::gated: {
        const double scaled = scale_[i] * reach[s];
        const float z = static_cast<float>(scaled + static_cast<double>(second[i]));
        // NaN stays, as it does in Math.max.
        code[at] = z <= 0 ? 0 : z;
        gateCode[at] = p;
        input[at] = static_cast<float>(scaled);
        at += p > 0;
        break;
      }
    }
  }
  entries.count = at;
  entries.endRow();
}

void DenseRule::pull(DenseEntries& entries, size_t from, size_t to, const double* toCode, const double* toGate, double count,
                     const DensePull& pull) const {
  const double share = pull.share * count;
  for (size_t e = from; e < to; e++) {
    const size_t i = static_cast<size_t>(entries.features[e]);
    const double own = toCode[e];
    switch (loss_.architecture) {
      case DenseArchitecture::relu:
        entries.pull[e] = static_cast<float>(own + share * pull.weights[i]);
        break;
      case DenseArchitecture::jumprelu:
        entries.codePull[e] = static_cast<float>(own);
        entries.pull[e] = entries.code[e] > 0 ? static_cast<float>(own) : 0;
        break;
      case DenseArchitecture::gated: {
        const double code = entries.code[e] > 0 ? own : 0;
        const double gate = toGate[e] + share * pull.weights[i];
        entries.codePull[e] = static_cast<float>(code);
        entries.gatePull[e] = static_cast<float>(gate);
        entries.pull[e] = static_cast<float>(scale_[i] * code + gate);
        break;
      }
    }
  }
}

void DenseRule::sumOthers(const DenseEntries& entries, size_t e, size_t i, double count, FeatureSums& sums) const {
  if (loss_.architecture == DenseArchitecture::gated) {
    sums.gate += entries.gatePull[e];
    sums.code += entries.codePull[e];
    sums.log += static_cast<double>(entries.codePull[e]) * static_cast<double>(entries.input[e]);
  } else if (loss_.architecture == DenseArchitecture::jumprelu) {
    const bool isNear = near(entries.input[e], i), isActive = entries.code[e] > 0;
    if (isNear) sums.code += entries.codePull[e];
    if (isActive) sums.active += count;
    if (isNear && (loss_.targetL0 == 0 || isActive)) sums.steps += count;
  }
}

void DenseRule::finish(const FeatureSums& sums, size_t i, const DensePull& pull, double* const* gradients) const {
  switch (loss_.architecture) {
    case DenseArchitecture::relu:
      gradients[0][i] = sums.pull;
      break;
    case DenseArchitecture::jumprelu: {
      const double steps = loss_.targetL0 != 0 && near(0, i) ? sums.steps + (pull.batchRows - sums.active) : sums.steps;
      const double threshold = weights_.perFeature[1][i];
      gradients[0][i] = sums.pull;
      gradients[1][i] = -(threshold / loss_.bandwidth) * sums.code - (pull.perActive / loss_.bandwidth) * steps;
      break;
    }
    case DenseArchitecture::gated:
      gradients[0][i] = sums.gate;
      gradients[1][i] = sums.code;
      gradients[2][i] = sums.log;
      break;
  }
}

}  // namespace reseed

// Codes and gradients of single entries; every operation and its rounding as in the portable kernel.
#include "dense-rules.h"

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

DenseRule::DenseRule(const DenseLoss& loss, const DenseArrays<const float>& weights, size_t features)
    : loss_(loss), weights_(weights), features_(features) {
  if (loss.architecture != DenseArchitecture::gated) return;
  scale_.resize(features);
  for (size_t i = 0; i < features; i++) scale_[i] = exponential(weights.perFeature[2][i]);
}

bool DenseRule::near(float value, size_t i) const {
  const double u = (static_cast<double>(value) - static_cast<double>(weights_.perFeature[1][i])) / loss_.bandwidth;
  return u > -0.5 && u < 0.5;
}

void DenseRule::select(const double* reach, DenseEntries& entries) const {
  const float *first = weights_.perFeature[0], *second = weights_.perFeature[1];
  for (size_t i = 0; i < features_; i++) {
    const float p = static_cast<float>(reach[i] + static_cast<double>(first[i]));
    switch (loss_.architecture) {
      case DenseArchitecture::relu:
        if (p > 0) entries.add(i, p, 0, 0);
        break;
      case DenseArchitecture::jumprelu: {
        const bool active = p > second[i] && p > 0;
        if (active || near(p, i)) entries.add(i, active ? p : 0, 0, p);
        break;
      }
      case DenseArchitecture::gated: {
        if (!(p > 0)) break;
        const double scaled = scale_[i] * reach[i];
        const float z = static_cast<float>(scaled + static_cast<double>(second[i]));
        entries.add(i, z > 0 ? z : 0, p, static_cast<float>(scaled));
        break;
      }
    }
  }
  entries.endRow();
}

void DenseRule::pull(DenseEntries& entries, size_t e, double toCode, double toGate, double count,
                     const DensePull& pull) const {
  const size_t i = static_cast<size_t>(entries.features[e]);
  switch (loss_.architecture) {
    case DenseArchitecture::relu:
      entries.pull[e] = static_cast<float>(toCode + pull.share * count * pull.weights[i]);
      break;
    case DenseArchitecture::jumprelu:
      entries.codePull[e] = static_cast<float>(toCode);
      entries.pull[e] = entries.code[e] > 0 ? static_cast<float>(toCode) : 0;
      break;
    case DenseArchitecture::gated: {
      const double code = entries.code[e] > 0 ? toCode : 0;
      const double gate = toGate + pull.share * count * pull.weights[i];
      entries.codePull[e] = static_cast<float>(code);
      entries.gatePull[e] = static_cast<float>(gate);
      entries.pull[e] = static_cast<float>(scale_[i] * code + gate);
      break;
    }
  }
}

void DenseRule::sum(const DenseEntries& entries, size_t e, size_t i, double count, FeatureSums& sums) const {
  sums.pull += entries.pull[e];
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

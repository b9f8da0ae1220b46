// TopK encoding: approximate pre-activations of all features, exact ones of the few that could be selected.
//
// Let v_i be the approximate pre-activation of feature i, |p_i − v_i| ≤ e for all i (screening-error.h; adding the bias in float32
// rounds once more). The k features that lead by v are computed first, in float64 as the portable kernel does. The least of
// these, L, is no more than the k-th largest of all, so every other selected one has p ≥ L and v ≥ L − e. Those are computed in
// float32; of them, what could reach L within the bound of that sum is computed in float64. The k largest are taken, ties to the
// lower index: the same selection and the same bytes. Where the bound is not finite, or values are so large that float32
// overflows, all features are computed exactly.
//
// Where features are ranked by n_i·p_i, v_i is n_i·v_i in float32 and e is max(n)·e and a few roundings more.
//
// Cost: 2·N·d·F operations at the rate of `screen`, and little more than 2·N·k·d exact ones. Memory: the packed
// encoder, and for each thread a block of rows with all their approximate pre-activations (at most about 4 MiB).
#include "top-k/row-encoder.h"

#include <algorithm>
#include <functional>

#include "top-k/ranks.h"

namespace reseed {
namespace {

constexpr size_t stripBytes = size_t{4} << 20;
constexpr size_t mostRows = 128;
/** Entries past the end of an array that is written in whole vectors. */
constexpr size_t margin = 16;
/** Up to this many candidates are compared each with each; more are partly sorted. */
constexpr size_t mostCompared = 128;
/** So much of the encoder is multiplied with all rows of a block before the rest: it stays in cache. */
constexpr size_t groupBytes = size_t{256} << 10;

}  // namespace

RowEncoder::RowEncoder(const CodePath& path, const Screen& screen, size_t features, size_t width, size_t k)
    : path_(path), screen_(screen), width_(width) {
  shape(features, k);
}

void RowEncoder::shape(size_t features, size_t k) {
  features_ = features;
  k_ = k;
  stride_ = panelsOf(features, screen_.panelB) * screen_.panelB;
  const size_t fitting = stripBytes / (4 * std::max<size_t>(stride_, 1));
  blockRows_ = std::max<size_t>(1, std::min(mostRows, fitting) / screen_.panelA) * screen_.panelA;
  input_.grow(std::max<size_t>(64, 4 * blockRows_ * width_));
  packedInput_.grow(std::max<size_t>(64, blockRows_ * screen_.rowBytes(width_)));
  strip_.grow(std::max<size_t>(64, 4 * blockRows_ * stride_));
  if (found_.size() >= features + margin) return;
  found_.resize(features + margin);
  leaders_.resize(features + margin);
  others_.resize(features);
  leaderValues_.resize(features);
  otherValues_.resize(features);
  exact_.resize(features);
  ranks_.resize(features);
  sorted_.resize(features);
}

/** Lists in `leaders_` the k features with the largest approximate ranks, the least of them `least_`, and what ties with it. */
void RowEncoder::lead(const float* approx) {
  // A limit is guessed, a little below the k-th value of earlier rows, and lowered until at least k features reach it.
  for (double level = level_ - 0.1, drop = 0.2; drop < 100; level -= drop, drop *= 2) {
    least_ = static_cast<float>(mean_ + level * sd_);
    leading_ = path_.atLeast(approx, features_, least_, leaders_.data());
    if (leading_ >= k_) break;
  }
  if (leading_ < k_) {
    least_ = -HUGE_VALF;
    leading_ = features_;
    for (size_t i = 0; i < features_; i++) leaders_[i] = static_cast<int32_t>(i);
  }
  for (size_t s = 0; s < leading_; s++) ranks_[s] = rankOf(static_cast<double>(approx[leaders_[s]]));
  least_ = static_cast<float>(valueOf(kthOf(leading_).first));
  size_t kept = 0;
  for (size_t s = 0; s < leading_; s++) {
    const int32_t i = leaders_[s];
    leaders_[kept] = i;
    kept += approx[i] >= least_;
  }
  leading_ = kept;
}

/** Exact pre-activations of the n features, and their ranks. */
void RowEncoder::exact(const Row& row, const int32_t* features, size_t n, double* values, int64_t* ranks) {
  path_.dots(input(row.at), row.encoder, width_, features, n, values);
  for (size_t s = 0; s < n; s++) {
    values[s] += row.bias[features[s]];
    ranks[s] = rankOf(row.packed.scales == nullptr ? values[s] : values[s] * row.packed.scales[features[s]]);
  }
}

/**
 * Lists in `found_` every feature that could be among the k largest, ascending, with exact pre-activations and ranks; returns
 * how many.
 */
size_t RowEncoder::settle(const Row& row, const float* approx, double error) {
  rows_++;
  if (k_ == features_ || !(error < 1e30)) {
    for (size_t i = 0; i < features_; i++) found_[i] = static_cast<int32_t>(i);
    exact(row, found_.data(), features_, exact_.data(), ranks_.data());
    products_ += features_;
    return features_;
  }
  lead(approx);
  exact(row, leaders_.data(), leading_, leaderValues_.data(), ranks_.data());
  const double kth = valueOf(kthOf(leading_).first);
  const size_t reaching = path_.atLeast(approx, features_, below(kth - error), found_.data());
  products_ += reaching;
  // Of the others, those that float32 cannot rule out either.
  size_t others = 0;
  for (size_t s = 0; s < reaching; s++) {
    others_[others] = found_[s];
    others += approx[found_[s]] < least_;
  }
  others = narrow(row, kth, others);
  exact(row, others_.data(), others, otherValues_.data(), ranks_.data());
  size_t total = 0;
  for (size_t p = 0, q = 0; p < leading_ || q < others; total++) {
    const bool first = q == others || (p < leading_ && leaders_[p] < others_[q]);
    found_[total] = first ? leaders_[p] : others_[q];
    exact_[total] = first ? leaderValues_[p++] : otherValues_[q++];
    ranks_[total] = rankOf(row.packed.scales == nullptr ? exact_[total] : exact_[total] * row.packed.scales[found_[total]]);
  }
  return total;
}

/** Keeps of `others_` those whose rank could reach the limit, by float32 sums. */
size_t RowEncoder::narrow(const Row& row, double limit, size_t n) {
  if (n < 8) return n;
  path_.quickDots(input(row.at), row.encoder, width_, others_.data(), n, otherValues_.data());
  const double error = row.packed.float32RankError(norm_);
  size_t kept = 0;
  for (size_t s = 0; s < n; s++) {
    const int32_t i = others_[s];
    const double value = otherValues_[s] + row.bias[i];
    others_[kept] = i;
    kept += !((row.packed.scales == nullptr ? value : value * row.packed.scales[i]) + error < limit);
  }
  return kept;
}

void RowEncoder::screen(const PackedEncoder& packed, size_t n) {
  const size_t bytes = screen_.rowBytes(width_);
  for (size_t r = 0; r < n; r += screen_.panelA) {
    screen_.packA(input(r), std::min(screen_.panelA, n - r), width_, 1, packedInput_.as() + r * bytes);
  }
  const size_t panels = panelsOf(features_, screen_.panelB);
  const size_t group = std::max<size_t>(1, groupBytes / std::max<size_t>(1, screen_.panelB * bytes));
  for (size_t p = 0; p < panels; p += group) {
    const size_t at = p * screen_.panelB;
    for (size_t r = 0; r < n; r += screen_.panelA) {
      screen_.products(packedInput_.as() + r * bytes, packed.panels.as() + at * bytes, width_, std::min(group, panels - p),
                       strip_.as<float>() + r * stride_ + at, stride_);
    }
  }
}

float* RowEncoder::ranks(const PackedEncoder& packed, const float* bias, size_t r, double* error) {
  Norms row;
  screen_.rowNorms(input(r), width_, 1, &row.norm, &row.lost);
  *error = packed.rankError(row);
  norm_ = row.norm;
  float* approx = strip_.as<float>() + r * stride_;
  if (packed.scales != nullptr) {
    for (size_t i = 0; i < features_; i++) approx[i] *= packed.roundedScales[i];
    bias = packed.scaledBias.data();
  }
  path_.addBias(approx, bias, features_, &mean_, &sd_);
  return approx;
}

void RowEncoder::select(const PackedEncoder& packed, const float* encoder, const float* bias, size_t n,
                        int32_t* indices, float* values) {
  screen(packed, n);
  for (size_t r = 0; r < n; r++) {
    double error;
    float* approx = ranks(packed, bias, r, &error);
    const size_t count = settle({packed, encoder, bias, r}, approx, error);
    const auto [kth, better] = kthOf(count);
    const double level = (valueOf(kth) - mean_) / sd_;
    if (std::fabs(level) < 100) level_ += 0.2 * (level - level_);
    // Candidates ascend, so of those that tie with the k-th the lowest indices are taken.
    size_t ties = k_ - better, out = r * k_;
    for (size_t s = 0; s < count; s++) {
      if (ranks_[s] < kth || (ranks_[s] == kth && ties == 0)) continue;
      if (ranks_[s] == kth) ties--;
      indices[out] = found_[s];
      values[out++] = static_cast<float>(exact_[s]);
    }
  }
}

/** The k-th largest of the first `count` ranks, and how many are greater. */
std::pair<int64_t, size_t> RowEncoder::kthOf(size_t count) {
  if (count <= mostCompared) {
    size_t greater;
    const int64_t kth = path_.kthLargest(ranks_.data(), count, k_, &greater);
    return {kth, greater};
  }
  std::copy_n(ranks_.begin(), count, sorted_.begin());
  const auto end = sorted_.begin() + static_cast<std::ptrdiff_t>(count);
  const auto kth = sorted_.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
  std::nth_element(sorted_.begin(), kth, end, std::greater<int64_t>());
  const auto better = std::count_if(sorted_.begin(), kth, [&](int64_t rank) { return rank > *kth; });
  return {*kth, static_cast<size_t>(better)};
}

}  // namespace reseed

// TopK encoding: approximate pre-activations of all features, exact ones of the few that could be selected.
//
// Let v_i be the approximate pre-activation of feature i, |p_i − v_i| ≤ e for all i (packed.h; the float32 sum with
// the bias adds one rounding), and t the k-th largest v. At least k features have p ≥ t − e, so every selected one
// has p ≥ t − e and v ≥ t − 2e. Those are computed in float64 as the portable kernel does, and the k largest taken,
// ties to the lower index: the same selection and the same bytes. Where the bound is not finite, or values are so
// large that float32 overflows, all features are computed exactly.
//
// Where features are ranked by n_i·p_i, v_i is n_i·v_i in float32 and e is max(n)·e and a few roundings more.
//
// Cost: 2·N·d·F operations at the rate of `screen`, and little more than 2·N·k·d exact ones. Memory: the packed
// encoder, and for each thread a block of rows with all their approximate pre-activations (at most about 4 MiB).
#include "encode.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <memory>

namespace reseed {
namespace {

constexpr size_t stripBytes = size_t{4} << 20;
constexpr size_t mostRows = 64;
/** Entries past the end of an array that is written in whole vectors. */
constexpr size_t margin = 16;
/** So many candidates are compared each with each; more are sorted in part. */
constexpr size_t mostCompared = 128;
/** Panels of the encoder that are used for all rows of a block before the next: they stay in cache. */
constexpr size_t groupBytes = size_t{256} << 10;

}  // namespace

PackedEncoder::PackedEncoder(const Path& path, size_t features, size_t width, size_t threads)
    : path(path), width(width), threads(threads), normsOf_(threads), biasOf_(threads), scaleOf_(threads) {
  shape(features);
}

void PackedEncoder::shape(size_t count) {
  features = count;
  roundedScales.resize(features);
  scaledBias.resize(features);
  panels.grow(std::max<size_t>(64, panelsOf(features, path.panelB) * path.panelB * path.rowBytes(width)));
}

void PackedEncoder::pack(size_t id, const float* encoder, const float* bias, const double* by) {
  Norms largest;
  double most = 0, mostScale = by == nullptr ? 1 : 0;
  for (size_t p = id; p < panelsOf(features, path.panelB); p += threads) {
    const size_t from = p * path.panelB;
    const size_t n = std::min(path.panelB, features - from);
    path.packB(encoder + from * width, n, width, 1, panels.as() + from * path.rowBytes(width));
    for (size_t i = from; i < from + n; i++) {
      Norms row;
      path.rowNorms(encoder + i * width, width, 1, &row.norm, &row.lost);
      largest.widen(row);
      most = std::max(most, std::fabs(static_cast<double>(bias[i])));
      if (by == nullptr) continue;
      mostScale = by[i] > mostScale || by[i] != by[i] ? by[i] : mostScale;
      roundedScales[i] = static_cast<float>(by[i]);
      scaledBias[i] = static_cast<float>(by[i]) * bias[i];
    }
  }
  normsOf_[id] = largest;
  biasOf_[id] = most;
  scaleOf_[id] = mostScale;
  if (id == 0) scales = by;
}

void PackedEncoder::gather() {
  norms = {};
  for (const Norms& part : normsOf_) norms.widen(part);
  bias = *std::max_element(biasOf_.begin(), biasOf_.end());
  scale = 0;
  for (const double part : scaleOf_) scale = part > scale || part != part ? part : scale;
}

double PackedEncoder::rankError(const Norms& row) const {
  const double reach = (row.norm + row.lost) * (norms.norm + norms.lost) + bias;
  // Values that float32 cannot hold have no bound.
  if (!(reach < 1e30) || !(reach * scale < 1e30)) return HUGE_VAL;
  const double error = screeningError(row, norms, width);
  return scales == nullptr ? error + 0x1p-22 * reach : scale * (error + 0x1p-21 * reach) + 0x1p-140;
}

RowEncoder::RowEncoder(const Path& path, size_t features, size_t width, size_t k) : path_(path), width_(width) {
  shape(features, k);
}

void RowEncoder::shape(size_t features, size_t k) {
  features_ = features;
  k_ = k;
  stride_ = panelsOf(features, path_.panelB) * path_.panelB;
  const size_t fitting = stripBytes / (4 * std::max<size_t>(stride_, 1));
  blockRows_ = std::max<size_t>(1, std::min(mostRows, fitting) / path_.panelA) * path_.panelA;
  input_.grow(std::max<size_t>(64, 4 * blockRows_ * width_));
  packedInput_.grow(std::max<size_t>(64, blockRows_ * path_.rowBytes(width_)));
  strip_.grow(std::max<size_t>(64, 4 * blockRows_ * stride_));
  if (found_.size() >= features + margin) return;
  found_.resize(features + margin);
  order_.resize(features);
  exact_.resize(features);
  ranks_.resize(features);
  sorted_.resize(features);
}

/** Lists in `found_` every feature that could be among the k largest, ascending. */
size_t RowEncoder::candidates(float* approx, double slack) {
  const auto everything = [&] {
    for (size_t i = 0; i < features_; i++) found_[i] = static_cast<int32_t>(i);
    return features_;
  };
  if (k_ == features_ || !(slack < 1e30)) return everything();
  // Any limit with k values above it bounds t from below. It is guessed a little under where the k-th value was in
  // the rows before, and lowered until it holds.
  for (double level = level_ - 0.15, drop = 0.2; drop < 100; level -= drop, drop *= 2) {
    const float limit = static_cast<float>(mean_ + level * sd_);
    const size_t count = path_.atLeast(approx, features_, below(limit - slack), found_.data());
    const size_t above = static_cast<size_t>(std::count_if(
        found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(count), [&](int32_t i) { return approx[i] >= limit; }));
    if (above < k_) continue;
    return above > 2 * k_ + 32 ? tighten(approx, count, slack) : count;
  }
  return everything();
}

/** Keeps of the first `count` features those within the slack of the k-th value itself. */
size_t RowEncoder::tighten(const float* approx, size_t count, double slack) {
  for (size_t s = 0; s < count; s++) order_[s] = approx[found_[s]];
  const auto kth = order_.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
  std::nth_element(order_.begin(), kth, order_.begin() + static_cast<std::ptrdiff_t>(count), std::greater<float>());
  const float needed = below(*kth - slack);
  size_t kept = 0;
  for (size_t s = 0; s < count; s++) {
    if (approx[found_[s]] >= needed) found_[kept++] = found_[s];
  }
  return kept;
}

void RowEncoder::screen(const PackedEncoder& packed, size_t n) {
  const size_t bytes = path_.rowBytes(width_);
  for (size_t r = 0; r < n; r += path_.panelA) {
    path_.packA(input(r), std::min(path_.panelA, n - r), width_, 1, packedInput_.as() + r * bytes);
  }
  const size_t panels = panelsOf(features_, path_.panelB);
  const size_t group = std::max<size_t>(1, groupBytes / std::max<size_t>(1, path_.panelB * bytes));
  for (size_t p = 0; p < panels; p += group) {
    const size_t at = p * path_.panelB;
    for (size_t r = 0; r < n; r += path_.panelA) {
      path_.screen(packedInput_.as() + r * bytes, packed.panels.as() + at * bytes, width_,
                   std::min(group, panels - p), strip_.as<float>() + r * stride_ + at, stride_);
    }
  }
}

float* RowEncoder::ranks(const PackedEncoder& packed, const float* bias, size_t r, double* error) {
  Norms row;
  path_.rowNorms(input(r), width_, 1, &row.norm, &row.lost);
  *error = packed.rankError(row);
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
    const size_t count = candidates(approx, 2 * error);
    path_.dots(input(r), encoder, width_, found_.data(), count, exact_.data());
    for (size_t s = 0; s < count; s++) {
      exact_[s] += bias[found_[s]];
      ranks_[s] = rankOf(packed.scales == nullptr ? exact_[s] : exact_[s] * packed.scales[found_[s]]);
    }
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

void encodeTopK(const Path& path, size_t threads, Stop stop, const EncodeJob& job) {
  if (job.k == 0 || job.rows == 0) return;
  PackedEncoder packed(path, job.features, job.width, threads);
  std::vector<std::unique_ptr<RowEncoder>> encoders;
  for (size_t id = 0; id < threads; id++) {
    encoders.push_back(std::make_unique<RowEncoder>(path, job.features, job.width, job.k));
  }
  Crew crew(threads);
  const size_t block = encoders[0]->blockRows();
  Pieces pieces;
  pieces.reset(panelsOf(job.rows, block));
  onThreads(threads, [&](size_t id) {
    path.enter();
    packed.pack(id, job.weights.encoder, job.weights.encoderBias);
    crew.meet();
    if (id == 0) packed.gather();
    crew.meet();
    RowEncoder& encoder = *encoders[id];
    for (size_t piece; pieces.take(piece) && !stop.asked();) {
      const size_t from = piece * block;
      const size_t n = std::min(block, job.rows - from);
      for (size_t r = 0; r < n; r++) {
        centre(encoder.input(r), job.x + (from + r) * job.width, job.width,
               job.subtractDecoderBias ? job.weights.decoderBias : nullptr);
      }
      float* values = job.values + from * job.k;
      encoder.select(packed, job.weights.encoder, job.weights.encoderBias, n, job.indices + from * job.k, values);
      if (job.relu) {
        for (size_t e = 0; e < n * job.k; e++) values[e] = values[e] > 0 ? values[e] : 0;
      }
    }
    path.leave();
  });
}

}  // namespace reseed

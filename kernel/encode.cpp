// TopK encoding: approximate pre-activations of all features, exact ones of the few that could be selected.
//
// Let v_i be the approximate pre-activation of feature i, |p_i − v_i| ≤ e for all i (packed.h; the float32 sum with
// the bias adds one rounding), and t the k-th largest v. At least k features have p ≥ t − e, so every selected one
// has p ≥ t − e and v ≥ t − 2e. Those are computed in float64 as the portable kernel does, and the k largest taken,
// ties to the lower index: the same selection and the same bytes. Where the bound is not finite, or values are so
// large that float32 overflows, all features are computed exactly.
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

/** Orders doubles totally, NaN above all: sorting must not run away when training has diverged. */
int64_t rankOf(double v) {
  const int64_t bits = std::bit_cast<int64_t>(v + 0.0);
  return bits ^ static_cast<int64_t>(static_cast<uint64_t>(bits >> 63) >> 1);
}

/** The value of a rank. */
double valueOf(int64_t rank) {
  return std::bit_cast<double>(rank ^ static_cast<int64_t>(static_cast<uint64_t>(rank >> 63) >> 1));
}

/** A float32 below v. */
float below(double v) { return std::nextafter(static_cast<float>(v), -HUGE_VALF); }

}  // namespace

PackedEncoder::PackedEncoder(const Path& path, size_t features, size_t width, size_t threads)
    : path(path), features(features), width(width), threads(threads),
      panels(std::max<size_t>(64, panelsOf(features, path.panelB) * path.panelB * path.rowBytes(width))),
      normsOf_(threads), biasOf_(threads) {}

void PackedEncoder::pack(size_t id, const float* encoder, const float* bias) {
  Norms largest;
  double most = 0;
  for (size_t p = id; p < panelsOf(features, path.panelB); p += threads) {
    const size_t from = p * path.panelB;
    const size_t n = std::min(path.panelB, features - from);
    path.packB(encoder + from * width, n, width, 1, panels.as() + from * path.rowBytes(width));
    for (size_t i = from; i < from + n; i++) {
      Norms row;
      path.rowNorms(encoder + i * width, width, 1, &row.norm, &row.lost);
      largest.widen(row);
      most = std::max(most, std::fabs(static_cast<double>(bias[i])));
    }
  }
  normsOf_[id] = largest;
  biasOf_[id] = most;
}

void PackedEncoder::gather() {
  norms = {};
  for (const Norms& part : normsOf_) norms.widen(part);
  bias = *std::max_element(biasOf_.begin(), biasOf_.end());
}

RowEncoder::RowEncoder(const Path& path, size_t features, size_t width, size_t k)
    : path_(path), features_(features), width_(width), k_(k),
      stride_(panelsOf(features, path.panelB) * path.panelB) {
  const size_t fitting = stripBytes / (4 * std::max<size_t>(stride_, 1));
  blockRows_ = std::max<size_t>(1, std::min(mostRows, fitting) / path.panelA) * path.panelA;
  input_.grow(std::max<size_t>(64, 4 * blockRows_ * width));
  packedInput_.grow(std::max<size_t>(64, blockRows_ * path.rowBytes(width)));
  strip_.grow(std::max<size_t>(64, 4 * blockRows_ * stride_));
  found_.resize(features + margin);
  order_.resize(features);
  exact_.resize(features);
  ranks_.resize(features);
  sorted_.resize(features);
}

/** Lists in `found_` every feature that could be among the k largest, ascending. */
size_t RowEncoder::candidates(float* approx, const float* bias, double slack) {
  const auto everything = [&] {
    for (size_t i = 0; i < features_; i++) found_[i] = static_cast<int32_t>(i);
    return features_;
  };
  if (k_ == features_ || !(slack < 1e30)) return everything();
  path_.addBias(approx, bias, features_, &mean_, &sd_);
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

void RowEncoder::select(const PackedEncoder& packed, const float* encoder, const float* bias, size_t n,
                        int32_t* indices, float* values) {
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
  for (size_t r = 0; r < n; r++) {
    Norms row;
    path_.rowNorms(input(r), width_, 1, &row.norm, &row.lost);
    const double reach = (row.norm + row.lost) * (packed.norms.norm + packed.norms.lost) + packed.bias;
    const double error = screeningError(row, packed.norms, width_) + 0x1p-22 * reach;
    // Values that float32 cannot hold have no bound.
    const size_t count = candidates(strip_.as<float>() + r * stride_, bias, reach < 1e30 ? 2 * error : HUGE_VAL);
    path_.dots(input(r), encoder, width_, found_.data(), count, exact_.data());
    for (size_t s = 0; s < count; s++) {
      exact_[s] += bias[found_[s]];
      ranks_[s] = rankOf(exact_[s]);
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

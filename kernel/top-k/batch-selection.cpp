// BatchTopK selection: approximate ranks of all B·F pairs, exact ones of the few that could be kept.
//
// Let v be the approximate rank of a pair, e the error bound of its row (row-encoder.cpp), and L a limit with at least k·B
// pairs at v − e ≥ L: then the lowest rank that is kept is L or more, and everything that could be kept has v + e ≥ L. L is
// guessed a little below where the lowest rank was in the step before; where too few pairs reach it, it is lowered and
// the batch screened again, at last to 0, below which nothing is kept. What is listed is computed in float64 as the portable
// kernel does, and the k·B highest taken, ties to the lower row and feature: the same selection and the same bytes.
//
// Cost: 2·B·d·F at the rate of `screen`, once as a rule; a little more than k·B exact products and a selection among them
// on one thread. Memory: some 30 bytes for each pair that is listed; no table of B·F.
#include "top-k/batch-selection.h"

#include <algorithm>
#include <functional>

namespace reseed {
namespace {

/** Rows whose ranks give the first guess. */
constexpr size_t sampleRows = 16;
/** The list may be this many times as long as the selection before it is cut by its own bounds. */
constexpr double mostListed = 1.5;

}  // namespace

double BatchSelection::run(size_t id, RowEncoder& encoder, const PackedEncoder& packed, const float* weights,
                           const float* bias, size_t rows, size_t most, RankGuess& guess,
                           const std::function<void(size_t, float*)>& fill, TopKEntries& entries) {
  if (id == 0) {
    fill_ = &fill;
    guess_ = &guess;
    rows_ = rows;
    most_ = most;
    begin(encoder, packed, bias);
  }
  found_[id].features.resize(packed.features + 16);
  found_[id].exact.resize(packed.features);
  team_.sync();
  while (!complete_) {
    for (size_t block; collected_.take(block);) collect(id, block, encoder, packed, bias);
    team_.sync();
    if (id == 0) judge();
    team_.sync();
  }
  for (size_t block; settled_.take(block);) settle(id, block, encoder, packed, weights, bias);
  team_.sync();
  if (id == 0) choose(entries);
  team_.sync();
  return lowest_;
}

void BatchSelection::begin(RowEncoder& encoder, const PackedEncoder& packed, const float* bias) {
  const size_t fair = panelsOf(panelsOf(rows_, 2 * team_.size()), path_.fine->panelA) * path_.fine->panelA;
  blockRows_ = team_.size() == 1 ? encoder.blockRows() : std::min(encoder.blockRows(), fair);
  const size_t blocks = panelsOf(rows_, blockRows_);
  if (blocks_.size() < blocks) blocks_.resize(blocks);
  attempts_ = 0;
  complete_ = false;
  cut_ = -HUGE_VAL;
  if (guess_->level < 0) {
    const size_t n = std::min({sampleRows, rows_, encoder.blockRows()}), features = packed.features;
    for (size_t r = 0; r < n; r++) (*fill_)(r, encoder.input(r));
    encoder.screen(packed, n);
    bounds_.clear();
    for (size_t r = 0; r < n; r++) {
      double error;
      const float* approx = encoder.ranks(packed, bias, r, &error);
      // NaN has no order that a selection could rely on.
      for (size_t i = 0; i < features; i++) bounds_.push_back(approx[i] > 0 ? approx[i] : 0);
    }
    const size_t at = std::min(bounds_.size() - 1, most_ * n / rows_);
    std::nth_element(bounds_.begin(), bounds_.begin() + static_cast<std::ptrdiff_t>(at), bounds_.end(), std::greater<float>());
    guess_->level = 0.9 * static_cast<double>(bounds_[at]);
  }
  limit_ = std::max(0.0, guess_->level * (1 - guess_->margin));
  collected_.reset(blocks);
  settled_.reset(blocks);
}

/** Lists the pairs of a block that could rank at the limit or above. */
void BatchSelection::collect(size_t id, size_t block, RowEncoder& encoder, const PackedEncoder& packed, const float* bias) {
  const size_t from = block * blockRows_, n = std::min(blockRows_, rows_ - from);
  Block& b = blocks_[block];
  b.offsets.assign(1, 0);
  b.features.clear();
  b.approx.clear();
  b.errors.clear();
  b.certain = 0;
  for (size_t r = 0; r < n; r++) (*fill_)(from + r, encoder.input(r));
  encoder.screen(packed, n);
  std::vector<int32_t>& found = found_[id].features;
  for (size_t r = 0; r < n; r++) {
    double error;
    const float* approx = encoder.ranks(packed, bias, r, &error);
    b.errors.push_back(error);
    if (!(error < 1e30)) {
      for (size_t i = 0; i < packed.features; i++) {
        b.features.push_back(static_cast<int32_t>(i));
        b.approx.push_back(0);
      }
    } else {
      const size_t count = path_.atLeast(approx, packed.features, below(limit_ - error), found.data());
      const double sure = limit_ + error;
      for (size_t s = 0; s < count; s++) {
        const float v = approx[found[s]];
        b.features.push_back(found[s]);
        b.approx.push_back(v);
        b.certain += static_cast<double>(v) >= sure;
      }
    }
    b.offsets.push_back(static_cast<int32_t>(b.features.size()));
  }
}

/** Whether enough pairs reach the limit; else lowers it. */
void BatchSelection::judge() {
  const size_t blocks = panelsOf(rows_, blockRows_);
  size_t certain = 0, listed = 0;
  for (size_t block = 0; block < blocks; block++) {
    certain += blocks_[block].certain;
    listed += blocks_[block].features.size();
  }
  complete_ = certain >= most_ || limit_ <= 0;
  if (!complete_) {
    attempts_++;
    limit_ = attempts_ == 1 ? 0.8 * limit_ : attempts_ == 2 ? 0.5 * limit_ : 0;
    guess_->margin = std::min(0.3, 2 * guess_->margin);
    collected_.reset(blocks);
    return;
  }
  guess_->margin = std::max(0.005, 0.9 * guess_->margin);
  if (static_cast<double>(listed) <= mostListed * static_cast<double>(most_) || certain < most_) return;
  bounds_.clear();
  for (size_t block = 0; block < blocks; block++) {
    const Block& b = blocks_[block];
    for (size_t r = 0; r + 1 < b.offsets.size(); r++) {
      if (!(b.errors[r] < 1e30)) continue;
      for (int32_t e = b.offsets[r]; e < b.offsets[r + 1]; e++) {
        bounds_.push_back(below(static_cast<double>(b.approx[static_cast<size_t>(e)]) - b.errors[r]));
      }
    }
  }
  if (bounds_.size() < most_) return;
  const auto at = bounds_.begin() + static_cast<std::ptrdiff_t>(most_ - 1);
  std::nth_element(bounds_.begin(), at, bounds_.end(), std::greater<float>());
  cut_ = *at;
}

/** Exact ranks of what is listed of a block; pairs that rank above 0 stay. */
void BatchSelection::settle(size_t id, size_t block, RowEncoder& encoder, const PackedEncoder& packed, const float* weights,
                            const float* bias) {
  Block& b = blocks_[block];
  std::vector<int32_t>& found = found_[id].features;
  std::vector<double>& exact = found_[id].exact;
  b.ranks.resize(b.features.size());
  b.values.resize(b.features.size());
  size_t kept = 0;
  for (size_t r = 0; r + 1 < b.offsets.size(); r++) {
    const size_t from = static_cast<size_t>(b.offsets[r]), to = static_cast<size_t>(b.offsets[r + 1]);
    const bool bounded = b.errors[r] < 1e30;
    size_t count = 0;
    for (size_t e = from; e < to; e++) {
      if (!bounded || static_cast<double>(b.approx[e]) + b.errors[r] >= cut_) found[count++] = b.features[e];
    }
    (*fill_)(block * blockRows_ + r, encoder.input(0));
    path_.dots(encoder.input(0), weights, packed.width, found.data(), count, exact.data());
    b.offsets[r] = static_cast<int32_t>(kept);
    for (size_t s = 0; s < count; s++) {
      const double p = exact[s] + bias[found[s]];
      const double rank = packed.scales == nullptr ? p : p * packed.scales[found[s]];
      if (!(rank > 0)) continue;
      b.features[kept] = found[s];
      b.values[kept] = static_cast<float>(p);
      b.ranks[kept++] = rankOf(rank);
    }
  }
  b.offsets.back() = static_cast<int32_t>(kept);
  b.features.resize(kept);
  b.ranks.resize(kept);
}

/** Takes the highest of all, rows and features ascending. */
void BatchSelection::choose(TopKEntries& entries) {
  const size_t blocks = panelsOf(rows_, blockRows_);
  ranks_.clear();
  for (size_t block = 0; block < blocks; block++) {
    ranks_.insert(ranks_.end(), blocks_[block].ranks.begin(), blocks_[block].ranks.end());
  }
  const size_t taken = std::min(most_, ranks_.size());
  entries.offsets.assign(rows_ + 1, 0);
  entries.reserve(taken);
  lowest_ = 0;
  guess_->level = 0;
  if (taken == 0) return;
  const auto at = ranks_.begin() + static_cast<std::ptrdiff_t>(taken - 1);
  std::nth_element(ranks_.begin(), at, ranks_.end(), std::greater<int64_t>());
  const int64_t kth = *at;
  size_t ties = taken - static_cast<size_t>(std::count_if(ranks_.begin(), at, [&](int64_t rank) { return rank > kth; }));
  lowest_ = valueOf(kth);
  if (taken == most_) guess_->level = lowest_;
  size_t out = 0;
  for (size_t block = 0; block < blocks; block++) {
    const Block& b = blocks_[block];
    for (size_t r = 0; r + 1 < b.offsets.size(); r++) {
      for (size_t e = static_cast<size_t>(b.offsets[r]); e < static_cast<size_t>(b.offsets[r + 1]); e++) {
        if (b.ranks[e] < kth || (b.ranks[e] == kth && ties == 0)) continue;
        if (b.ranks[e] == kth) ties--;
        entries.features[out] = b.features[e];
        entries.values[out++] = b.values[e];
      }
      entries.offsets[block * blockRows_ + r + 1] = static_cast<int32_t>(out);
    }
  }
}

}  // namespace reseed

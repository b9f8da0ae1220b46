// AuxK as portable/top-k-auxiliary.ts has it: with e = x − x̂ held fixed and ê = Σ z_i·D_i over dead features,
//   loss = α·s·Σ‖ê − e‖²/V, V = Σ‖e − mean(e)‖² or B or B·d;  r = 2α·s/V·(ê − e);  ∂z_i = D_i·r
// the same bytes: rows are independent, and sums over rows are taken by one thread or column by column.
//
// Cost while features are dead: their rows gathered and packed; 2·B·d for each of them at the rate of `screen`; 5·B·k_aux·d
// multiply-adds in float32. While none is dead: a look at each count, and 4·B·d bytes written.
#include "top-k/auxiliary.h"

#include <algorithm>

namespace reseed {

TopKAuxiliary::TopKAuxiliary(const CodePath& path, ThreadTeam& team, const TopKTrainJob& job, size_t features, size_t batch)
    : path_(path), team_(team), job_(job), hyper_(job.hyper.auxiliary), errors_(batch * job.width), mean_(job.width),
      squares_(batch), packed_(*path.fine, 0, job.width, team.size()) {
  dead_.reserve(features);
  for (size_t id = 0; id < team.size(); id++) {
    encoders_.push_back(std::make_unique<RowEncoder>(path, *path.fine, 0, job.width, 0));
    apart_.emplace_back(job.width);
  }
}

void TopKAuxiliary::judge() {
  dead_.clear();
  for (size_t i = 0; i < task_->features; i++) {
    if (task_->sinceFired[i] >= hyper_.window) dead_.push_back(static_cast<int32_t>(i));
  }
}

void TopKAuxiliary::begin(const TopKTask& task) {
  task_ = &task;
  if (hyper_.judgedBefore) judge();
}

void TopKAuxiliary::count(const TopKEntries& selected, const BatchRows& batch) {
  constexpr int64_t most = int64_t{1} << 30;
  const int64_t more = hyper_.inRows ? static_cast<int64_t>(batch.size) : 1;
  for (size_t i = 0; i < task_->features; i++) {
    task_->sinceFired[i] = static_cast<int32_t>(std::min(task_->sinceFired[i] + more, most));
  }
  for (size_t e = 0; e < selected.end(batch.distinct - 1); e++) {
    if (selected.codes[e] > hyper_.firedAbove) task_->sinceFired[selected.features[e]] = 0;
  }
  if (!hyper_.judgedBefore) judge();
}

/** V into `per_`. */
void TopKAuxiliary::variance(size_t id, const BatchRows& batch) {
  const size_t d = job_.width, threads = team_.size(), n = batch.distinct;
  const size_t from = d * id / threads, to = d * (id + 1) / threads;
  std::fill(mean_.begin() + static_cast<std::ptrdiff_t>(from), mean_.begin() + static_cast<std::ptrdiff_t>(to), 0.0);
  for (size_t s = 0; s < n; s++) {
    for (size_t j = from; j < to; j++) mean_[j] += batch.counts[s] * static_cast<double>(errors_[s * d + j]);
  }
  for (size_t j = from; j < to; j++) mean_[j] /= static_cast<double>(batch.size);
  team_.sync();
  double* apart = apart_[id].data();
  for (size_t s = n * id / threads; s < n * (id + 1) / threads; s++) {
    for (size_t j = 0; j < d; j++) apart[j] = static_cast<double>(errors_[s * d + j]) - mean_[j];
    squares_[s] = batch.counts[s] * path_.squares(apart, d);
  }
  team_.sync();
  if (id != 0) return;
  per_ = 0;
  for (size_t s = 0; s < n; s++) per_ += squares_[s];
}

/** Copies this thread's share of the dead features' rows. */
void TopKAuxiliary::gather(size_t id, const double* norms) {
  const size_t d = job_.width, n = dead_.size();
  for (size_t at = n * id / team_.size(); at < n * (id + 1) / team_.size(); at++) {
    const size_t i = static_cast<size_t>(dead_[at]);
    std::copy_n(task_->weights.encoder + i * d, d, deadEncoder_.data() + at * d);
    deadBias_[at] = task_->weights.encoderBias[i];
    if (norms != nullptr) deadNorms_[at] = norms[i];
  }
}

void TopKAuxiliary::run(size_t id, const BatchRows& batch, const float* inputs, const double* norms, float* r) {
  const size_t d = job_.width, rows = batch.distinct;
  if (hyper_.normalise && (!dead_.empty() || hyper_.bias == AuxiliaryBias::both)) variance(id, batch);
  if (id == 0) {
    const double entries = static_cast<double>(batch.size) * static_cast<double>(d);
    if (!hyper_.normalise) per_ = job_.hyper.meanOverWidth ? entries : static_cast<double>(batch.size);
    isThere_ = (!dead_.empty() || hyper_.bias == AuxiliaryBias::both) && per_ > 0;
    k_ = isThere_ ? std::min(hyper_.k, dead_.size()) : 0;
    entries_.shape(rows, k_);
    loss_ = 0;
    if (isThere_) {
      const double few = std::min(static_cast<double>(dead_.size()) / static_cast<double>(hyper_.k), 1.0);
      share_ = hyper_.scaleByDead ? hyper_.coefficient * few : hyper_.coefficient;
      scale_ = (2 * share_) / per_;
      deadEncoder_.resize(std::max(deadEncoder_.size(), dead_.size() * d));
      deadBias_.resize(std::max(deadBias_.size(), dead_.size()));
      deadNorms_.resize(std::max(deadNorms_.size(), dead_.size()));
      packed_.shape(dead_.size());
    }
  }
  team_.sync();
  if (!isThere_) return;
  encoders_[id]->shape(dead_.size(), k_);
  if (k_ > 0) {
    gather(id, norms);
    team_.sync();
    packed_.pack(id, deadEncoder_.data(), deadBias_.data(), norms == nullptr ? nullptr : deadNorms_.data());
    team_.sync();
    if (id == 0) packed_.gather();
  }
  if (id == 0) {
    const size_t fair = panelsOf(panelsOf(rows, 2 * team_.size()), path_.fine->panelA) * path_.fine->panelA;
    blockRows_ = team_.size() == 1 ? encoders_[0]->blockRows() : std::min(encoders_[0]->blockRows(), fair);
    blocks_.reset(panelsOf(rows, blockRows_));
  }
  team_.sync();
  for (size_t b; blocks_.take(b);) {
    block(id, b * blockRows_, std::min(blockRows_, rows - b * blockRows_), batch, inputs, r);
  }
  team_.sync();
  if (id != 0) return;
  double total = 0;
  for (size_t s = 0; s < rows; s++) total += squares_[s];
  loss_ = (share_ * total) / per_;
}

/** Selection, reconstruction and pulls of a block of rows. */
void TopKAuxiliary::block(size_t id, size_t from, size_t n, const BatchRows& batch, const float* inputs, float* r) {
  const size_t d = job_.width;
  const TopKWeights<float>& w = task_->weights;
  if (k_ > 0) {
    RowEncoder& encoder = *encoders_[id];
    for (size_t s = 0; s < n; s++) std::copy_n(inputs + (from + s) * d, d, encoder.input(s));
    encoder.select(packed_, deadEncoder_.data(), deadBias_.data(), n, entries_.features.data() + from * k_,
                   entries_.values.data() + from * k_);
    for (size_t e = from * k_; e < (from + n) * k_; e++) entries_.features[e] = dead_[static_cast<size_t>(entries_.features[e])];
    entries_.activate(from * k_, (from + n) * k_, hyper_.relu);
  }
  for (size_t s = from; s < from + n; s++) {
    float* sum = errors_.data() + s * d;
    if (hyper_.bias == AuxiliaryBias::reconstruction) {
      for (size_t j = 0; j < d; j++) sum[j] += w.decoderBias[j];
    }
    const int32_t* features = entries_.features.data() + s * k_;
    path_.addRows32(sum, d, entries_.codes.data() + s * k_, features, k_, w.decoder);
    squares_[s] = batch.counts[s] * path_.weighResidual(sum, d, scale_ * batch.counts[s], r + s * d);
    path_.dots32(r + s * d, w.decoder, d, features, k_, entries_.pulls.data() + s * k_);
    entries_.settlePulls(s * k_, (s + 1) * k_, hyper_.relu);
  }
}

}  // namespace reseed

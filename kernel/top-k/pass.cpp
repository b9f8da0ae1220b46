// A pass of portable/top-k-pass.ts on several threads: rows are independent up to the pulls, but for the selection over a
// batch and what the auxiliary term needs of all rows; sums over rows are taken by one thread in their order.
//
// Cost: 2·B·d·F at the rate of `screen`; for each entry d multiply-adds in float64 (exact products) and 2·d in float32 (decoding,
// pulls); some 2·B·d for each level after the first.
#include "top-k/pass.h"

#include <algorithm>
#include <cmath>

namespace reseed {

TopKPass::TopKPass(const CodePath& path, ThreadTeam& team, const TopKTrainJob& job)
    : path_(path), team_(team), job_(job), selection_(path, team), slot_(job.rows, -1) {
  const size_t d = job.width;
  size_t features = 0, batch = 0, levels = 1;
  for (const TopKTask& task : job.tasks) {
    features = std::max(features, task.features);
    levels = std::max(levels, task.levels.size());
    for (size_t s = 0; s < task.steps; s++) batch = std::max(batch, static_cast<size_t>(task.starts[s + 1] - task.starts[s]));
  }
  batch_.rows.resize(batch);
  batch_.counts.resize(batch);
  entries_.offsets.reserve(batch + 1);
  entries_.reserve(batch * std::min(job.hyper.k, features));
  levelOf_.resize(features);
  norms_.resize(job.hyper.rankByDecoderNorm ? features : 0);
  squares_.resize(levels * batch);
  const bool hasAuxiliary = job.hyper.auxiliary.k > 0;
  residuals_.resize((levels + (hasAuxiliary ? 1 : 0)) * batch * d);
  inputs_.resize(batch * d);
  for (size_t id = 0; id < team.size(); id++) {
    sums_.emplace_back((levels + 1) * d);
    weighed_.emplace_back(levels > 1 ? d : 0);
  }
  if (hasAuxiliary) auxiliary_ = std::make_unique<TopKAuxiliary>(path, team, job, features, batch);
}

void TopKPass::begin(const TopKTask& task, RankGuess& guess) {
  const size_t k = std::min(job_.hyper.k, task.features);
  if (encoders_.empty() || packed_->features != task.features) {
    encoders_.clear();
    packed_ = std::make_unique<PackedEncoder>(*path_.fine, task.features, job_.width, team_.size());
    for (size_t t = 0; t < team_.size(); t++) {
      encoders_.push_back(std::make_unique<RowEncoder>(path_, *path_.fine, task.features, job_.width, k));
    }
  }
  task_ = &task;
  guess_ = &guess;
  k_ = k;
  levels_ = task.levels.size();
  for (size_t l = 0, i = 0; l < levels_; l++) {
    for (; i < task.levels[l].features; i++) levelOf_[i] = static_cast<uint8_t>(l);
  }
}

void TopKPass::run(size_t id, size_t s) {
  if (id == 0) prepare(s);
  team_.sync();
  const TopKWeights<float>& w = task_->weights;
  centreRows(id);
  const double* norms = nullptr;
  if (job_.hyper.rankByDecoderNorm) {
    const size_t n = task_->features, threads = team_.size();
    for (size_t i = n * id / threads; i < n * (id + 1) / threads; i++) {
      norms_[i] = std::sqrt(path_.rowSquares(w.decoder + i * job_.width, job_.width));
    }
    norms = norms_.data();
    team_.sync();
  }
  packed_->pack(id, w.encoder, w.encoderBias, norms);
  team_.sync();
  if (id == 0) packed_->gather();
  team_.sync();
  if (job_.hyper.overBatch) selectOverBatch(id, s);
  for (size_t block; blocks_.take(block);) forwardBlock(id, block);
  team_.sync();
  if (auxiliary_) {
    if (id == 0) auxiliary_->count(entries_, batch_);
    team_.sync();
    auxiliary_->run(id, batch_, inputs_.data(), norms, residuals_.data() + levels_ * batch_.distinct * job_.width);
  }
  if (id == team_.size() - 1) task_->reconstruction[s] = loss();
  if (id == 0 && auxiliary_) {
    task_->auxiliary[s] = auxiliary_->loss();
    task_->dead[s] = static_cast<int32_t>(auxiliary_->dead());
  }
}

/** The rows of the batch in order of first occurrence. Equal rows stand once, but a selection over the batch tells them apart. */
void TopKPass::prepare(size_t s) {
  const int32_t* rows = task_->rows + task_->starts[s];
  batch_.size = static_cast<size_t>(task_->starts[s + 1] - task_->starts[s]);
  batch_.distinct = 0;
  if (job_.hyper.overBatch) {
    std::copy_n(rows, batch_.size, batch_.rows.begin());
    std::fill_n(batch_.counts.begin(), batch_.size, 1.0);
    batch_.distinct = batch_.size;
  } else {
    for (size_t n = 0; n < batch_.size; n++) {
      const int32_t first = job_.firstEqual[rows[n]];
      int32_t& slot = slot_[static_cast<size_t>(first)];
      if (slot < 0) {
        slot = static_cast<int32_t>(batch_.distinct);
        batch_.rows[batch_.distinct] = first;
        batch_.counts[batch_.distinct++] = 0;
      }
      batch_.counts[static_cast<size_t>(slot)]++;
    }
    for (size_t r = 0; r < batch_.distinct; r++) slot_[static_cast<size_t>(batch_.rows[r])] = -1;
    entries_.shape(batch_.distinct, k_);
  }
  // Blocks are cut smaller where there would not be enough for all threads.
  const size_t fair = panelsOf(panelsOf(batch_.distinct, 2 * team_.size()), path_.fine->panelA) * path_.fine->panelA;
  blockRows_ = team_.size() == 1 ? encoders_[0]->blockRows() : std::min(encoders_[0]->blockRows(), fair);
  blocks_.reset(panelsOf(batch_.distinct, blockRows_));
  if (auxiliary_) auxiliary_->begin(*task_);
}

/** This thread's share of the rows. */
void TopKPass::centreRows(size_t id) {
  const size_t n = batch_.distinct, d = job_.width;
  const float* bias = job_.hyper.subtractDecoderBias ? task_->weights.decoderBias : nullptr;
  for (size_t s = n * id / team_.size(); s < n * (id + 1) / team_.size(); s++) {
    centre(inputs_.data() + s * d, dataRow(s), d, bias);
  }
}

void TopKPass::selectOverBatch(size_t id, size_t s) {
  const TopKHyper& h = job_.hyper;
  const double lowest = selection_.run(
      id, *encoders_[id], *packed_, task_->weights.encoder, task_->weights.encoderBias, batch_.size, k_ * batch_.size, *guess_,
      [this](size_t row, float* to) { fill(row, to); }, entries_);
  if (id != 0 || h.thresholdFrom < 0 || task_->taken + static_cast<double>(s) < h.thresholdFrom || lowest == 0) return;
  double& threshold = *task_->threshold;
  threshold = threshold < 0 ? lowest : h.thresholdKeep * threshold + (1 - h.thresholdKeep) * lowest;
}

/** Codes, reconstruction, residuals and pulls of one block of rows. */
void TopKPass::forwardBlock(size_t id, size_t block) {
  const size_t from = block * blockRows_, n = std::min(blockRows_, batch_.distinct - from);
  if (!job_.hyper.overBatch && k_ > 0) {
    const TopKWeights<float>& w = task_->weights;
    RowEncoder& encoder = *encoders_[id];
    for (size_t r = 0; r < n; r++) fill(from + r, encoder.input(r));
    encoder.select(*packed_, w.encoder, w.encoderBias, n, entries_.features.data() + from * k_,
                   entries_.values.data() + from * k_);
  }
  for (size_t s = from; s < from + n; s++) {
    entries_.activate(entries_.begin(s), entries_.end(s), job_.hyper.relu);
    if (levels_ == 1) reconstruct(id, s);
    else reconstructLevels(id, s);
    entries_.settlePulls(entries_.begin(s), entries_.end(s), job_.hyper.relu);
  }
}

/** What sums of squared errors are divided by. */
double TopKPass::per() const {
  const double rows = static_cast<double>(batch_.size);
  return job_.hyper.meanOverWidth ? rows * static_cast<double>(job_.width) : rows;
}

void TopKPass::reconstruct(size_t id, size_t s) {
  const size_t d = job_.width, from = entries_.begin(s), n = entries_.end(s) - from;
  const TopKWeights<float>& w = task_->weights;
  const float* x = dataRow(s);
  float* r = sums_[id].data();
  for (size_t j = 0; j < d; j++) r[j] = w.decoderBias[j] - x[j];
  path_.addRows32(r, d, entries_.codes.data() + from, entries_.features.data() + from, n, w.decoder);
  if (auxiliary_) std::copy_n(r, d, auxiliary_->errors() + s * d);
  float* residual = residuals_.data() + s * d;
  const double weight = 2 / per() * batch_.counts[s] * task_->levels[0].weight;
  squares_[s] = batch_.counts[s] * path_.weighResidual(r, d, weight, residual);
  path_.dots32(residual, w.decoder, d, entries_.features.data() + from, n, entries_.pulls.data() + from);
}

/** The same for nested levels: R_g is R of the next level and r of its own. */
void TopKPass::reconstructLevels(size_t id, size_t s) {
  const size_t d = job_.width;
  const TopKWeights<float>& w = task_->weights;
  const float* x = dataRow(s);
  const int32_t* features = entries_.features.data();
  float *sums = sums_[id].data(), *r = sums + levels_ * d;
  double* weighed = weighed_[id].data();
  size_t end = entries_.begin(s);
  size_t ends[256];
  for (size_t j = 0; j < d; j++) r[j] = w.decoderBias[j] - x[j];
  for (size_t l = 0; l < levels_; l++) {
    const size_t from = end;
    while (end < entries_.end(s) && static_cast<size_t>(features[end]) < task_->levels[l].features) end++;
    ends[l] = end;
    path_.addRows32(r, d, entries_.codes.data() + from, features + from, end - from, w.decoder);
    std::copy_n(r, d, sums + l * d);
  }
  if (auxiliary_) std::copy_n(r, d, auxiliary_->errors() + s * d);
  for (size_t l = levels_; l-- > 0;) {
    const float* own = sums + l * d;
    const double weight = 2 / per() * batch_.counts[s] * task_->levels[l].weight;
    squares_[l * batch_.distinct + s] = batch_.counts[s] * path_.rowSquares(own, d);
    float* residual = residuals_.data() + (l * batch_.distinct + s) * d;
    for (size_t j = 0; j < d; j++) {
      const double added = weight * static_cast<double>(own[j]);
      weighed[j] = l + 1 == levels_ ? added : weighed[j] + added;
      residual[j] = static_cast<float>(weighed[j]);
    }
    const size_t from = l == 0 ? entries_.begin(s) : ends[l - 1];
    path_.dots32(residual, w.decoder, d, features + from, ends[l] - from, entries_.pulls.data() + from);
  }
}

/** The rows' squared errors in their order, level by level. */
double TopKPass::loss() const {
  double loss = 0;
  for (size_t l = 0; l < levels_; l++) {
    double total = 0;
    for (size_t s = 0; s < batch_.distinct; s++) total += squares_[l * batch_.distinct + s];
    loss += task_->levels[l].weight * (total / per());
  }
  return loss;
}

}  // namespace reseed

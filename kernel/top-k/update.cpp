// The update of portable/top-k-update.ts on several threads: after the pass features are independent, and every sum keeps
// the portable kernel's order.
//
//   ∂D_i = Σ z_i·R;  ∂W_i = Σ ∂z_i·c;  ∂b_e,i = Σ ∂z_i;  ∂b_d = Σ R_0 − s·Σ_i ∂b_e,i·W_i
// then what keeps D at length 1, clipping, and Adam. Sums over the batch run feature by feature, rows ascending; those of ∂D and
// ∂W in float32, each product and each sum rounded.
//
// Cost: 2·d multiply-adds in float32 for each entry; Adam over the features that were ever active, 28 bytes a
// parameter and about a cycle; with clipping 16 bytes a parameter of those features more, for their gradients.
#include "top-k/update.h"

#include <algorithm>

namespace reseed {
namespace {

constexpr size_t featuresPerPiece = 32;

}  // namespace

TopKUpdate::TopKUpdate(const CodePath& path, ThreadTeam& team, const TopKTrainJob& job) : path_(path), team_(team), job_(job) {
  const size_t d = job.width;
  size_t features = 0;
  for (const TopKTask& task : job.tasks) features = std::max(features, task.features);
  starts_.resize(features + 1);
  next_.resize(features);
  biasGradient_.resize(d);
  biasOf_.resize(features);
  if (job.hyper.clipNorm > 0) {
    keptEncoder_.resize(features * d);
    keptDecoder_.resize(features * d);
    squaresOf_.resize(features);
  }
  for (size_t id = 0; id < team.size(); id++) {
    encoderGradients_.emplace_back(d);
    decoderGradients_.emplace_back(d);
  }
}

void TopKUpdate::begin(const TopKTask& task, char* moving) {
  task_ = &task;
  moving_ = moving;
}

void TopKUpdate::run(size_t id, size_t s, const TopKPass& pass) {
  if (id == 0) {
    sortByFeature(pass);
    features_.reset(panelsOf(task_->features, featuresPerPiece));
    kept_.reset(panelsOf(task_->features, featuresPerPiece));
  }
  team_.sync();
  decoderBiasGradient(id, pass);
  team_.sync();
  const AdamStep adam{job_.hyper.beta1, job_.hyper.beta2, job_.hyper.epsilon, task_->stepSizes[s], task_->roots[s]};
  double scale = 1;
  if (job_.hyper.clipNorm > 0) {
    for (size_t piece; kept_.take(piece);) keepFeatures(piece, pass);
    team_.sync();
    scale = clipped();
    for (size_t piece; features_.take(piece);) moveKept(piece, scale, adam);
  } else {
    for (size_t piece; features_.take(piece);) updateFeatures(id, piece, pass, adam);
  }
  team_.sync();
  if (id != 0) return;
  if (job_.hyper.clipNorm > 0) {
    for (double& g : biasGradient_) g = scale * static_cast<double>(static_cast<float>(g));
  }
  path_.adam(task_->weights.decoderBias, task_->first.decoderBias, task_->second.decoderBias, biasGradient_.data(),
             job_.width, adam);
}

/** All entries grouped by feature, those of the auxiliary term last, rows in their order (counting sort). */
void TopKUpdate::sortByFeature(const TopKPass& pass) {
  const size_t features = task_->features, rows = pass.batch().distinct;
  const TopKEntries* lists[2] = {&pass.entries(), pass.auxiliary() ? &pass.auxiliary()->entries() : nullptr};
  std::fill_n(starts_.begin(), features + 1, 0);
  size_t count = 0;
  for (const TopKEntries* list : lists) {
    if (list == nullptr) continue;
    const size_t n = list->end(rows - 1);
    for (size_t e = 0; e < n; e++) starts_[static_cast<size_t>(list->features[e]) + 1]++;
    count += n;
  }
  for (size_t i = 0; i < features; i++) starts_[i + 1] += starts_[i];
  std::copy_n(starts_.begin(), features, next_.begin());
  if (codes_.size() < count) {
    residualRows_.resize(count);
    inputRows_.resize(count);
    codes_.resize(count);
    pulls_.resize(count);
  }
  for (const TopKEntries* list : lists) {
    if (list != nullptr) sort(*list, pass, list != lists[0]);
  }
  for (size_t i = 0; i < features; i++) {
    double bias = 0;
    for (int32_t s = starts_[i]; s < starts_[i + 1]; s++) bias += static_cast<double>(pulls_[static_cast<size_t>(s)]);
    biasOf_[i] = bias;
  }
}

void TopKUpdate::sort(const TopKEntries& entries, const TopKPass& pass, bool auxiliary) {
  const BatchRows& batch = pass.batch();
  for (size_t row = 0; row < batch.distinct; row++) {
    for (size_t e = entries.begin(row); e < entries.end(row); e++) {
      const size_t i = static_cast<size_t>(entries.features[e]);
      const size_t to = static_cast<size_t>(next_[i]++);
      residualRows_[to] = static_cast<int32_t>(auxiliary ? pass.auxiliaryRow(row) : pass.residualRow(row, i));
      inputRows_[to] = static_cast<int32_t>(row);
      codes_[to] = entries.codes[e];
      pulls_[to] = static_cast<float>(entries.pulls[e]);
    }
  }
}

/** Each thread takes a range of columns. */
void TopKUpdate::decoderBiasGradient(size_t id, const TopKPass& pass) {
  const size_t d = job_.width, rows = pass.batch().distinct;
  const size_t from = d * id / team_.size(), to = d * (id + 1) / team_.size();
  double* gradient = biasGradient_.data();
  std::fill(gradient + from, gradient + to, 0.0);
  const auto add = [&](size_t first) {
    for (size_t row = first; row < first + rows; row++) {
      const float* residual = pass.residuals() + row * d;
      for (size_t j = from; j < to; j++) gradient[j] += residual[j];
    }
  };
  add(0);
  if (pass.auxiliary() && pass.auxiliary()->movesBias()) add(pass.auxiliaryRow(0));
  if (!job_.hyper.subtractDecoderBias) return;
  for (size_t i = 0; i < task_->features; i++) {
    if (starts_[i] == starts_[i + 1]) continue;
    const float* encoder = task_->weights.encoder + i * d;
    for (size_t j = from; j < to; j++) gradient[j] -= biasOf_[i] * encoder[j];
  }
}

/** Gradients of feature i, projected if that is asked. */
void TopKUpdate::sum(size_t i, const TopKPass& pass, float* encoder, float* decoder) {
  const size_t d = job_.width, from = static_cast<size_t>(starts_[i]), n = static_cast<size_t>(starts_[i + 1]) - from;
  std::fill_n(encoder, d, 0.0f);
  std::fill_n(decoder, d, 0.0f);
  path_.addRows32(decoder, d, codes_.data() + from, residualRows_.data() + from, n, pass.residuals());
  path_.addRows32(encoder, d, pulls_.data() + from, inputRows_.data() + from, n, pass.inputs());
  float* row = task_->weights.decoder + i * d;
  if (job_.hyper.normaliseDecoder == Normalise::before) path_.normaliseRow(row, d);
  if (job_.hyper.projectGradient) path_.projectRow32(decoder, row, d);
}

void TopKUpdate::move(size_t i, const float* encoder, const float* decoder, double bias, const AdamStep& adam) {
  const size_t d = job_.width, at = i * d;
  const TopKWeights<float>&w = task_->weights, &first = task_->first, &second = task_->second;
  moving_[i] = 1;
  path_.adam32(w.encoder + at, first.encoder + at, second.encoder + at, encoder, d, adam);
  path_.adam32(w.decoder + at, first.decoder + at, second.decoder + at, decoder, d, adam);
  path_.adam(w.encoderBias + i, first.encoderBias + i, second.encoderBias + i, &bias, 1, adam);
}

/** Gradients of a few features, each applied as soon as it is complete. */
void TopKUpdate::updateFeatures(size_t id, size_t piece, const TopKPass& pass, const AdamStep& adam) {
  const size_t d = job_.width, end = std::min(task_->features, (piece + 1) * featuresPerPiece);
  const Normalise normalise = job_.hyper.normaliseDecoder;
  float *encoder = encoderGradients_[id].data(), *decoder = decoderGradients_[id].data();
  for (size_t i = piece * featuresPerPiece; i < end; i++) {
    float* row = task_->weights.decoder + i * d;
    if (!isStill(i)) {
      sum(i, pass, encoder, decoder);
      move(i, encoder, decoder, biasOf_[i], adam);
    } else if (normalise == Normalise::before) {
      path_.normaliseRow(row, d);
    }
    if (normalise == Normalise::after) path_.normaliseRow(row, d);
  }
}

/** Gradients of a few features, and their squares. */
void TopKUpdate::keepFeatures(size_t piece, const TopKPass& pass) {
  const size_t d = job_.width, end = std::min(task_->features, (piece + 1) * featuresPerPiece);
  for (size_t i = piece * featuresPerPiece; i < end; i++) {
    squaresOf_[i] = 0;
    if (isStill(i)) {
      if (job_.hyper.normaliseDecoder == Normalise::before) path_.normaliseRow(task_->weights.decoder + i * d, d);
      continue;
    }
    float *encoder = keptEncoder_.data() + i * d, *decoder = keptDecoder_.data() + i * d;
    sum(i, pass, encoder, decoder);
    squaresOf_[i] = path_.rowSquares(encoder, d) + path_.rowSquares(decoder, d) + biasOf_[i] * biasOf_[i];
  }
}

/** What all gradients are multiplied by. */
double TopKUpdate::clipped() const {
  double squares = 0;
  for (size_t i = 0; i < task_->features; i++) squares += squaresOf_[i];
  return clipScale(squares + path_.squares(biasGradient_.data(), job_.width), job_.hyper.clipNorm);
}

void TopKUpdate::moveKept(size_t piece, double scale, const AdamStep& adam) {
  const size_t d = job_.width, end = std::min(task_->features, (piece + 1) * featuresPerPiece);
  for (size_t i = piece * featuresPerPiece; i < end; i++) {
    if (!isStill(i)) {
      float *encoder = keptEncoder_.data() + i * d, *decoder = keptDecoder_.data() + i * d;
      for (size_t j = 0; j < d; j++) encoder[j] = static_cast<float>(scale * static_cast<double>(encoder[j]));
      for (size_t j = 0; j < d; j++) decoder[j] = static_cast<float>(scale * static_cast<double>(decoder[j]));
      move(i, encoder, decoder, scale * static_cast<double>(static_cast<float>(biasOf_[i])), adam);
    }
    if (job_.hyper.normaliseDecoder == Normalise::after) path_.normaliseRow(task_->weights.decoder + i * d, d);
  }
}

}  // namespace reseed

// The pass of portable/dense.ts on several threads: rows are independent up to the pulls, and features after them, so
// every sum keeps the portable kernel's order and the result its bytes, at any number of threads.
//
// π is a dense float64 product in tiles, 2·B·d·F flops. Everything else touches only entries: 2·d flops for each in
// decode, ∂z, ∂D and ∂W (gated: twice in the first two), at the rate of `dots` and `addRows`.
#include "dense-pass.h"

#include <algorithm>
#include <cmath>

namespace reseed {
namespace {

constexpr size_t featuresPerPiece = 32;

}  // namespace

DenseReach::DenseReach(const Path& path, size_t features, size_t width)
    : tile_(tileOf(path)), features_(features), width_(width), stride_(panelsOf(features, tile_.cols) * tile_.cols) {
  encoder_.grow(stride_ * width * sizeof(double));
}

void DenseReach::pack(size_t id, size_t threads, const float* encoder) {
  const size_t panel = tile_.cols, count = stride_ / panel;
  for (size_t p = count * id / threads; p < count * (id + 1) / threads; p++) {
    double* to = encoder_.as<double>() + p * panel * width_;
    for (size_t l = 0; l < panel; l++) {
      const size_t i = p * panel + l;
      for (size_t t = 0; t < width_; t++) to[t * panel + l] = i < features_ ? encoder[i * width_ + t] : 0;
    }
  }
}

const double* DenseReach::compute(Strip& strip, const float* centred, size_t n) const {
  const size_t panel = tile_.rows, high = panelsOf(n, panel);
  strip.packed.grow(panelsOf(blockRows, panel) * panel * width_ * sizeof(double));
  strip.reach.grow(panelsOf(blockRows, panel) * panel * stride_ * sizeof(double));
  double *packed = strip.packed.as<double>(), *reach = strip.reach.as<double>();
  for (size_t r = 0; r < high * panel; r++) {
    double* to = packed + (r / panel) * panel * width_ + r % panel;
    for (size_t t = 0; t < width_; t++) to[t * panel] = r < n ? centred[r * width_ + t] : 0;
  }
  for (size_t j = 0; j < stride_; j += tile_.cols) {
    for (size_t p = 0; p < high; p++) {
      tile_.exact(packed + p * panel * width_, encoder_.as<double>() + j * width_, width_, reach + p * panel * stride_ + j,
                  stride_);
    }
  }
  return reach;
}

DensePass::DensePass(const Path& path, size_t threads, const float* x, size_t features, size_t width)
    : path_(path), crew_(threads), x_(x), features_(features), width_(width), reach_(path, features, width), scratch_(threads),
      norms_(features), pullSums_(features) {
  for (Scratch& s : scratch_) {
    s.codes.resize(features);
    s.toCode.resize(features);
    s.toGate.resize(features);
    s.r.resize(width);
    s.gathered.resize(featuresPerPiece);
  }
}

void DensePass::prepare(const DenseArrays<const float>& weights, const CountedRows& rows, const DenseLoss& loss) {
  const size_t n = rows.rows.size(), blocks = panelsOf(n, DenseReach::blockRows);
  rows_ = &rows;
  loss_ = loss;
  rule_ = std::make_unique<DenseRule>(loss_, weights, features_);
  if (blocks_.size() < blocks) blocks_.resize(blocks);
  centred_.resize(std::max(centred_.size(), n * width_));
  residual_.resize(std::max(residual_.size(), n * width_));
  for (std::vector<double>* v : {&fired_, &penalties_, &squares_, &auxiliary_}) v->assign(n, 0);
  selected_.reset(blocks);
  pulled_.reset(blocks);
  pieces_.reset(panelsOf(features_, featuresPerPiece));
  double batchRows = 0;
  for (const double count : rows.counts) batchRows += count;
  scale_ = loss.meanOverWidth ? 1 / (batchRows * static_cast<double>(width_)) : 1 / batchRows;
  pull_ = {loss.sparsity / batchRows, 0, batchRows, norms_.data()};
}

void DensePass::run(size_t id, const DenseArrays<const float>& weights, const CountedRows& rows, const DenseLoss& loss,
                    const DenseArrays<double>& gradients, DenseParts& parts) {
  if (id == 0) prepare(weights, rows, loss);
  reach_.pack(id, crew_.size(), weights.encoder);
  decoderNorms(id, weights.decoder, loss.weighByDecoderNorm);
  crew_.meet();
  for (size_t block; selected_.take(block);) selectBlock(id, block, weights);
  crew_.meet();
  if (id == 0) activity(parts);
  crew_.meet();
  for (size_t block; pulled_.take(block);) pullBlock(id, block, weights);
  crew_.meet();
  for (size_t piece; pieces_.take(piece);) sumFeatures(id, piece, weights, gradients);
  crew_.meet();
  sumDecoderBias(id, weights.encoder, gradients.decoderBias);
  if (id == 0) {
    double main = 0, auxiliary = 0;
    for (size_t n = 0; n < rows.rows.size(); n++) {
      main += squares_[n];
      auxiliary += auxiliary_[n];
    }
    parts.reconstruction = main * scale_;
    parts.auxiliary = auxiliary * scale_;
    parts.total = parts.reconstruction + parts.sparsity + parts.auxiliary;
  }
  crew_.meet();
}

void DensePass::decoderNorms(size_t id, const float* decoder, bool asked) {
  for (size_t i = features_ * id / crew_.size(); i < features_ * (id + 1) / crew_.size(); i++) {
    double sum = 0;
    const float* row = decoder + i * width_;
    for (size_t j = 0; asked && j < width_; j++) sum += static_cast<double>(row[j]) * static_cast<double>(row[j]);
    norms_[i] = asked ? std::sqrt(sum) : 1;
  }
}

void DensePass::selectBlock(size_t id, size_t block, const DenseArrays<const float>& weights) {
  const size_t n0 = block * DenseReach::blockRows, n1 = std::min(rows_->rows.size(), n0 + DenseReach::blockRows);
  const float* bias = loss_.subtractDecoderBias ? weights.decoderBias : nullptr;
  for (size_t n = n0; n < n1; n++) {
    const float* row = x_ + static_cast<size_t>(rows_->rows[n]) * width_;
    for (size_t j = 0; j < width_; j++) centred_[n * width_ + j] = bias == nullptr ? row[j] : row[j] - bias[j];
  }
  const double* reach = reach_.compute(scratch_[id].strip, centred_.data() + n0 * width_, n1 - n0);
  DenseEntries& entries = blocks_[block];
  entries.clear();
  for (size_t n = n0; n < n1; n++) {
    rule_->select(reach + (n - n0) * reach_.stride(), entries);
    const std::vector<float>& penalised = loss_.architecture == DenseArchitecture::gated ? entries.gateCode : entries.code;
    double fired = 0, sum = 0;
    for (size_t e = static_cast<size_t>(entries.offsets[n - n0]); e < entries.features.size(); e++) {
      if (entries.code[e] > 0) fired++;
      sum += norms_[static_cast<size_t>(entries.features[e])] * penalised[e];
    }
    fired_[n] = rows_->counts[n] * fired;
    penalties_[n] = rows_->counts[n] * sum;
  }
  entries.openPulls();
}

/** L0, the sparsity loss, and how it pulls. */
void DensePass::activity(DenseParts& parts) {
  double active = 0, penalty = 0;
  for (size_t n = 0; n < rows_->rows.size(); n++) {
    active += fired_[n];
    penalty += penalties_[n];
  }
  const bool hasTarget = loss_.targetL0 != 0;
  parts.l0 = active / pull_.batchRows;
  const double excess = hasTarget ? parts.l0 / loss_.targetL0 - 1 : parts.l0;
  pull_.perActive = (hasTarget ? (2 * loss_.sparsity * excess) / loss_.targetL0 : loss_.sparsity) / pull_.batchRows;
  const bool isJump = loss_.architecture == DenseArchitecture::jumprelu;
  parts.sparsity = loss_.sparsity * (isJump ? (hasTarget ? excess * excess : parts.l0) : penalty / pull_.batchRows);
}

/** r of row n from one column of codes, and D_i·r of its entries. Returns count·‖x̂ − x‖². */
double DensePass::project(size_t id, size_t n, const DenseEntries& entries, size_t from, size_t to, const float* column,
                          const DenseArrays<const float>& weights, double* out) {
  Scratch& s = scratch_[id];
  double* r = s.r.data();
  float* kept = residual_.data() + n * width_;
  const float* row = x_ + static_cast<size_t>(rows_->rows[n]) * width_;
  const int32_t* features = entries.features.data() + from;
  for (size_t e = from; e < to; e++) s.codes[e - from] = column[e];
  for (size_t j = 0; j < width_; j++) r[j] = static_cast<double>(weights.decoderBias[j]) - static_cast<double>(row[j]);
  path_.addRows(r, width_, s.codes.data(), features, to - from, weights.decoder);
  const double sum = path_.weighResidual(r, width_, 2 * scale_ * rows_->counts[n], kept);
  path_.dots(kept, weights.decoder, width_, features, to - from, out);
  return rows_->counts[n] * sum;
}

void DensePass::pullBlock(size_t id, size_t block, const DenseArrays<const float>& weights) {
  Scratch& s = scratch_[id];
  DenseEntries& entries = blocks_[block];
  const size_t n0 = block * DenseReach::blockRows;
  for (size_t n = n0; n < std::min(rows_->rows.size(), n0 + DenseReach::blockRows); n++) {
    const size_t from = static_cast<size_t>(entries.offsets[n - n0]), to = static_cast<size_t>(entries.offsets[n - n0 + 1]);
    if (loss_.architecture == DenseArchitecture::gated) {
      auxiliary_[n] = project(id, n, entries, from, to, entries.gateCode.data(), weights, s.toGate.data());
    }
    squares_[n] = project(id, n, entries, from, to, entries.code.data(), weights, s.toCode.data());
    for (size_t e = from; e < to; e++) {
      rule_->pull(entries, e, s.toCode[e - from], s.toGate[e - from], rows_->counts[n], pull_);
    }
  }
}

void DensePass::sumFeatures(size_t id, size_t piece, const DenseArrays<const float>& weights,
                            const DenseArrays<double>& gradients) {
  const size_t i0 = piece * featuresPerPiece, i1 = std::min(features_, i0 + featuresPerPiece);
  std::vector<Gathered>& gathered = scratch_[id].gathered;
  for (Gathered& g : gathered) {
    g.rows.clear();
    g.codes.clear();
    g.pulls.clear();
    g.sums = {};
    g.penalised = 0;
  }
  for (size_t n = 0; n < rows_->rows.size(); n++) {
    const DenseEntries& entries = blocks_[n / DenseReach::blockRows];
    const size_t r = n % DenseReach::blockRows;
    const int32_t *begin = entries.features.data(), *end = begin + entries.offsets[r + 1];
    const int32_t* at = std::lower_bound(begin + entries.offsets[r], end, static_cast<int32_t>(i0));
    for (; at != end && static_cast<size_t>(*at) < i1; at++) {
      const size_t e = static_cast<size_t>(at - begin), i = static_cast<size_t>(*at);
      Gathered& g = gathered[i - i0];
      g.rows.push_back(static_cast<int32_t>(n));
      g.codes.push_back(entries.code[e]);
      g.pulls.push_back(entries.pull[e]);
      g.penalised += rows_->counts[n] * (loss_.architecture == DenseArchitecture::gated ? entries.gateCode : entries.code)[e];
      rule_->sum(entries, e, i, rows_->counts[n], g.sums);
    }
  }
  for (size_t i = i0; i < i1; i++) {
    const Gathered& g = gathered[i - i0];
    double *decoder = gradients.decoder + i * width_, *encoder = gradients.encoder + i * width_;
    std::fill_n(decoder, width_, 0.0);
    std::fill_n(encoder, width_, 0.0);
    path_.addRows(decoder, width_, g.codes.data(), g.rows.data(), g.rows.size(), residual_.data());
    path_.addRows(encoder, width_, g.pulls.data(), g.rows.data(), g.rows.size(), centred_.data());
    rule_->finish(g.sums, i, pull_, gradients.perFeature);
    pullSums_[i] = g.sums.pull;
    if (loss_.weighByDecoderNorm && loss_.architecture != DenseArchitecture::jumprelu && norms_[i] > 0) {
      const double along = (pull_.share * g.penalised) / norms_[i];
      const float* row = weights.decoder + i * width_;
      for (size_t j = 0; j < width_; j++) decoder[j] += along * static_cast<double>(row[j]);
    }
  }
}

/** This thread's share of the entries of ∂b_d. */
void DensePass::sumDecoderBias(size_t id, const float* encoder, double* gradient) {
  const size_t from = width_ * id / crew_.size(), to = width_ * (id + 1) / crew_.size();
  std::fill(gradient + from, gradient + to, 0.0);
  for (size_t n = 0; n < rows_->rows.size(); n++) {
    const float* row = residual_.data() + n * width_;
    for (size_t j = from; j < to; j++) gradient[j] += static_cast<double>(row[j]);
  }
  if (!loss_.subtractDecoderBias) return;
  for (size_t i = 0; i < features_; i++) {
    const float* row = encoder + i * width_;
    const double sum = pullSums_[i];
    for (size_t j = from; j < to; j++) gradient[j] -= sum * static_cast<double>(row[j]);
  }
}

void encodeDense(const Path& path, size_t threads, Stop stop, const DenseEncodeJob& job) {
  DenseReach reach(path, job.features, job.width);
  // A bandwidth of 0 keeps entries near a threshold out: only codes are asked for.
  DenseLoss loss = job.loss;
  loss.bandwidth = 0;
  const DenseRule rule(loss, job.weights, job.features);
  Crew crew(threads);
  Pieces blocks;
  blocks.reset(panelsOf(job.rows, DenseReach::blockRows));
  onThreads(threads, [&](size_t id) {
    reach.pack(id, threads, job.weights.encoder);
    crew.meet();
    DenseReach::Strip strip;
    DenseEntries entries;
    std::vector<float> centred(DenseReach::blockRows * job.width);
    for (size_t block; blocks.take(block) && !stop.asked();) {
      const size_t n0 = block * DenseReach::blockRows, n1 = std::min(job.rows, n0 + DenseReach::blockRows);
      for (size_t n = n0; n < n1; n++) {
        for (size_t j = 0; j < job.width; j++) {
          const float value = job.x[n * job.width + j];
          centred[(n - n0) * job.width + j] = loss.subtractDecoderBias ? value - job.weights.decoderBias[j] : value;
        }
      }
      const double* of = reach.compute(strip, centred.data(), n1 - n0);
      entries.clear();
      for (size_t n = n0; n < n1; n++) {
        rule.select(of + (n - n0) * reach.stride(), entries);
        float* row = job.codes + n * job.features;
        std::fill_n(row, job.features, 0.0f);
        for (size_t e = static_cast<size_t>(entries.offsets[n - n0]); e < entries.features.size(); e++) {
          row[entries.features[e]] = entries.code[e];
        }
      }
    }
  });
}

}  // namespace reseed

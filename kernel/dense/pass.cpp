// The pass of portable/dense.ts on several threads: rows are independent up to the pulls, and features after them, so
// every sum keeps the portable kernel's order and the result its bytes, at any number of threads.
//
// Cost: 2·B·d·F at the rate of `screen` (select.cpp); then only entries, 2·d flops for each in the exact product,
// decode, ∂z, ∂D and ∂W (gated: twice in decode and ∂z), at the rate of `dots` in the first, of `dots32` and `addRows32` in
// the others.
#include "dense/pass.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace reseed {
namespace {

/** Features whose entries are sorted together: few enough that the lists stay in cache. */
constexpr size_t mostFeatures = 256, fewestFeatures = 32;
/** Columns of a table of rows that are summed at a time: what `addRows` holds in registers, or more where it fits in cache. */
constexpr size_t leastColumns = 128, columnBytes = size_t{512} << 10;

size_t partOf(size_t features, size_t threads) {
  return threads == 1 ? mostFeatures : std::clamp(features / (4 * threads), fewestFeatures, mostFeatures);
}

}  // namespace

DensePass::DensePass(const CodePath& path, ThreadTeam& team, const float* x, size_t features, size_t width)
    : path_(path), team_(team), x_(x), features_(features), width_(width), partFeatures_(partOf(features, team.size())),
      selection_(path, team.size(), features, width), scratch_(team.size()), parts_(panelsOf(features, partFeatures_)),
      norms_(features) {}

void DensePass::prepare(const DenseArrays<const float>& weights, const CountedRows& rows, const DenseLoss& loss) {
  const size_t n = rows.rows.size();
  rows_ = &rows;
  weights_ = weights;
  loss_ = loss;
  rule_.begin(loss, weights, features_);
  blockRows_ = selection_.blockRows(n);
  const size_t blocks = panelsOf(n, blockRows_);
  if (blocks_.size() < blocks) blocks_.resize(blocks);
  for (Bytes* table : {&centred_, &residual_}) table->grow(n * width_ * sizeof(float));
  for (std::vector<double>* v : {&fired_, &penalties_, &squares_, &auxiliary_}) v->assign(n, 0);
  columns_ = std::max<size_t>(leastColumns, columnBytes / (sizeof(float) * n) / leastColumns * leastColumns);
  for (Scratch& s : scratch_) {
    s.cursors.resize(std::max(s.cursors.size(), n));
    s.sums.grow(width_ * sizeof(float));
    for (Bytes* rows : {&s.r, &s.kept}) rows->grow(blockRows_ * width_ * sizeof(float));
  }
  forward_.reset(blocks);
  sorted_.reset(parts_.size());
  summed_.reset(parts_.size());
  double batchRows = 0;
  for (const double count : rows.counts) batchRows += count;
  scale_ = loss.meanOverWidth ? 1 / (batchRows * static_cast<double>(width_)) : 1 / batchRows;
  pull_ = {loss.sparsity / batchRows, 0, batchRows, norms_.data()};
}

void DensePass::run(size_t id, const DenseArrays<const float>& weights, const CountedRows& rows, const DenseLoss& loss,
                    double* decoderBias, DenseParts& parts) {
  if (id == 0) prepare(weights, rows, loss);
  team_.sync();
  selection_.pack(id, weights.encoder, rule_);
  decoderNorms(id);
  team_.sync();
  if (id == 0) selection_.gather();
  team_.sync();
  for (size_t block; forward_.take(block);) forwardBlock(id, block);
  team_.sync();
  if (id == 0) activity(parts);
  for (size_t part; sorted_.take(part);) sortPart(id, part);
  team_.sync();
  sumDecoderBias(id, decoderBias);
  team_.sync();
}

void DensePass::decoderNorms(size_t id) {
  for (size_t i = features_ * id / team_.size(); i < features_ * (id + 1) / team_.size(); i++) {
    norms_[i] = loss_.weighByDecoderNorm ? std::sqrt(path_.rowSquares(weights_.decoder + i * width_, width_)) : 1;
  }
}

/** Stores row n in a table that is cut by columns. */
void DensePass::spread(Bytes& table, size_t n, const float* row) const {
  const size_t rows = rows_->rows.size();
  for (size_t from = 0; from < width_; from += columns_) {
    const size_t wide = std::min(columns_, width_ - from);
    std::copy_n(row + from, wide, table.as<float>() + from * rows + n * wide);
  }
}

/** Entries, residuals and pulls of a block of rows. */
void DensePass::forwardBlock(size_t id, size_t block) {
  const size_t n0 = block * blockRows_, n1 = std::min(rows_->rows.size(), n0 + blockRows_);
  const bool isGated = loss_.architecture == DenseArchitecture::gated;
  Scratch& s = scratch_[id];
  float* kept = s.kept.as<float>();
  for (size_t n = n0; n < n1; n++) {
    float* c = kept + (n - n0) * width_;
    centre(c, x_ + static_cast<size_t>(rows_->rows[n]) * width_, width_,
           loss_.subtractDecoderBias ? weights_.decoderBias : nullptr);
    spread(centred_, n, c);
  }
  DenseEntries& entries = blocks_[block];
  selection_.select(id, kept, n1 - n0, weights_.encoder, rule_, entries);
  const std::vector<float>& penalised = isGated ? entries.gateCode : entries.code;
  for (size_t n = n0; n < n1; n++) {
    double fired = 0, sum = 0;
    for (size_t e = entries.begin(n - n0); e < entries.end(n - n0); e++) {
      fired += entries.code[e] > 0;
      sum += norms_[static_cast<size_t>(entries.features[e])] * penalised[e];
    }
    fired_[n] = rows_->counts[n] * fired;
    penalties_[n] = rows_->counts[n] * sum;
  }
  if (isGated) project(id, n0, n1, entries, entries.gateCode.data(), s.toGate, auxiliary_.data());
  project(id, n0, n1, entries, entries.code.data(), s.toCode, squares_.data());
  for (size_t n = n0; n < n1; n++) {
    const size_t from = entries.begin(n - n0), to = entries.end(n - n0);
    rule_.pull(entries, from, to, s.toCode.data(), s.toGate.data(), rows_->counts[n], pull_);
    spread(residual_, n, kept + (n - n0) * width_);
  }
}

/** r of rows n0 … n1 from one column of codes, D_i·r of their entries, and count·‖x̂ − x‖² of each. */
void DensePass::project(size_t id, size_t n0, size_t n1, const DenseEntries& entries, const float* column,
                        std::vector<double>& out, double* squares) {
  Scratch& s = scratch_[id];
  const size_t d = width_;
  float *residuals = s.r.as<float>(), *kept = s.kept.as<float>();
  if (out.size() < entries.count) out.resize(entries.features.size());
  for (size_t n = n0; n < n1; n++) {
    float* r = residuals + (n - n0) * d;
    const float* row = x_ + static_cast<size_t>(rows_->rows[n]) * d;
    for (size_t j = 0; j < d; j++) r[j] = weights_.decoderBias[j] - row[j];
  }
  const int32_t *features = entries.features.data(), *offsets = entries.offsets.data();
  s.chunks.run(features, offsets, n1 - n0, features_, d, [&](size_t r, size_t from, size_t to) {
    path_.addRows32(residuals + r * d, d, column + from, features + from, to - from, weights_.decoder);
  });
  for (size_t n = n0; n < n1; n++) {
    const size_t at = (n - n0) * d;
    squares[n] = rows_->counts[n] * path_.weighResidual(residuals + at, d, 2 * scale_ * rows_->counts[n], kept + at);
  }
  s.chunks.run(features, offsets, n1 - n0, features_, d, [&](size_t r, size_t from, size_t to) {
    path_.dots32(kept + r * d, weights_.decoder, d, features + from, to - from, out.data() + from);
  });
}

/** The loss, L0, and how the sparsity loss pulls. */
void DensePass::activity(DenseParts& parts) {
  double active = 0, penalty = 0, main = 0, auxiliary = 0;
  for (size_t n = 0; n < rows_->rows.size(); n++) {
    active += fired_[n];
    penalty += penalties_[n];
    main += squares_[n];
    auxiliary += auxiliary_[n];
  }
  const bool hasTarget = loss_.targetL0 != 0;
  parts.l0 = active / pull_.batchRows;
  const double excess = hasTarget ? parts.l0 / loss_.targetL0 - 1 : parts.l0;
  pull_.perActive = (hasTarget ? (2 * loss_.sparsity * excess) / loss_.targetL0 : loss_.sparsity) / pull_.batchRows;
  const bool isJump = loss_.architecture == DenseArchitecture::jumprelu;
  parts.sparsity = loss_.sparsity * (isJump ? (hasTarget ? excess * excess : parts.l0) : penalty / pull_.batchRows);
  parts.reconstruction = main * scale_;
  parts.auxiliary = auxiliary * scale_;
  parts.total = parts.reconstruction + parts.sparsity + parts.auxiliary;
}

/** Lists the entries of a part's features (counting sort), and sums what makes their own gradients. */
void DensePass::sortPart(size_t id, size_t part) {
  const size_t i0 = part * partFeatures_, i1 = std::min(features_, i0 + partFeatures_), rows = rows_->rows.size();
  Part& p = parts_[part];
  std::vector<int32_t>& cursors = scratch_[id].cursors;
  p.starts.assign(i1 - i0 + 1, 0);
  p.sums.assign(i1 - i0, {});
  p.penalised.assign(i1 - i0, 0);
  const auto last = static_cast<int32_t>(i1);
  for (size_t n = 0; n < rows; n++) {
    const DenseEntries& entries = blocks_[n / blockRows_];
    const size_t r = n % blockRows_;
    const int32_t *features = entries.features.data(), *end = features + entries.end(r);
    const int32_t* at = std::lower_bound(features + entries.begin(r), end, static_cast<int32_t>(i0));
    cursors[n] = static_cast<int32_t>(at - features);
    for (; at != end && *at < last; at++) p.starts[static_cast<size_t>(*at) - i0 + 1]++;
  }
  for (size_t i = 0; i < i1 - i0; i++) p.starts[i + 1] += p.starts[i];
  p.next.assign(p.starts.begin(), p.starts.end() - 1);
  const size_t count = static_cast<size_t>(p.starts.back());
  if (p.rows.size() < count) {
    p.rows.resize(count);
    p.codes.resize(count);
    p.pulls.resize(count);
  }
  const bool weighs = loss_.weighByDecoderNorm && loss_.architecture != DenseArchitecture::jumprelu;
  for (size_t n = 0; n < rows; n++) {
    const DenseEntries& entries = blocks_[n / blockRows_];
    const std::vector<float>& penalised = loss_.architecture == DenseArchitecture::gated ? entries.gateCode : entries.code;
    const size_t end = entries.end(n % blockRows_);
    for (size_t e = static_cast<size_t>(cursors[n]); e < end && entries.features[e] < last; e++) {
      const size_t i = static_cast<size_t>(entries.features[e]), own = i - i0;
      const size_t to = static_cast<size_t>(p.next[own]++);
      p.rows[to] = static_cast<int32_t>(n);
      p.codes[to] = entries.code[e];
      p.pulls[to] = entries.pull[e];
      rule_.sum(entries, e, i, rows_->counts[n], p.sums[own]);
      if (weighs) p.penalised[own] += rows_->counts[n] * penalised[e];
    }
  }
}

/** This thread's share of the entries of ∂b_d. */
void DensePass::sumDecoderBias(size_t id, double* gradient) const {
  const size_t from = width_ * id / team_.size(), to = width_ * (id + 1) / team_.size();
  std::fill(gradient + from, gradient + to, 0.0);
  for (size_t first = 0; first < width_; first += columns_) {
    const size_t wide = std::min(columns_, width_ - first), begin = std::max(from, first), end = std::min(to, first + wide);
    const float* row = columnsOf(residual_, first);
    for (size_t n = 0; n < rows_->rows.size(); n++, row += wide) {
      for (size_t j = begin; j < end; j++) gradient[j] += static_cast<double>(row[j - first]);
    }
  }
  if (!loss_.subtractDecoderBias) return;
  for (size_t i = 0; i < features_; i++) {
    const float* row = weights_.encoder + i * width_;
    const double sum = parts_[i / partFeatures_].sums[i % partFeatures_].pull;
    for (size_t j = from; j < to; j++) gradient[j] -= sum * static_cast<double>(row[j]);
  }
}

bool DensePass::takeFeatures(size_t& part, size_t& from, size_t& to) {
  if (!summed_.take(part)) return false;
  from = part * partFeatures_;
  to = std::min(features_, from + partFeatures_);
  return true;
}

/** Σ scale·row over the entries of feature i. */
template <class T>
void DensePass::addColumns(size_t id, const Part& p, size_t i, const std::vector<float>& scales, const Bytes& table,
                           size_t from, size_t to, T* gradient) {
  const size_t own = i % partFeatures_, first = static_cast<size_t>(p.starts[own]);
  const size_t n = static_cast<size_t>(p.starts[own + 1]) - first;
  constexpr bool inPlace = std::is_same_v<T, float>;
  float* sums = scratch_[id].sums.as<float>();
  if constexpr (inPlace) sums = gradient;
  std::fill_n(sums, to - from, 0.0f);
  path_.addRows32(sums, to - from, scales.data() + first, p.rows.data() + first, n, columnsOf(table, from));
  if (!inPlace) std::copy_n(sums, to - from, gradient);
}

template <class T>
void DensePass::sumEncoder(size_t id, size_t part, size_t i, size_t from, size_t to, T* gradient) {
  addColumns(id, parts_[part], i, parts_[part].pulls, centred_, from, to, gradient);
}

template <class T>
void DensePass::sumDecoder(size_t id, size_t part, size_t i, size_t from, size_t to, T* gradient) {
  const Part& p = parts_[part];
  addColumns(id, p, i, p.codes, residual_, from, to, gradient);
  if (!loss_.weighByDecoderNorm || loss_.architecture == DenseArchitecture::jumprelu || !(norms_[i] > 0)) return;
  const double along = (pull_.share * p.penalised[i % partFeatures_]) / norms_[i];
  const float* row = weights_.decoder + i * width_ + from;
  for (size_t j = 0; j < to - from; j++) {
    gradient[j] = static_cast<T>(static_cast<double>(gradient[j]) + along * static_cast<double>(row[j]));
  }
}

template void DensePass::sumEncoder(size_t, size_t, size_t, size_t, size_t, float*);
template void DensePass::sumEncoder(size_t, size_t, size_t, size_t, size_t, double*);
template void DensePass::sumDecoder(size_t, size_t, size_t, size_t, size_t, float*);
template void DensePass::sumDecoder(size_t, size_t, size_t, size_t, size_t, double*);

void DensePass::sumOwn(size_t part, size_t i, double* const* perFeature) const {
  rule_.finish(parts_[part].sums[i % partFeatures_], i, pull_, perFeature);
}

}  // namespace reseed

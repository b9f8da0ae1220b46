// Entries of dense autoencoders: approximate pre-activations of all features, exact ones of those that could be entries.
//
// A feature is an entry only if p = π + b reaches a limit l known before: 0 (relu, gated), or min(max(θ, 0), θ − ε/2)
// (jumprelu). With v the approximate π + (b − l) and |v − (p − l)| ≤ e (row-encoder.cpp), every entry has v ≥ −e. Those are
// computed in float64, in eight lanes as the portable kernel does, and judged by its rule: the same entries and the
// same bytes. Where the bound is not finite, all features are computed exactly.
//
// Cost: 2·B·d·F operations at the rate of `screen`, and 2·d exact ones for each entry and each near miss.
#include "dense/select.h"

#include <algorithm>
#include <numeric>

namespace reseed {
namespace {

/** Entries past the end of an array that is written in whole vectors. */
constexpr size_t margin = 16;
/** Rows that share what is loaded of the encoder, and later of the decoder. */
constexpr size_t mostRows = 128;

}  // namespace

DenseSelection::DenseSelection(const CodePath& path, size_t threads, size_t features, size_t width)
    : path_(path), features_(features), width_(width), packed_(*path.fine, features, width, threads), scratch_(threads) {
  for (Scratch& s : scratch_) {
    s.encoder = std::make_unique<RowEncoder>(path, *path.fine, features, width, features);
    s.found.resize(features + margin);
  }
}

size_t DenseSelection::blockRows(size_t rows) const {
  // Smaller where there would not be enough blocks for all threads.
  const size_t fair = panelsOf(panelsOf(rows, 2 * scratch_.size()), path_.fine->panelA) * path_.fine->panelA;
  return scratch_.size() == 1 ? mostRows : std::clamp<size_t>(fair, 1, mostRows);
}

void DenseSelection::select(size_t id, const float* centred, size_t n, const float* encoder, const DenseRule& rule,
                            DenseEntries& entries) {
  Scratch& s = scratch_[id];
  s.offsets.assign(1, 0);
  for (size_t from = 0, height; from < n; from += height) {
    height = std::min(s.encoder->blockRows(), n - from);
    std::copy_n(centred + from * width_, height * width_, s.encoder->input(0));
    s.encoder->screen(packed_, height);
    for (size_t r = 0; r < height; r++) {
      const size_t at = s.offsets.back();
      if (s.found.size() < at + features_ + margin) s.found.resize(2 * s.found.size());
      double error;
      const float* approx = s.encoder->ranks(packed_, rule.screenBias(), r, &error);
      error += rule.screenError();
      size_t count = features_;
      if (error < 1e30) count = path_.atLeast(approx, features_, below(-error), s.found.data() + at);
      else std::iota(s.found.data() + at, s.found.data() + at + features_, 0);
      s.offsets.push_back(at + count);
    }
  }
  if (s.reach.size() < s.offsets.back()) s.reach.resize(s.offsets.back());
  s.chunks.run(s.found.data(), s.offsets.data(), n, features_, width_, [&](size_t r, size_t from, size_t to) {
    path_.dots(centred + r * width_, encoder, width_, s.found.data() + from, to - from, s.reach.data() + from);
  });
  entries.clear();
  for (size_t r = 0; r < n; r++) {
    const size_t from = s.offsets[r];
    rule.select(s.found.data() + from, s.offsets[r + 1] - from, s.reach.data() + from, entries);
  }
}

void encodeDense(const CodePath& path, size_t threads, Stop stop, const DenseEncodeJob& job) {
  DenseSelection selection(path, threads, job.features, job.width);
  // A bandwidth of 0 keeps entries near a threshold out: only codes are asked for.
  DenseLoss loss = job.loss;
  loss.bandwidth = 0;
  DenseRule rule;
  rule.begin(loss, job.weights, job.features);
  const float* bias = loss.subtractDecoderBias ? job.weights.decoderBias : nullptr;
  const size_t height = selection.blockRows(job.rows);
  ThreadTeam team(threads);
  Pieces blocks;
  blocks.reset(panelsOf(job.rows, height));
  onThreads(threads, [&](size_t id) {
    path.enter();
    selection.pack(id, job.weights.encoder, rule);
    team.sync();
    if (id == 0) selection.gather();
    team.sync();
    DenseEntries entries;
    std::vector<float> centred(height * job.width);
    for (size_t block; blocks.take(block) && !stop.asked();) {
      const size_t n0 = block * height, n = std::min(height, job.rows - n0);
      for (size_t r = 0; r < n; r++) centre(centred.data() + r * job.width, job.x + (n0 + r) * job.width, job.width, bias);
      selection.select(id, centred.data(), n, job.weights.encoder, rule, entries);
      for (size_t r = 0; r < n; r++) {
        float* row = job.codes + (n0 + r) * job.features;
        std::fill_n(row, job.features, 0.0f);
        for (size_t e = entries.begin(r); e < entries.end(r); e++) row[entries.features[e]] = entries.code[e];
      }
    }
    path.leave();
  });
}

}  // namespace reseed

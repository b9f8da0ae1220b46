// Steps of portable/dense-step.ts: a pass, clipping, Adam, and what keeps the decoder at length 1; the same bytes.
//
// Where there are at least as many tasks as threads, each thread takes whole tasks; else all threads share the rows
// and the features of one task after the other.
#include "dense-train.h"

#include <cmath>

namespace reseed {
namespace {

constexpr size_t featuresPerPiece = 32;

/** The distinct rows of a batch in order of first occurrence; `slot` is scratch of −1s, left as it was. */
void countRows(const int32_t* batch, size_t n, const int32_t* firstEqual, std::vector<int32_t>& slot, CountedRows& out) {
  out.rows.clear();
  out.counts.clear();
  for (size_t b = 0; b < n; b++) {
    const int32_t first = firstEqual[batch[b]];
    int32_t& at = slot[static_cast<size_t>(first)];
    if (at < 0) {
      at = static_cast<int32_t>(out.rows.size());
      out.rows.push_back(first);
      out.counts.push_back(0);
    }
    out.counts[static_cast<size_t>(at)]++;
  }
  for (const int32_t first : out.rows) slot[static_cast<size_t>(first)] = -1;
}

DenseArrays<const float> readOnly(const DenseArrays<float>& w) {
  return {w.encoder, w.decoder, w.decoderBias, {w.perFeature[0], w.perFeature[1], w.perFeature[2]}};
}

void put(const DenseParts& parts, double* out) {
  out[0] = parts.reconstruction;
  out[1] = parts.sparsity;
  out[2] = parts.auxiliary;
  out[3] = parts.total;
  out[4] = parts.l0;
}

/** The threads that take the steps of one task together. */
class Trainer {
 public:
  Trainer(const Path& path, size_t threads, Stop stop, const DenseTrainJob& job, const DenseTask& task)
      : path_(path), stop_(stop), job_(job), task_(task), pass_(path, threads, job.x, task.features, job.width),
        slot_(job.rows, -1) {
    const size_t table = task.features * job.width, vectors = perFeatureCount(job.loss.architecture);
    store_.resize(2 * table + job.width + vectors * task.features);
    squares_.resize(task.features);
    double* at = store_.data();
    gradients_ = {at, at + table, at + 2 * table, {}};
    for (size_t v = 0; v < vectors; v++) gradients_.perFeature[v] = at + 2 * table + job.width + v * task.features;
  }

  void run(size_t id) {
    for (size_t s = 0; s < task_.steps; s++) {
      if (id == 0) {
        stopped_ = stop_.asked();
        const int32_t from = task_.starts[s], to = task_.starts[s + 1];
        countRows(task_.rows + from, static_cast<size_t>(to - from), job_.firstEqual, slot_, rows_);
        pieces_.reset(panelsOf(task_.features, featuresPerPiece));
      }
      pass_.crew().meet();
      if (stopped_) return;
      DenseLoss loss = job_.loss;
      loss.sparsity = task_.sparsities[s];
      pass_.run(id, readOnly(task_.weights), rows_, loss, gradients_, parts_);
      const AdamStep adam{job_.optimiser.beta1, job_.optimiser.beta2, job_.optimiser.epsilon, task_.stepSizes[s],
                          task_.roots[s]};
      if (job_.optimiser.clipNorm > 0) clip(id);
      for (size_t piece; pieces_.take(piece);) update(piece, adam);
      if (id == 0) {
        put(parts_, task_.parts + 5 * s);
        path_.adam(task_.weights.decoderBias, task_.first.decoderBias, task_.second.decoderBias, gradients_.decoderBias,
                   job_.width, adam);
      }
      pass_.crew().meet();
    }
  }

 private:
  /** Projects, if that is asked, and scales all gradients together. */
  void clip(size_t id) {
    const size_t d = job_.width, count = perFeatureCount(job_.loss.architecture), share = task_.features / pass_.crew().size() + 1;
    const size_t from = std::min(task_.features, id * share), to = std::min(task_.features, from + share);
    for (size_t i = from; i < to; i++) {
      if (job_.optimiser.projectGradient) projectGradient(gradients_.decoder + i * d, task_.weights.decoder + i * d);
      double own = path_.squares(gradients_.encoder + i * d, d) + path_.squares(gradients_.decoder + i * d, d);
      for (size_t k = 0; k < count; k++) own += gradients_.perFeature[k][i] * gradients_.perFeature[k][i];
      squares_[i] = own;
    }
    pass_.crew().meet();
    double squares = 0;
    for (const double own : squares_) squares += own;
    const double scale = clipScale(squares + path_.squares(gradients_.decoderBias, d), job_.optimiser.clipNorm);
    pass_.crew().meet();
    for (size_t i = from; i < to; i++) {
      for (size_t j = i * d; j < (i + 1) * d; j++) {
        gradients_.encoder[j] *= scale;
        gradients_.decoder[j] *= scale;
      }
      for (size_t k = 0; k < count; k++) gradients_.perFeature[k][i] *= scale;
    }
    if (id == 0) {
      for (size_t j = 0; j < d; j++) gradients_.decoderBias[j] *= scale;
    }
    pass_.crew().meet();
  }

  void update(size_t piece, const AdamStep& adam) {
    const size_t d = job_.width, i0 = piece * featuresPerPiece;
    const size_t n = std::min(task_.features, i0 + featuresPerPiece) - i0, at = i0 * d;
    const DenseArrays<float>&w = task_.weights, &m = task_.first, &v = task_.second;
    if (job_.optimiser.projectGradient && job_.optimiser.clipNorm == 0) {
      for (size_t i = i0; i < i0 + n; i++) projectGradient(gradients_.decoder + i * d, w.decoder + i * d);
    }
    path_.adam(w.encoder + at, m.encoder + at, v.encoder + at, gradients_.encoder + at, n * d, adam);
    path_.adam(w.decoder + at, m.decoder + at, v.decoder + at, gradients_.decoder + at, n * d, adam);
    for (size_t k = 0; k < perFeatureCount(job_.loss.architecture); k++) {
      path_.adam(w.perFeature[k] + i0, m.perFeature[k] + i0, v.perFeature[k] + i0, gradients_.perFeature[k] + i0, n, adam);
    }
    if (job_.optimiser.normaliseDecoder) {
      for (size_t i = i0; i < i0 + n; i++) normalise(w.decoder + i * d);
    }
  }

  void projectGradient(double* gradient, const float* row) const {
    double along = 0, square = 0;
    for (size_t j = 0; j < job_.width; j++) {
      along += gradient[j] * static_cast<double>(row[j]);
      square += static_cast<double>(row[j]) * static_cast<double>(row[j]);
    }
    if (square == 0) return;
    const double share = along / square;
    for (size_t j = 0; j < job_.width; j++) gradient[j] -= share * static_cast<double>(row[j]);
  }

  void normalise(float* row) const {
    double square = 0;
    for (size_t j = 0; j < job_.width; j++) square += static_cast<double>(row[j]) * static_cast<double>(row[j]);
    if (square == 0) return;
    const double scale = 1 / std::sqrt(square);
    for (size_t j = 0; j < job_.width; j++) row[j] = static_cast<float>(static_cast<double>(row[j]) * scale);
  }

  const Path& path_;
  Stop stop_;
  const DenseTrainJob& job_;
  const DenseTask& task_;
  DensePass pass_;
  std::vector<int32_t> slot_;
  std::vector<double> store_, squares_;
  DenseArrays<double> gradients_{};
  CountedRows rows_;
  DenseParts parts_{};
  Pieces pieces_;
  bool stopped_ = false;
};

}  // namespace

void trainDense(const Path& path, size_t threads, Stop stop, const DenseTrainJob& job) {
  if (job.tasks.size() >= threads) {
    Pieces tasks;
    tasks.reset(job.tasks.size());
    onThreads(threads, [&](size_t) {
      for (size_t t; tasks.take(t);) Trainer(path, 1, stop, job, job.tasks[t]).run(0);
    });
    return;
  }
  for (const DenseTask& task : job.tasks) {
    Trainer trainer(path, threads, stop, job, task);
    onThreads(threads, [&](size_t id) { trainer.run(id); });
  }
}

void forwardBackward(const Path& path, size_t threads, const DensePassJob& job) {
  DensePass pass(path, threads, job.x, job.features, job.width);
  std::vector<int32_t> slot(job.rows, -1);
  CountedRows rows;
  countRows(job.batch, job.batchRows, job.firstEqual, slot, rows);
  DenseParts parts{};
  onThreads(threads, [&](size_t id) { pass.run(id, job.weights, rows, job.loss, job.gradients, parts); });
  put(parts, job.parts);
}

}  // namespace reseed

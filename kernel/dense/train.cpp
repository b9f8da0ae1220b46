// Steps of portable/dense-step.ts: a pass, clipping, Adam, and what keeps the decoder at length 1; the same bytes.
#include "dense/train.h"

#include <algorithm>
#include <memory>

#include "training/run-tasks.h"

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

/** The threads that take steps together, and their scratch space. */
class DenseTrainer {
 public:
  DenseTrainer(const CodePath& path, size_t threads, const DenseTrainJob& job)
      : path_(path), team_(threads), job_(job), slot_(job.rows, -1), decoderBias_(job.width), rowGradients_(threads) {
    for (Bytes& row : rowGradients_) row.grow(job.width * sizeof(float));
  }

  /** Every thread of the team calls this for the same task before `step`. */
  void begin(size_t id, size_t t) {
    if (id == 0) prepare(job_.tasks[t]);
    team_.sync();
  }

  ThreadTeam& team() { return team_; }

  void step(size_t id, size_t s) {
    if (id == 0) {
      const int32_t from = task_->starts[s], to = task_->starts[s + 1];
      countRows(task_->rows + from, static_cast<size_t>(to - from), job_.firstEqual, slot_, rows_);
      moved_.reset(panelsOf(task_->features, featuresPerPiece));
    }
    DenseLoss loss = job_.loss;
    loss.sparsity = task_->sparsities[s];
    pass_->run(id, readOnly(task_->weights), rows_, loss, decoderBias_.data(), parts_);
    const AdamStep adam{job_.optimiser.beta1, job_.optimiser.beta2, job_.optimiser.epsilon, task_->stepSizes[s],
                        task_->roots[s]};
    if (keepsGradients()) updateByRows(id, adam);
    else update(id, adam);
    if (id == 0) {
      put(parts_, task_->parts + 5 * s);
      path_.adam(task_->weights.decoderBias, task_->first.decoderBias, task_->second.decoderBias, decoderBias_.data(),
                 job_.width, adam);
    }
    team_.sync();
  }

 private:
  void prepare(const DenseTask& task) {
    task_ = &task;
    if (pass_ && pass_->features() == task.features) return;
    pass_ = std::make_unique<DensePass>(path_, team_, job_.x, task.features, job_.width);
    perFeature_.resize(perFeatureCount(job_.loss.architecture) * task.features);
    if (!keepsGradients()) return;
    kept_.resize(2 * task.features * job_.width);
    squares_.resize(task.features);
  }

  bool keepsGradients() const { return job_.optimiser.clipNorm > 0 || job_.optimiser.projectGradient; }

  double* perFeature(size_t k) { return perFeature_.data() + k * task_->features; }

  void ownGradients(size_t part, size_t i) {
    double* own[3] = {};
    for (size_t k = 0; k < perFeatureCount(job_.loss.architecture); k++) own[k] = perFeature(k);
    pass_->sumOwn(part, i, own);
  }

  /** Moves `n` values of W, or of D, from `at` on. */
  template <class T>
  void moveEncoder(size_t at, size_t n, const T* gradient, const AdamStep& adam) {
    move(task_->weights.encoder + at, task_->first.encoder + at, task_->second.encoder + at, gradient, n, adam);
  }
  template <class T>
  void moveDecoder(size_t at, size_t n, const T* gradient, const AdamStep& adam) {
    move(task_->weights.decoder + at, task_->first.decoder + at, task_->second.decoder + at, gradient, n, adam);
  }
  void move(float* w, float* first, float* second, const double* gradient, size_t n, const AdamStep& adam) {
    path_.adam(w, first, second, gradient, n, adam);
  }
  void move(float* w, float* first, float* second, const float* gradient, size_t n, const AdamStep& adam) {
    path_.adam32(w, first, second, gradient, n, adam);
  }

  /** Moves the own parameters of features from … to, and scales their rows of D if that is asked. */
  void finish(size_t from, size_t to, const AdamStep& adam) {
    for (size_t k = 0; k < perFeatureCount(job_.loss.architecture); k++) {
      path_.adam(task_->weights.perFeature[k] + from, task_->first.perFeature[k] + from, task_->second.perFeature[k] + from,
                 perFeature(k) + from, to - from, adam);
    }
    if (!job_.optimiser.normaliseDecoder) return;
    for (size_t i = from; i < to; i++) path_.normaliseRow(task_->weights.decoder + i * job_.width, job_.width);
  }

  /** Each piece of the gradients is applied as soon as it is complete. */
  void update(size_t id, const AdamStep& adam) {
    const size_t d = job_.width, columns = pass_->columns();
    float* gradient = rowGradients_[id].as<float>();
    for (size_t part, from, to; pass_->takeFeatures(part, from, to);) {
      for (size_t j = 0; j < d; j += columns) {
        const size_t end = std::min(d, j + columns);
        for (size_t i = from; i < to; i++) {
          pass_->sumDecoder(id, part, i, j, end, gradient);
          moveDecoder(i * d + j, end - j, gradient, adam);
        }
        for (size_t i = from; i < to; i++) {
          pass_->sumEncoder(id, part, i, j, end, gradient);
          moveEncoder(i * d + j, end - j, gradient, adam);
        }
      }
      for (size_t i = from; i < to; i++) ownGradients(part, i);
      finish(from, to, adam);
    }
  }

  /** All gradients first: projected, and once their norm is known clipped, as is asked. */
  void updateByRows(size_t id, const AdamStep& adam) {
    const size_t d = job_.width, count = perFeatureCount(job_.loss.architecture), columns = pass_->columns();
    double *encoders = kept_.data(), *decoders = encoders + task_->features * d;
    for (size_t part, from, to; pass_->takeFeatures(part, from, to);) {
      for (size_t j = 0; j < d; j += columns) {
        const size_t end = std::min(d, j + columns);
        for (size_t i = from; i < to; i++) pass_->sumDecoder(id, part, i, j, end, decoders + i * d + j);
        for (size_t i = from; i < to; i++) pass_->sumEncoder(id, part, i, j, end, encoders + i * d + j);
      }
      for (size_t i = from; i < to; i++) {
        ownGradients(part, i);
        if (job_.optimiser.projectGradient) path_.projectRow(decoders + i * d, task_->weights.decoder + i * d, d);
        double own = path_.squares(encoders + i * d, d) + path_.squares(decoders + i * d, d);
        for (size_t k = 0; k < count; k++) own += perFeature(k)[i] * perFeature(k)[i];
        squares_[i] = own;
      }
    }
    team_.sync();
    double scale = 1;
    if (job_.optimiser.clipNorm > 0) {
      double squares = 0;
      for (const double own : squares_) squares += own;
      scale = clipScale(squares + path_.squares(decoderBias_.data(), d), job_.optimiser.clipNorm);
    }
    team_.sync();
    for (size_t piece; moved_.take(piece);) {
      const size_t from = piece * featuresPerPiece, to = std::min(task_->features, from + featuresPerPiece);
      for (size_t i = from; i < to; i++) {
        for (size_t j = i * d; scale != 1 && j < (i + 1) * d; j++) {
          encoders[j] *= scale;
          decoders[j] *= scale;
        }
        for (size_t k = 0; k < count; k++) perFeature(k)[i] *= scale;
      }
      moveEncoder(from * d, (to - from) * d, encoders + from * d, adam);
      moveDecoder(from * d, (to - from) * d, decoders + from * d, adam);
      finish(from, to, adam);
    }
    if (id == 0) {
      for (double& g : decoderBias_) g *= scale;
    }
  }

  const CodePath& path_;
  ThreadTeam team_;
  const DenseTrainJob& job_;
  const DenseTask* task_ = nullptr;
  std::unique_ptr<DensePass> pass_;
  std::vector<int32_t> slot_;
  std::vector<double> decoderBias_, perFeature_, kept_, squares_;
  /** For each thread a gradient of one feature, in float32. */
  std::vector<Bytes> rowGradients_;
  CountedRows rows_;
  DenseParts parts_{};
  Pieces moved_;
};

}  // namespace

void trainDense(const CodePath& path, size_t threads, Stop stop, const DenseTrainJob& job) {
  std::vector<size_t> steps;
  for (const DenseTask& task : job.tasks) steps.push_back(task.steps);
  runTasks(path, threads, stop, steps, [&](size_t size) { return std::make_unique<DenseTrainer>(path, size, job); });
}

void forwardBackward(const CodePath& path, size_t threads, const DensePassJob& job) {
  ThreadTeam team(threads);
  DensePass pass(path, team, job.x, job.features, job.width);
  std::vector<int32_t> slot(job.rows, -1);
  CountedRows rows;
  countRows(job.batch, job.batchRows, job.firstEqual, slot, rows);
  DenseParts parts{};
  onThreads(threads, [&](size_t id) {
    path.enter();
    pass.run(id, job.weights, rows, job.loss, job.gradients.decoderBias, parts);
    const size_t d = job.width;
    for (size_t part, from, to; pass.takeFeatures(part, from, to);) {
      for (size_t i = from; i < to; i++) {
        for (size_t j = 0; j < d; j += pass.columns()) {
          const size_t end = std::min(d, j + pass.columns());
          pass.sumEncoder(id, part, i, j, end, job.gradients.encoder + i * d + j);
          pass.sumDecoder(id, part, i, j, end, job.gradients.decoder + i * d + j);
        }
        pass.sumOwn(part, i, job.gradients.perFeature);
      }
    }
    path.leave();
  });
  put(parts, job.parts);
}

}  // namespace reseed

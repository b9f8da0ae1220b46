// Steps of portable/dense-step.ts: a pass, clipping, Adam, and what keeps the decoder at length 1; the same bytes.
//
// Where there are at least as many tasks as threads, each thread takes a task for a few steps and puts it back at
// the end of the queue; else all threads share the rows and the features of one task after the other.
#include "dense-train.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>

namespace reseed {
namespace {

constexpr size_t featuresPerPiece = 32;
constexpr size_t stepsPerTurn = 4;

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
class Trainer {
 public:
  Trainer(const Path& path, size_t threads, const DenseTrainJob& job)
      : path_(path), threads_(threads), job_(job), slot_(job.rows, -1), decoderBias_(job.width), rowGradients_(threads) {
    for (std::vector<double>& rows : rowGradients_) rows.resize(job.width);
  }

  /** One thread calls this before the steps of a task. */
  void begin(const DenseTask& task) {
    task_ = &task;
    if (pass_ && pass_->features() == task.features) return;
    pass_ = std::make_unique<DensePass>(path_, threads_, job_.x, task.features, job_.width);
    perFeature_.resize(perFeatureCount(job_.loss.architecture) * task.features);
    if (!keepsGradients()) return;
    kept_.resize(2 * task.features * job_.width);
    squares_.resize(task.features);
  }

  Crew& crew() { return pass_->crew(); }

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
    crew().meet();
  }

 private:
  bool keepsGradients() const { return job_.optimiser.clipNorm > 0 || job_.optimiser.projectGradient; }

  double* perFeature(size_t k) { return perFeature_.data() + k * task_->features; }

  void ownGradients(size_t part, size_t i) {
    double* own[3] = {};
    for (size_t k = 0; k < perFeatureCount(job_.loss.architecture); k++) own[k] = perFeature(k);
    pass_->sumOwn(part, i, own);
  }

  /** Moves `n` values of W, or of D, from `at` on. */
  void moveEncoder(size_t at, size_t n, const double* gradient, const AdamStep& adam) {
    path_.adam(task_->weights.encoder + at, task_->first.encoder + at, task_->second.encoder + at, gradient, n, adam);
  }
  void moveDecoder(size_t at, size_t n, const double* gradient, const AdamStep& adam) {
    path_.adam(task_->weights.decoder + at, task_->first.decoder + at, task_->second.decoder + at, gradient, n, adam);
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
    double* gradient = rowGradients_[id].data();
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
    crew().meet();
    double scale = 1;
    if (job_.optimiser.clipNorm > 0) {
      double squares = 0;
      for (const double own : squares_) squares += own;
      scale = clipScale(squares + path_.squares(decoderBias_.data(), d), job_.optimiser.clipNorm);
    }
    crew().meet();
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

  const Path& path_;
  const size_t threads_;
  const DenseTrainJob& job_;
  const DenseTask* task_ = nullptr;
  std::unique_ptr<DensePass> pass_;
  std::vector<int32_t> slot_;
  std::vector<double> decoderBias_, perFeature_, kept_, squares_;
  /** For each thread a gradient of one feature. */
  std::vector<std::vector<double>> rowGradients_;
  CountedRows rows_;
  DenseParts parts_{};
  Pieces moved_;
};

/** One task per thread at a time, a few steps each turn. */
void trainSideBySide(const Path& path, size_t threads, Stop stop, const DenseTrainJob& job) {
  std::vector<std::unique_ptr<Trainer>> trainers;
  for (size_t id = 0; id < threads; id++) trainers.push_back(std::make_unique<Trainer>(path, 1, job));
  std::vector<size_t> taken(job.tasks.size());
  std::deque<size_t> queue;
  for (size_t t = 0; t < job.tasks.size(); t++) queue.push_back(t);
  std::mutex guard;
  onThreads(threads, [&](size_t id) {
    path.enter();
    while (!stop.asked()) {
      size_t t;
      {
        std::lock_guard lock(guard);
        if (queue.empty()) break;
        t = queue.front();
        queue.pop_front();
      }
      const DenseTask& task = job.tasks[t];
      trainers[id]->begin(task);
      for (size_t s = 0; s < stepsPerTurn && taken[t] < task.steps && !stop.asked(); s++) trainers[id]->step(0, taken[t]++);
      if (taken[t] < task.steps) {
        std::lock_guard lock(guard);
        queue.push_back(t);
      }
    }
    path.leave();
  });
}

/** All threads on one task after the other. */
void trainTogether(const Path& path, size_t threads, Stop stop, const DenseTrainJob& job) {
  for (const DenseTask& task : job.tasks) {
    Trainer trainer(path, threads, job);
    trainer.begin(task);
    bool stopped = false;
    onThreads(threads, [&](size_t id) {
      path.enter();
      for (size_t s = 0; s < task.steps; s++) {
        // One thread asks, so that all leave at the same step.
        if (id == 0) stopped = stop.asked();
        trainer.crew().meet();
        if (stopped) break;
        trainer.step(id, s);
      }
      path.leave();
    });
  }
}

}  // namespace

void trainDense(const Path& path, size_t threads, Stop stop, const DenseTrainJob& job) {
  if (job.tasks.size() >= threads) trainSideBySide(path, threads, stop, job);
  else trainTogether(path, threads, stop, job);
}

void forwardBackward(const Path& path, size_t threads, const DensePassJob& job) {
  DensePass pass(path, threads, job.x, job.features, job.width);
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

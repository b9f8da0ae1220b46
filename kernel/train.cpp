// Training steps of TopK autoencoders: the maths and the order of every sum are those of portable/train.ts.
//
// With z = topk(W_e·(x − s·b_d) + b_e), x̂ = Σ_{i active} z_i·D_i + b_d and r = 2(x̂ − x)/(B·d):
//   ∂D_i = Σ z_i·r;  ∂z_i = D_i·r;  ∂W_i = Σ ∂z_i·(x − s·b_d);  ∂b_e,i = Σ ∂z_i;  ∂b_d = Σ r − s·Σ_i ∂b_e,i·W_i
// then Adam. Sums over the batch run feature by feature, rows ascending, in float64, so that the result is the
// portable kernel's to the last bit, at any number of threads: rows are independent up to the code gradients,
// and features after them.
//
// Where there are at least as many tasks as threads, each thread takes a task for a few steps and puts it back at
// the end of the queue; else all threads share the rows and the features of one task after the other.
//
// Cost of a step: 2·B·d·F at the rate of `screen`; 5·B·k·d multiply-adds in float64, about eight a cycle; Adam in
// float32 over the features that were ever active, 28 bytes a parameter and about a cycle.
#include "train.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>
#include <mutex>

namespace reseed {
namespace {

constexpr size_t featuresPerPiece = 32;
constexpr size_t stepsPerTurn = 4;

/** What stays of a task between steps. */
struct Progress {
  size_t step = 0;
  /** Features with moments that are not all 0. */
  std::vector<char> moving;
};

bool anyNonZero(const float* p, size_t n) {
  return std::any_of(p, p + n, [](float v) { return v != 0; });
}

std::vector<char> movingFeatures(const TrainTask& task, size_t width) {
  std::vector<char> moving(task.features);
  for (size_t i = 0; i < task.features; i++) {
    const auto moves = [&](const Weights<float>& m) {
      return m.encoderBias[i] != 0 || anyNonZero(m.encoder + i * width, width) || anyNonZero(m.decoder + i * width, width);
    };
    moving[i] = moves(task.first) || moves(task.second);
  }
  return moving;
}

/** The threads that take steps together, and their scratch space for the largest task of the job. */
class Trainer {
 public:
  Trainer(const Path& path, size_t threads, const TrainJob& job) : path_(path), job_(job), crew_(threads), slot_(job.rows, -1) {
    const size_t d = job.width;
    size_t features = 0, batch = 0;
    for (const TrainTask& task : job.tasks) {
      features = std::max(features, task.features);
      for (size_t s = 0; s < task.steps; s++) batch = std::max(batch, static_cast<size_t>(task.starts[s + 1] - task.starts[s]));
    }
    const size_t entries = batch * std::min(job.hyper.k, features);
    rows_.resize(batch);
    counts_.resize(batch);
    indices_.resize(entries);
    values_.resize(entries);
    codes_.resize(entries);
    codeGradients_.resize(entries);
    squares_.resize(batch);
    residual_.resize(batch * d);
    starts_.resize(features + 1);
    next_.resize(features);
    slots_.resize(entries);
    dataRows_.resize(entries);
    featureCodes_.resize(entries);
    featureGradients_.resize(entries);
    biasGradient_.resize(d);
    biasOf_.resize(features);
    for (size_t id = 0; id < threads; id++) {
      sums_.emplace_back(d);
      encoderGradients_.emplace_back(d);
      decoderGradients_.emplace_back(d);
    }
  }

  /** Every thread of the crew calls this for the same task before `step`. */
  void begin(size_t id, const TrainTask& task, Progress& progress) {
    if (id == 0) {
      const size_t k = std::min(job_.hyper.k, task.features);
      if (encoders_.empty() || packed_->features != task.features) {
        encoders_.clear();
        packed_ = std::make_unique<PackedEncoder>(path_, task.features, job_.width, crew_.size());
        for (size_t t = 0; t < crew_.size(); t++) {
          encoders_.push_back(std::make_unique<RowEncoder>(path_, task.features, job_.width, k));
        }
      }
      task_ = &task;
      moving_ = progress.moving.data();
      k_ = k;
    }
    crew_.meet();
  }

  void step(size_t id, size_t s) {
    if (id == 0) prepare(s);
    crew_.meet();
    packed_->pack(id, task_->weights.encoder, task_->weights.encoderBias);
    crew_.meet();
    if (id == 0) packed_->gather();
    crew_.meet();
    for (size_t block; blocks_.take(block);) forwardBlock(id, block);
    crew_.meet();
    if (id == 0) sortByFeature();
    if (id == crew_.size() - 1) task_->losses[s] = loss();
    crew_.meet();
    decoderBiasGradient(id);
    crew_.meet();
    const AdamStep adam{job_.hyper.beta1, job_.hyper.beta2, job_.hyper.epsilon, task_->stepSizes[s], task_->roots[s]};
    for (size_t piece; features_.take(piece);) updateFeatures(id, piece, adam);
    crew_.meet();
    if (id == 0) {
      path_.adam(task_->weights.decoderBias, task_->first.decoderBias, task_->second.decoderBias, biasGradient_.data(),
                 job_.width, adam);
    }
  }

  Crew& crew() { return crew_; }

 private:
  /** The distinct rows of the batch in order of first occurrence, and how often each occurs. */
  void prepare(size_t s) {
    const int32_t* batch = task_->rows + task_->starts[s];
    batch_ = static_cast<size_t>(task_->starts[s + 1] - task_->starts[s]);
    distinct_ = 0;
    for (size_t n = 0; n < batch_; n++) {
      const int32_t first = job_.firstEqual[batch[n]];
      int32_t& slot = slot_[static_cast<size_t>(first)];
      if (slot < 0) {
        slot = static_cast<int32_t>(distinct_);
        rows_[distinct_] = first;
        counts_[distinct_++] = 0;
      }
      counts_[static_cast<size_t>(slot)]++;
    }
    for (size_t r = 0; r < distinct_; r++) slot_[static_cast<size_t>(rows_[r])] = -1;
    // Blocks are cut smaller where there would not be enough for all threads.
    const size_t fair = panelsOf(panelsOf(distinct_, 2 * crew_.size()), path_.panelA) * path_.panelA;
    blockRows_ = crew_.size() == 1 ? encoders_[0]->blockRows() : std::min(encoders_[0]->blockRows(), fair);
    blocks_.reset(panelsOf(distinct_, blockRows_));
    features_.reset(panelsOf(task_->features, featuresPerPiece));
  }

  const float* dataRow(size_t r) const { return job_.x + static_cast<size_t>(rows_[r]) * job_.width; }

  /** Codes, reconstruction, residuals and code gradients of one block of rows. */
  void forwardBlock(size_t id, size_t block) {
    const size_t d = job_.width, from = block * blockRows_;
    const size_t n = std::min(blockRows_, distinct_ - from);
    const Weights<float>& w = task_->weights;
    RowEncoder& encoder = *encoders_[id];
    for (size_t r = 0; r < n; r++) {
      centre(encoder.input(r), dataRow(from + r), d, job_.hyper.subtractDecoderBias ? w.decoderBias : nullptr);
    }
    if (k_ > 0) {
      encoder.select(*packed_, w.encoder, w.encoderBias, n, indices_.data() + from * k_, values_.data() + from * k_);
    }
    const double scale = 2 / (static_cast<double>(batch_) * static_cast<double>(d));
    double* r = sums_[id].data();
    for (size_t row = from; row < from + n; row++) {
      const float* x = dataRow(row);
      const int32_t* indices = indices_.data() + row * k_;
      double* codes = codes_.data() + row * k_;
      for (size_t e = 0; e < k_; e++) {
        const double v = values_[row * k_ + e];
        codes[e] = job_.hyper.relu && !(v > 0) ? 0 : v;
      }
      for (size_t j = 0; j < d; j++) r[j] = static_cast<double>(w.decoderBias[j]) - x[j];
      path_.addRows(r, d, codes, indices, k_, w.decoder);
      float* residual = residual_.data() + row * d;
      squares_[row] = counts_[row] * path_.weighResidual(r, d, scale * counts_[row], residual);
      double* gradients = codeGradients_.data() + row * k_;
      path_.dots(residual, w.decoder, d, indices, k_, gradients);
      for (size_t e = 0; e < k_; e++) {
        // ReLU passes no gradient where it cut a code to 0.
        gradients[e] = job_.hyper.relu && codes[e] == 0 ? 0 : static_cast<double>(static_cast<float>(gradients[e]));
      }
    }
  }

  /** Mean squared error: the rows' sums in their order. */
  double loss() const {
    double total = 0;
    for (size_t row = 0; row < distinct_; row++) total += squares_[row];
    return total / (static_cast<double>(batch_) * static_cast<double>(job_.width));
  }

  /** Active entries grouped by feature, rows in their order within each (counting sort). */
  void sortByFeature() {
    const size_t features = task_->features, count = distinct_ * k_;
    std::fill_n(starts_.begin(), features + 1, 0);
    for (size_t e = 0; e < count; e++) starts_[static_cast<size_t>(indices_[e]) + 1]++;
    for (size_t i = 0; i < features; i++) starts_[i + 1] += starts_[i];
    std::copy_n(starts_.begin(), features, next_.begin());
    for (size_t row = 0; row < distinct_; row++) {
      for (size_t e = row * k_; e < (row + 1) * k_; e++) {
        const size_t to = static_cast<size_t>(next_[static_cast<size_t>(indices_[e])]++);
        slots_[to] = static_cast<int32_t>(row);
        dataRows_[to] = rows_[row];
        featureCodes_[to] = codes_[e];
        featureGradients_[to] = codeGradients_[e];
      }
    }
    for (size_t i = 0; i < features; i++) {
      double bias = 0;
      for (int32_t s = starts_[i]; s < starts_[i + 1]; s++) bias += featureGradients_[static_cast<size_t>(s)];
      biasOf_[i] = bias;
    }
  }

  /** Each thread takes a range of columns. */
  void decoderBiasGradient(size_t id) {
    const size_t d = job_.width;
    const size_t from = d * id / crew_.size(), to = d * (id + 1) / crew_.size();
    double* gradient = biasGradient_.data();
    std::fill(gradient + from, gradient + to, 0.0);
    for (size_t row = 0; row < distinct_; row++) {
      const float* residual = residual_.data() + row * d;
      for (size_t j = from; j < to; j++) gradient[j] += residual[j];
    }
    if (!job_.hyper.subtractDecoderBias) return;
    for (size_t i = 0; i < task_->features; i++) {
      if (starts_[i] == starts_[i + 1]) continue;
      const float* encoder = task_->weights.encoder + i * d;
      for (size_t j = from; j < to; j++) gradient[j] -= biasOf_[i] * encoder[j];
    }
  }

  /** Gradients of a few features, each applied as soon as it is complete. */
  void updateFeatures(size_t id, size_t piece, const AdamStep& adam) {
    const size_t d = job_.width;
    const Weights<float>&w = task_->weights, &first = task_->first, &second = task_->second;
    double* encoder = encoderGradients_[id].data();
    double* decoder = decoderGradients_[id].data();
    const size_t end = std::min(task_->features, (piece + 1) * featuresPerPiece);
    for (size_t i = piece * featuresPerPiece; i < end; i++) {
      const size_t from = static_cast<size_t>(starts_[i]), n = static_cast<size_t>(starts_[i + 1]) - from;
      if (n == 0 && !moving_[i]) continue;
      moving_[i] = 1;
      std::fill_n(encoder, d, 0.0);
      std::fill_n(decoder, d, 0.0);
      path_.addRows(decoder, d, featureCodes_.data() + from, slots_.data() + from, n, residual_.data());
      path_.addRows(encoder, d, featureGradients_.data() + from, dataRows_.data() + from, n, job_.x);
      if (job_.hyper.subtractDecoderBias) {
        for (size_t j = 0; j < d; j++) encoder[j] -= biasOf_[i] * w.decoderBias[j];
      }
      const size_t at = i * d;
      path_.adam(w.encoder + at, first.encoder + at, second.encoder + at, encoder, d, adam);
      path_.adam(w.decoder + at, first.decoder + at, second.decoder + at, decoder, d, adam);
      path_.adam(w.encoderBias + i, first.encoderBias + i, second.encoderBias + i, &biasOf_[i], 1, adam);
    }
  }

  const Path& path_;
  const TrainJob& job_;
  Crew crew_;
  const TrainTask* task_ = nullptr;
  char* moving_ = nullptr;
  size_t k_ = 0, batch_ = 0, distinct_ = 0, blockRows_ = 1;
  std::unique_ptr<PackedEncoder> packed_;
  std::vector<std::unique_ptr<RowEncoder>> encoders_;
  Pieces blocks_, features_;
  /** Slot of each row of x in the batch, or −1. */
  std::vector<int32_t> slot_;
  std::vector<int32_t> rows_, indices_, starts_, next_, slots_, dataRows_;
  std::vector<float> values_, residual_;
  std::vector<double> counts_, codes_, codeGradients_, squares_, featureCodes_, featureGradients_, biasGradient_, biasOf_;
  std::vector<std::vector<double>> sums_, encoderGradients_, decoderGradients_;
};

/** One task per thread at a time, a few steps each turn. */
void trainSideBySide(const Path& path, size_t threads, Stop stop, const TrainJob& job, std::vector<Progress>& progress) {
  std::vector<std::unique_ptr<Trainer>> trainers;
  for (size_t id = 0; id < threads; id++) trainers.push_back(std::make_unique<Trainer>(path, 1, job));
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
      const TrainTask& task = job.tasks[t];
      trainers[id]->begin(0, task, progress[t]);
      for (size_t s = 0; s < stepsPerTurn && progress[t].step < task.steps && !stop.asked(); s++) {
        trainers[id]->step(0, progress[t].step++);
      }
      if (progress[t].step < task.steps) {
        std::lock_guard lock(guard);
        queue.push_back(t);
      }
    }
    path.leave();
  });
}

/** All threads on one task after the other. */
void trainTogether(const Path& path, size_t threads, Stop stop, const TrainJob& job, std::vector<Progress>& progress) {
  Trainer trainer(path, threads, job);
  bool stopped = false;
  onThreads(threads, [&](size_t id) {
    path.enter();
    for (size_t t = 0; t < job.tasks.size(); t++) {
      trainer.begin(id, job.tasks[t], progress[t]);
      for (size_t s = 0; s < job.tasks[t].steps; s++) {
        // One thread asks, so that all leave at the same step.
        if (id == 0) stopped = stop.asked();
        trainer.crew().meet();
        if (stopped) break;
        trainer.step(id, s);
      }
      trainer.crew().meet();
    }
    path.leave();
  });
}

}  // namespace

void trainTopK(const Path& path, size_t threads, Stop stop, const TrainJob& job) {
  if (job.tasks.empty()) return;
  std::vector<Progress> progress;
  for (const TrainTask& task : job.tasks) progress.push_back({0, movingFeatures(task, job.width)});
  if (job.tasks.size() >= threads) trainSideBySide(path, threads, stop, job, progress);
  else trainTogether(path, threads, stop, job, progress);
}

}  // namespace reseed

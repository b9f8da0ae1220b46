// Training steps of TopK autoencoders: the maths and the order of every sum are those of portable/train.ts.
//
// A step is a pass over its batch (top-k-pass.cpp) and an update (top-k-update.cpp). Rows are independent up to the pulls of
// the codes and features after them, so the result is the portable kernel's to the last bit, at any number of threads.
//
// Where there are at least as many tasks as threads, each thread takes a task for a few steps and puts it back at
// the end of the queue; else all threads share the rows and the features of one task after the other.
//
// Cost of a plain step: 2·B·d·F at the rate of `screen`; 5·B·k·d multiply-adds in float64, about eight a cycle; Adam in
// float32 over the features that were ever active, 28 bytes a parameter and about a cycle. On top: selection over a batch,
// k·B candidates through a selection on one thread; a level, 2·B·d; unit rows, a look at every row of D; clipping, 16 bytes
// a parameter that moves; AuxK, a second selection among the dead features and its entries, while there are any.
#include "train.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>

#include "top-k-update.h"

namespace reseed {
namespace {

constexpr size_t stepsPerTurn = 4;

/** What stays of a task between steps. */
struct Progress {
  size_t step = 0;
  /** Features with moments that are not all 0. */
  std::vector<char> moving;
  RankGuess guess;
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
  Trainer(const Path& path, size_t threads, const TrainJob& job)
      : crew_(threads), pass_(path, crew_, job), update_(path, crew_, job) {}

  /** Every thread of the crew calls this for the same task before `step`. */
  void begin(size_t id, const TrainTask& task, Progress& progress) {
    if (id == 0) {
      pass_.begin(task, progress.guess);
      update_.begin(task, progress.moving.data());
    }
    crew_.meet();
  }

  void step(size_t id, size_t s) {
    pass_.run(id, s);
    update_.run(id, s, pass_);
  }

  Crew& crew() { return crew_; }

 private:
  Crew crew_;
  TopKPass pass_;
  TopKUpdate update_;
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
  for (const TrainTask& task : job.tasks) progress.push_back({0, movingFeatures(task, job.width), {}});
  if (job.tasks.size() >= threads) trainSideBySide(path, threads, stop, job, progress);
  else trainTogether(path, threads, stop, job, progress);
}

}  // namespace reseed

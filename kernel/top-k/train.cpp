// Training steps of TopK autoencoders: the maths and the order of every sum are those of portable/train.ts.
//
// A step is a pass over its batch (pass.cpp) and an update (update.cpp). Rows are independent up to the pulls of
// the codes and features after them, so the result is the portable kernel's to the last bit, at any number of threads.
//
// Cost of a plain step: 2·B·d·F at the rate of `screen`; B·k·d multiply-adds in float64 and 4·B·k·d in float32; Adam in
// float32 over the features that were ever active, 28 bytes a parameter and about a cycle. On top: selection over a batch,
// k·B candidates through a selection on one thread; a level, 2·B·d; unit rows, a look at every row of D; clipping, 16 bytes
// a parameter that moves; AuxK, a second selection among the dead features and its entries, while there are any.
#include "top-k/train.h"

#include <algorithm>
#include <memory>

#include "top-k/update.h"
#include "training/run-tasks.h"

namespace reseed {
namespace {

/** What is kept of a task between its steps. */
struct Progress {
  /** Features with moments that are not all 0. */
  std::vector<char> moving;
  RankGuess guess;
};

bool anyNonZero(const float* p, size_t n) {
  return std::any_of(p, p + n, [](float v) { return v != 0; });
}

std::vector<char> movingFeatures(const TopKTask& task, size_t width) {
  std::vector<char> moving(task.features);
  for (size_t i = 0; i < task.features; i++) {
    const auto moves = [&](const TopKWeights<float>& m) {
      return m.encoderBias[i] != 0 || anyNonZero(m.encoder + i * width, width) || anyNonZero(m.decoder + i * width, width);
    };
    moving[i] = moves(task.first) || moves(task.second);
  }
  return moving;
}

/** The threads that take steps together, and their scratch space for the largest task of the job. */
class TopKTrainer {
 public:
  TopKTrainer(const CodePath& path, size_t threads, const TopKTrainJob& job, std::vector<Progress>& progress)
      : job_(job), progress_(progress), team_(threads), pass_(path, team_, job), update_(path, team_, job) {}

  /** Every thread of the team calls this for the same task before `step`. */
  void begin(size_t id, size_t t) {
    if (id == 0) {
      pass_.begin(job_.tasks[t], progress_[t].guess);
      update_.begin(job_.tasks[t], progress_[t].moving.data());
    }
    team_.sync();
  }

  void step(size_t id, size_t s) {
    pass_.run(id, s);
    update_.run(id, s, pass_);
  }

  ThreadTeam& team() { return team_; }

 private:
  const TopKTrainJob& job_;
  std::vector<Progress>& progress_;
  ThreadTeam team_;
  TopKPass pass_;
  TopKUpdate update_;
};

}  // namespace

void trainTopK(const CodePath& path, size_t threads, Stop stop, const TopKTrainJob& job) {
  std::vector<Progress> progress;
  std::vector<size_t> steps;
  for (const TopKTask& task : job.tasks) {
    progress.push_back({movingFeatures(task, job.width), {}});
    steps.push_back(task.steps);
  }
  runTasks(path, threads, stop, steps,
            [&](size_t size) { return std::make_unique<TopKTrainer>(path, size, job, progress); });
}

}  // namespace reseed

// How training tasks share threads.
//
// Where there are at least as many tasks as threads, each thread takes a task for a few steps and puts it back at
// the end of the queue; else all threads share the rows and the features of one task after the other.
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "isa/code-path.h"
#include "threads/crew.h"

namespace reseed {

/** One task a thread at a time, a few steps each turn. */
template <class Make>
void takeStepsSideBySide(const Path& path, size_t threads, Stop stop, const std::vector<size_t>& steps, Make make) {
  constexpr size_t stepsPerTurn = 4;
  std::vector<decltype(make(size_t{1}))> trainers;
  for (size_t id = 0; id < threads; id++) trainers.push_back(make(1));
  std::vector<size_t> taken(steps.size());
  std::deque<size_t> queue;
  for (size_t t = 0; t < steps.size(); t++) queue.push_back(t);
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
      trainers[id]->begin(0, t);
      for (size_t s = 0; s < stepsPerTurn && taken[t] < steps[t] && !stop.asked(); s++) trainers[id]->step(0, taken[t]++);
      if (taken[t] < steps[t]) {
        std::lock_guard lock(guard);
        queue.push_back(t);
      }
    }
    path.leave();
  });
}

/** All threads on one task after the other. */
template <class Make>
void takeStepsTogether(const Path& path, size_t threads, Stop stop, const std::vector<size_t>& steps, Make make) {
  const auto trainer = make(threads);
  bool stopped = false;
  onThreads(threads, [&](size_t id) {
    path.enter();
    for (size_t t = 0; t < steps.size(); t++) {
      trainer->begin(id, t);
      for (size_t s = 0; s < steps[t]; s++) {
        // One thread asks, so that all leave at the same step.
        if (id == 0) stopped = stop.asked();
        trainer->crew().meet();
        if (stopped) break;
        trainer->step(id, s);
      }
      trainer->crew().meet();
    }
    path.leave();
  });
}

/**
 * Takes all steps of all tasks, steps[t] of task t. make(n) returns a pointer to a trainer of n threads, whose
 * begin(id, t) all of them call before step(id, s), and whose crew() they meet in.
 */
template <class Make>
void takeSteps(const Path& path, size_t threads, Stop stop, const std::vector<size_t>& steps, Make make) {
  if (steps.empty()) return;
  if (steps.size() >= threads) takeStepsSideBySide(path, threads, stop, steps, make);
  else takeStepsTogether(path, threads, stop, steps, make);
}

}  // namespace reseed

// Runs training tasks on several threads.
//
// Where there are at least as many tasks as threads, a thread takes a task from a queue, does a few of its steps and puts it back
// at the end. Else all threads work on one task after the other, and share its rows and its features.
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "isa/code-path.h"
#include "threads/team.h"

namespace reseed {

/** Each thread on a task of its own, a few steps at a time. */
template <class Make>
void runTasksSideBySide(const CodePath& path, size_t threads, Stop stop, const std::vector<size_t>& steps, Make make) {
  constexpr size_t stepsAtATime = 4;
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
      for (size_t s = 0; s < stepsAtATime && taken[t] < steps[t] && !stop.asked(); s++) trainers[id]->step(0, taken[t]++);
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
void runTasksTogether(const CodePath& path, size_t threads, Stop stop, const std::vector<size_t>& steps, Make make) {
  const auto trainer = make(threads);
  bool stopped = false;
  onThreads(threads, [&](size_t id) {
    path.enter();
    for (size_t t = 0; t < steps.size(); t++) {
      trainer->begin(id, t);
      for (size_t s = 0; s < steps[t]; s++) {
        // One thread asks, so that all leave at the same step.
        if (id == 0) stopped = stop.asked();
        trainer->team().sync();
        if (stopped) break;
        trainer->step(id, s);
      }
      trainer->team().sync();
    }
    path.leave();
  });
}

/**
 * Takes all steps of all tasks, steps[t] of task t. make(n) returns a pointer to a trainer for n threads. Each of them calls
 * begin(id, t) before step(id, s), and they wait for each other in its team().
 */
template <class Make>
void runTasks(const CodePath& path, size_t threads, Stop stop, const std::vector<size_t>& steps, Make make) {
  if (steps.empty()) return;
  if (steps.size() >= threads) runTasksSideBySide(path, threads, stop, steps, make);
  else runTasksTogether(path, threads, stop, steps, make);
}

}  // namespace reseed

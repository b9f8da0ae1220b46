// A fixed number of threads that run one function together, share out pieces of work and wait for each other.
#pragma once
#include <atomic>
#include <barrier>
#include <cstddef>
#include <thread>
#include <vector>

namespace reseed {

/** Set from the event loop when the work is no longer wanted. */
struct Stop {
  const volatile int32_t* word;
  bool asked() const { return *word != 0; }
};

/** Hands out pieces of work, 0 … n−1, each to one thread. */
class Pieces {
 public:
  void reset(size_t n) {
    total_ = n;
    next_.store(0);
  }
  bool take(size_t& piece) {
    piece = next_.fetch_add(1);
    return piece < total_;
  }

 private:
  size_t total_ = 0;
  std::atomic<size_t> next_{0};
};

/** The threads that work on one job together, and the barrier at which they wait for each other. */
class ThreadTeam {
 public:
  explicit ThreadTeam(size_t size) : size_(size), barrier_(static_cast<std::ptrdiff_t>(size)) {}
  size_t size() const { return size_; }
  /** Waits until every thread of the team is here. */
  void sync() { barrier_.arrive_and_wait(); }

 private:
  size_t size_;
  std::barrier<> barrier_;
};

/** Runs body(0) … body(threads − 1) at once, body(0) here; a body must not throw, so memory is taken before. */
template <class Body>
void onThreads(size_t threads, Body body) {
  std::vector<std::thread> others;
  others.reserve(threads - 1);
  for (size_t id = 1; id < threads; id++) others.emplace_back(body, id);
  body(size_t{0});
  for (std::thread& other : others) other.join();
}

}  // namespace reseed

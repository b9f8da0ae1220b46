// A fixed number of threads that run one function together, share out pieces of work and wait for each other.
#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "threads/spread.h"

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

/** Tells the CPU that this thread waits for another one. */
inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

/**
 * The threads that work on one job together, and the barrier at which they wait for each other. A thread looks again and again for
 * a while before it sleeps: to be woken takes 50 µs and more, as long as a stage of a small job. It does not yield meanwhile: Linux
 * then lets whatever else runs have its whole turn of some milliseconds, at each barrier.
 */
class ThreadTeam {
 public:
  explicit ThreadTeam(size_t size) : size_(size) {}
  size_t size() const { return size_; }

  /** Waits until every thread of the team is here. */
  void sync() {
    const uint32_t round = round_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
      arrived_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
      round_.notify_all();
      return;
    }
    const auto until = std::chrono::steady_clock::now() + patience;
    do {
      for (int looks = 0; looks < 32; looks++) {
        if (round_.load(std::memory_order_acquire) != round) return;
        relax();
      }
    } while (std::chrono::steady_clock::now() < until);
    round_.wait(round, std::memory_order_acquire);
  }

 private:
  static constexpr std::chrono::microseconds patience{50};

  size_t size_;
  alignas(64) std::atomic<size_t> arrived_{0};
  alignas(64) std::atomic<uint32_t> round_{0};
};

/** Runs body(0) … body(threads − 1) at once, body(0) here; a body must not throw, so memory is taken before. */
template <class Body>
void onThreads(size_t threads, Body body) {
  std::vector<std::thread> others;
  others.reserve(threads - 1);
  Spread spread;
  if (threads > 1) spread.join();
  for (size_t id = 1; id < threads; id++) {
    others.emplace_back([&spread, body, id]() mutable {
      spread.join();
      body(id);
    });
  }
  body(size_t{0});
  for (std::thread& other : others) other.join();
}

}  // namespace reseed

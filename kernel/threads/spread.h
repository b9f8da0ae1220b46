// Puts the threads of one job on CPUs of their own as they start, where the system has put two on one.
//
// In a virtual machine Linux takes an idle CPU for one that the host has taken away (vcpu_is_preempted), and starts a thread on
// the CPU of the thread that made it. It moves it at the next balancing, some milliseconds later: small jobs are over by then, on
// one CPU. So a thread that finds its CPU taken steps aside once, and may be moved anywhere again.
#pragma once
#include <mutex>

#if defined(__linux__)
#include <sched.h>
#endif

namespace reseed {

class Spread {
 public:
  /** To be called by each thread of the job when it starts. Does nothing where no CPU is left, or the system allows none. */
  void join() {
#if defined(__linux__)
    const std::lock_guard<std::mutex> one(lock_);
    cpu_set_t allowed, left;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    int cpu = sched_getcpu();
    if (cpu >= 0 && CPU_ISSET(cpu, &taken_)) {
      CPU_AND(&left, &allowed, &taken_);
      CPU_XOR(&left, &left, &allowed);
      if (CPU_COUNT(&left) == 0 || sched_setaffinity(0, sizeof left, &left) != 0) return;
      sched_setaffinity(0, sizeof allowed, &allowed);
      cpu = sched_getcpu();
    }
    if (cpu >= 0 && cpu < CPU_SETSIZE) CPU_SET(cpu, &taken_);
#endif
  }

#if defined(__linux__)
  Spread() { CPU_ZERO(&taken_); }

 private:
  std::mutex lock_;
  cpu_set_t taken_;
#endif
};

}  // namespace reseed

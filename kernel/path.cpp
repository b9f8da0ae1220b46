// Which code paths were compiled in, and which of them this CPU can run.
#include "path.h"

#include <stdexcept>

#if defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace reseed {

extern const Path baselinePath;
#if defined(__x86_64__)
extern const Path amxPath;
extern const Path avx512bf16Path;
extern const Path avx512Path;
extern const Path avxvnniPath;
extern const Path avx2Path;

namespace {

/** Linux gives a process the tile registers when it asks for them. */
bool tilesPermitted() {
#if defined(__linux__)
  constexpr int requestPermission = 0x1023, tileData = 18;
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
#else
  return false;
#endif
}

bool has(unsigned leaf, unsigned subleaf, char reg, unsigned bit) {
  unsigned a, b, c, d;
  __asm__ volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(leaf), "c"(subleaf));
  const unsigned value = reg == 'a' ? a : reg == 'd' ? d : 0;
  return (value >> bit) & 1;
}

}  // namespace
#endif

const std::vector<const Path*>& availablePaths() {
  static const std::vector<const Path*> paths = [] {
    std::vector<const Path*> found;
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    const bool bf16 = wide && has(7, 1, 'a', 5);
    if (bf16 && has(7, 0, 'd', 22) && has(7, 0, 'd', 24) && tilesPermitted()) found.push_back(&amxPath);
    if (bf16) found.push_back(&avx512bf16Path);
    if (wide) found.push_back(&avx512Path);
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (avx2 && has(7, 1, 'a', 4)) found.push_back(&avxvnniPath);
    if (avx2) found.push_back(&avx2Path);
#endif
    found.push_back(&baselinePath);
    return found;
  }();
  return paths;
}

const Path& pathByName(const std::string& name) {
  for (const Path* path : availablePaths()) {
    if (name == path->name) return *path;
  }
  throw std::invalid_argument("this machine cannot run the code path " + name);
}

}  // namespace reseed

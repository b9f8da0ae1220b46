// Which code paths were compiled in, and which of them this CPU can run.
#include "isa/code-path.h"

#include <stdexcept>

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace reseed {

extern const CodePath baselinePath;
#if defined(__x86_64__)
extern const CodePath amxPath;
extern const CodePath avx512vnniPath;
extern const CodePath avx512bf16Path;
extern const CodePath avx512Path;
extern const CodePath avxvnniPath;
extern const CodePath avx2Path;

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

/** Registers that `cpuid` fills; all 0 for a leaf that this CPU does not have. */
struct Registers {
  unsigned a = 0, b = 0, c = 0, d = 0;
};

Registers cpuid(unsigned leaf, unsigned subleaf) {
  Registers r;
  __asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "a"(leaf), "c"(subleaf));
  return r;
}

Registers cpuidIfThere(unsigned leaf, unsigned subleaf) {
  const bool there = cpuid(0, 0).a >= leaf && (subleaf == 0 || cpuid(leaf, 0).a >= subleaf);
  return there ? cpuid(leaf, subleaf) : Registers{};
}

bool bit(unsigned value, unsigned at) { return (value >> at) & 1; }

/** Which registers the system keeps for each thread (XCR0); 0 where it does not say. */
unsigned keptRegisters() {
  if (!bit(cpuidIfThere(1, 0).c, 27)) return 0;
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

/** What this CPU and its system can do. Not every compiler has a test of its own for each of these. */
struct Features {
  bool avx2, avxVnni, avx512, vnni, bf16, tiles;

  Features() {
    const unsigned kept = keptRegisters();
    const Registers basic = cpuidIfThere(1, 0), more = cpuidIfThere(7, 0), late = cpuidIfThere(7, 1);
    const bool wideKept = (kept & 0x6) == 0x6;
#if defined(__APPLE__)
    // macOS keeps them from the first use on, and says so only then.
    const bool widestKept = wideKept;
#else
    const bool widestKept = wideKept && (kept & 0xe0) == 0xe0;
#endif
    avx2 = wideKept && bit(basic.c, 28) && bit(basic.c, 12) && bit(more.b, 5);
    avxVnni = avx2 && bit(late.a, 4);
    avx512 = avx2 && widestKept && bit(more.b, 16) && bit(more.b, 17) && bit(more.b, 30) && bit(more.b, 31);
    vnni = avx512 && bit(more.c, 11);
    bf16 = avx512 && bit(late.a, 5);
    tiles = bf16 && bit(more.d, 22) && bit(more.d, 24) && tilesPermitted();
  }
};

}  // namespace
#elif defined(__aarch64__)
extern const CodePath neonMatrixPath;
extern const CodePath neonDotProductPath;

namespace {

#if defined(__APPLE__)
/** Whether macOS says that this CPU has a feature. */
bool says(const char* name) {
  int has = 0;
  size_t size = sizeof has;
  return sysctlbyname(name, &has, &size, nullptr, 0) == 0 && has != 0;
}
#endif

/** What this CPU can do, as its system says: sdot, and smmla with bfmmla. */
struct Features {
  bool dotProduct = false, matrices = false;

  Features() {
#if defined(__linux__)
    constexpr unsigned long bytes = 1ul << 20;                 // HWCAP_ASIMDDP
    constexpr unsigned long both = (1ul << 13) | (1ul << 14);  // HWCAP2_I8MM, HWCAP2_BF16
    dotProduct = (getauxval(AT_HWCAP) & bytes) == bytes;
    matrices = (getauxval(AT_HWCAP2) & both) == both;
#elif defined(__APPLE__)
    dotProduct = says("hw.optional.arm.FEAT_DotProd");
    matrices = says("hw.optional.arm.FEAT_I8MM") && says("hw.optional.arm.FEAT_BF16");
#endif
  }
};

}  // namespace
#endif

const std::vector<const CodePath*>& availableCodePaths() {
  static const std::vector<const CodePath*> paths = [] {
    std::vector<const CodePath*> found;
#if defined(__x86_64__)
    const Features cpu;
    if (cpu.tiles) found.push_back(&amxPath);
    if (cpu.vnni) found.push_back(&avx512vnniPath);
    if (cpu.bf16) found.push_back(&avx512bf16Path);
    if (cpu.avx512) found.push_back(&avx512Path);
    if (cpu.avxVnni) found.push_back(&avxvnniPath);
    if (cpu.avx2) found.push_back(&avx2Path);
#elif defined(__aarch64__)
    const Features cpu;
    if (cpu.matrices) found.push_back(&neonMatrixPath);
    if (cpu.dotProduct) found.push_back(&neonDotProductPath);
#endif
    found.push_back(&baselinePath);
    return found;
  }();
  return paths;
}

const CodePath& codePathByName(const std::string& name) {
  for (const CodePath* path : availableCodePaths()) {
    if (name == path->name) return *path;
  }
  throw std::invalid_argument("this machine cannot run the code path " + name);
}

}  // namespace reseed

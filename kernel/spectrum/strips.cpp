// The loops over strips, once per instruction set: four vectors wide, so that sums and the row that a chain of rotations
// carries along stay in registers. A rotation costs one load, one store and six operations a vector.
#include "spectrum/strips.h"

namespace reseed {
namespace {

#define RESEED_EACH _Pragma("GCC unroll 4") for (size_t v = 0; v < 4; v++)

// Multiply and add are rounded apart (-ffp-contract=off), as everywhere where factors are not float32 values.
#define RESEED_STRIPS(name, target, lanes)                                                               \
  struct name {                                                                                          \
    typedef double Vec __attribute__((vector_size(8 * lanes), may_alias));                               \
    target static void sum(const double* z, size_t rows, const double* w, double* sums) {                \
      const Vec* row = reinterpret_cast<const Vec*>(z);                                                  \
      Vec* out = reinterpret_cast<Vec*>(sums);                                                           \
      Vec total[4];                                                                                      \
      RESEED_EACH total[v] = out[v];                                                                     \
      for (size_t s = 0; s < rows; s++, row += 4) {                                                      \
        const Vec factor = w[s] - Vec{};                                                                 \
        RESEED_EACH total[v] = total[v] + factor * row[v];                                               \
      }                                                                                                  \
      RESEED_EACH out[v] = total[v];                                                                     \
    }                                                                                                    \
    target static void subtractAndSum(double* z, size_t rows, const double* v_, const double* p,         \
                                      const double* w, double* sums) {                                   \
      Vec* row = reinterpret_cast<Vec*>(z);                                                              \
      Vec* out = reinterpret_cast<Vec*>(sums);                                                           \
      Vec total[4], part[4];                                                                             \
      RESEED_EACH total[v] = out[v];                                                                     \
      RESEED_EACH part[v] = reinterpret_cast<const Vec*>(p)[v];                                          \
      for (size_t s = 0; s < rows; s++, row += 4) {                                                      \
        const Vec minus = v_[s] - Vec{}, factor = w[s] - Vec{};                                          \
        RESEED_EACH {                                                                                    \
          const Vec left = row[v] - minus * part[v];                                                     \
          row[v] = left;                                                                                 \
          total[v] = total[v] + factor * left;                                                           \
        }                                                                                                \
      }                                                                                                  \
      RESEED_EACH out[v] = total[v];                                                                     \
    }                                                                                                    \
    target static void rotate(double* z, const Chain* chains, size_t count, const double* rotations,     \
                              ptrdiff_t step) {                                                          \
      for (size_t i = 0; i < count; i++) {                                                               \
        Vec* row = reinterpret_cast<Vec*>(z) + 4 * chains[i].row;                                        \
        Vec x[4];                                                                                        \
        RESEED_EACH x[v] = row[v];                                                                       \
        for (size_t q = 0; q < chains[i].length; q++, rotations += 2) {                                  \
          const Vec c = rotations[0] - Vec{}, s = rotations[1] - Vec{};                                  \
          Vec* next = row + 4 * step;                                                                    \
          RESEED_EACH {                                                                                  \
            const Vec y = next[v];                                                                       \
            row[v] = c * x[v] - s * y;                                                                   \
            x[v] = s * x[v] + c * y;                                                                     \
          }                                                                                              \
          row = next;                                                                                    \
        }                                                                                                \
        RESEED_EACH row[v] = x[v];                                                                       \
      }                                                                                                  \
    }                                                                                                    \
  };                                                                                                     \
  constexpr Strips name##Strips = {4 * lanes, name::sum, name::subtractAndSum, name::rotate};

#if defined(__x86_64__)
RESEED_STRIPS(Wide, RESEED_AVX512, 8)
RESEED_STRIPS(Middle, RESEED_AVX2, 4)
#endif
RESEED_STRIPS(Narrow, , 2)

}  // namespace

const Strips& stripsOf(const CodePath& path) {
#if defined(__x86_64__)
  if (path.lanes == 16) return WideStrips;
  if (path.lanes == 8) return MiddleStrips;
#else
  static_cast<void>(path);
#endif
  return NarrowStrips;
}

}  // namespace reseed

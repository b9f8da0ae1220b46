// Vectors of integers, as wide as the code path allows.
#pragma once
#include "isa/loops/simd.h"

namespace reseed {
namespace {

// Not the compiler's own type (__m512i), which may alias anything: gcc keeps sums of that type in memory.
typedef int32_t Ints __attribute__((vector_size(4 * lanes)));
#if defined(__AVX512F__)
typedef __m512i Register;
#elif defined(__aarch64__)
typedef int32x4_t Register;
#else
typedef __m256i Register;
#endif

inline Ints ints(Register v) { return reinterpret_cast<Ints>(v); }
inline Register bits(Ints v) { return reinterpret_cast<Register>(v); }
inline Ints loadInts(const void* p) {
  typedef int32_t Loose __attribute__((vector_size(4 * lanes), aligned(4), may_alias));
  return *static_cast<const Loose*>(p);
}
inline Ints allInts(uint32_t x) { return static_cast<int32_t>(x) - Ints{}; }
/** The nearest integers; of two, the even one. */
inline Ints rounded(Vec v) {
#if defined(__AVX512F__)
  return ints(_mm512_cvtps_epi32(v));
#elif defined(__aarch64__)
  return ints(vcvtnq_s32_f32(v));
#else
  return ints(_mm256_cvtps_epi32(v));
#endif
}
inline Vec toFloats(Ints v) {
#if defined(__AVX512F__)
  return _mm512_cvtepi32_ps(bits(v));
#elif defined(__aarch64__)
  return vcvtq_f32_s32(bits(v));
#else
  return _mm256_cvtepi32_ps(bits(v));
#endif
}

/** Rows of A in a tile whose sums are in registers, and vectors of columns of B. */
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr size_t tileRows = 8, tileVectors = 3;
#else
constexpr size_t tileRows = 6, tileVectors = 2;
#endif

#if defined(__aarch64__)
/** Row `lane` of four: the instruction takes a lane of x. */
template <class Step, int lane>
inline void addRow(Ints* sum, Ints x, Ints b0, Ints b1, Ints b2) {
  sum[0] = Step::template add<lane>(sum[0], x, b0);
  sum[1] = Step::template add<lane>(sum[1], x, b1);
  sum[2] = Step::template add<lane>(sum[2], x, b2);
}
#endif

/**
 * One tile: A [steps][tileRows], B [steps][tileVectors × lanes], each entry a few integers along d; `from` [tileRows] is
 * what sums start at, or null for 0. Step::add(sum, x, y) adds products of the integers in each lane of x and y.
 */
template <class Step>
inline void integerTile(const uint32_t* a, const uint32_t* b, size_t steps, const int32_t* from, const float* scaleA,
                        const float* scaleB, float* out, size_t stride) {
  Ints sum[tileRows][tileVectors];
#pragma GCC unroll 8
  for (size_t r = 0; r < tileRows; r++) {
#pragma GCC unroll 3
    for (size_t c = 0; c < tileVectors; c++) sum[r][c] = allInts(from == nullptr ? 0 : static_cast<uint32_t>(from[r]));
  }
  for (size_t p = 0; p < steps; p++) {
    const Ints b0 = loadInts(b), b1 = loadInts(b + lanes), b2 = loadInts(b + (tileVectors - 1) * lanes);
#if defined(__aarch64__)
#pragma GCC unroll 2
    for (size_t r = 0; r < tileRows; r += 4) {
      const Ints x = loadInts(a + r);
      addRow<Step, 0>(sum[r], x, b0, b1, b2);
      addRow<Step, 1>(sum[r + 1], x, b0, b1, b2);
      addRow<Step, 2>(sum[r + 2], x, b0, b1, b2);
      addRow<Step, 3>(sum[r + 3], x, b0, b1, b2);
    }
#else
#pragma GCC unroll 8
    for (size_t r = 0; r < tileRows; r++) {
      const Ints x = allInts(a[r]);
      sum[r][0] = Step::add(sum[r][0], x, b0);
      sum[r][1] = Step::add(sum[r][1], x, b1);
      if constexpr (tileVectors == 3) sum[r][2] = Step::add(sum[r][2], x, b2);
    }
#endif
    a += tileRows;
    b += tileVectors * lanes;
  }
#pragma GCC unroll 8
  for (size_t r = 0; r < tileRows; r++) {
#pragma GCC unroll 3
    for (size_t c = 0; c < tileVectors; c++) {
      store(out + r * stride + c * lanes, toFloats(sum[r][c]) * all(scaleA[r]) * load(scaleB + c * lanes));
    }
  }
}

}  // namespace
}  // namespace reseed

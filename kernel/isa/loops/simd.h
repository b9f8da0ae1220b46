// Vectors as wide as the code path allows, written with the compiler's vector types.
//
// Everything in isa/loops/ is compiled once per path with that path's flags. It must not use templates or inline functions of the
// standard library: the linker keeps one copy of each for all paths, perhaps one with instructions that this CPU does not have.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include "isa/code-path.h"

namespace reseed {
namespace {

#if defined(__AVX512F__)
constexpr size_t lanes = 16;
#elif defined(__AVX2__)
constexpr size_t lanes = 8;
#else
constexpr size_t lanes = 4;
#endif

typedef float Vec __attribute__((vector_size(4 * lanes)));
typedef float LooseVec __attribute__((vector_size(4 * lanes), aligned(4), may_alias));

inline Vec load(const float* p) { return *reinterpret_cast<const LooseVec*>(p); }
inline void store(float* p, Vec v) { *reinterpret_cast<LooseVec*>(p) = v; }
inline Vec all(float x) { return x - Vec{}; }

/** The larger, and the smaller, of two; the second operand where either is NaN. */
inline Vec larger(Vec v, Vec kept) {
#if defined(__AVX512F__)
  return _mm512_max_ps(v, kept);
#elif defined(__AVX2__)
  return _mm256_max_ps(v, kept);
#elif defined(__SSE2__)
  return _mm_max_ps(v, kept);
#else
  return v > kept ? v : kept;
#endif
}
inline Vec smaller(Vec v, Vec kept) {
#if defined(__AVX512F__)
  return _mm512_min_ps(v, kept);
#elif defined(__AVX2__)
  return _mm256_min_ps(v, kept);
#elif defined(__SSE2__)
  return _mm_min_ps(v, kept);
#else
  return v < kept ? v : kept;
#endif
}

inline Vec fma(Vec a, Vec b, Vec c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
  return vfmaq_f32(c, a, b);
#else
  return a * b + c;
#endif
}

/** Bit l is set where v[l] ≥ t[l]; never for NaN. */
inline uint32_t maskAtLeast(Vec v, Vec t) {
#if defined(__AVX512F__)
  return _mm512_cmp_ps_mask(v, t, _CMP_GE_OQ);
#elif defined(__AVX2__)
  return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(v, t, _CMP_GE_OQ)));
#elif defined(__SSE2__)
  return static_cast<uint32_t>(_mm_movemask_ps(_mm_cmpge_ps(v, t)));
#elif defined(__aarch64__)
  const uint32x4_t bits = {1, 2, 4, 8};
  return vaddvq_u32(vandq_u32(vcgeq_f32(v, t), bits));
#else
  uint32_t mask = 0;
  for (size_t l = 0; l < lanes; l++) mask |= static_cast<uint32_t>(v[l] >= t[l]) << l;
  return mask;
#endif
}

/** Euclidean norm from sums of squares in float32 over n coordinates; rounded up past every rounding error. */
inline double normAbove(Vec squares, size_t n) {
  double total = 0;
  for (size_t l = 0; l < lanes; l++) total += squares[l];
  // Squares below 2⁻¹²⁶ may be lost; each hides at most 2⁻⁶³ of a coordinate.
  const double depth = static_cast<double>(n);
  return std::sqrt(total) * (1 + (depth + 8) * 0x1p-23) + std::sqrt(depth) * 0x1p-62;
}

/** `count` values from p (the other lanes are 0), times a power of two that may leave float32's range by itself. */
inline Vec loadScaled(const float* p, size_t count, double scale) {
  float values[lanes] = {};
  if (count == lanes && scale == 1) return load(p);
  for (size_t l = 0; l < count; l++) values[l] = static_cast<float>(p[l] * scale);
  return load(values);
}

/** ‖row‖ of a scaled row, rounded up past every rounding error. */
inline double normOf(const float* row, size_t d, double scale) {
  Vec squares{}, more{};
  size_t t = 0;
  if (scale == 1) {
    for (; t + 2 * lanes <= d; t += 2 * lanes) {
      const Vec v = load(row + t), w = load(row + t + lanes);
      squares = fma(v, v, squares);
      more = fma(w, w, more);
    }
  }
  for (; t < d; t += lanes) {
    const Vec v = loadScaled(row + t, d - t < lanes ? d - t : lanes, scale);
    squares = fma(v, v, squares);
  }
  return normAbove(squares + more, d);
}

}  // namespace
}  // namespace reseed

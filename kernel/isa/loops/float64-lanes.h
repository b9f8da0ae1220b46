// Lanes of float64: vectors of them, and sums in eight lanes.
//
// A sum over t is taken in eight lanes, t mod 8, each ascending in t, then lane by lane: the portable kernel's order, and
// one that vectors can follow. A product of two float32 values is exact in float64, so multiply and add may be fused without
// changing a bit; anything else is rounded twice, as written (-ffp-contract=off).
#pragma once
#include "isa/loops/simd.h"

namespace reseed {
namespace {

/** a·b + c, where a·b is exact. */
inline double multiplyAdd(double a, double b, double c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
  return __builtin_fma(a, b, c);
#else
  return a * b + c;
#endif
}

/** Eight float64 lanes, in as many registers as it takes. */
typedef double Eight __attribute__((vector_size(64)));
typedef double LooseEight __attribute__((vector_size(64), aligned(8), may_alias));
typedef float EightFloats __attribute__((vector_size(32), aligned(4), may_alias));

inline Eight eightOf(const float* p) {
#if defined(__AVX512F__)
  return _mm512_cvtps_pd(_mm256_loadu_ps(p));  // gcc 12 does not find this for the line below
#else
  return __builtin_convertvector(*reinterpret_cast<const EightFloats*>(p), Eight);
#endif
}
inline Eight eightOf(const double* p) { return *reinterpret_cast<const LooseEight*>(p); }

/** a·b + c, where a·b is exact. */
inline Eight multiplyAdd(Eight a, Eight b, Eight c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_pd(a, b, c);
#elif defined(__FMA__)
  const auto half = [](Eight v, int from) {
    return from == 0 ? __builtin_shufflevector(v, v, 0, 1, 2, 3) : __builtin_shufflevector(v, v, 4, 5, 6, 7);
  };
  const __m256d low = _mm256_fmadd_pd(half(a, 0), half(b, 0), half(c, 0));
  const __m256d high = _mm256_fmadd_pd(half(a, 4), half(b, 4), half(c, 4));
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
#else
  return a * b + c;
#endif
}

// As many float64 lanes as a register has. gcc would keep an Eight that takes several registers in memory.
#if defined(__AVX512F__)
constexpr size_t partLanes = 8;
typedef Eight Part;
typedef LooseEight LoosePart;
inline Part partOf(const float* p) { return eightOf(p); }
inline void storeFloats(float* p, Part v) { _mm256_storeu_ps(p, _mm512_cvtpd_ps(v)); }
#else
#if defined(__AVX__)
constexpr size_t partLanes = 4;
#else
constexpr size_t partLanes = 2;
#endif
typedef double Part __attribute__((vector_size(8 * partLanes)));
typedef double LoosePart __attribute__((vector_size(8 * partLanes), aligned(8), may_alias));
typedef float PartFloats __attribute__((vector_size(4 * partLanes)));
typedef float LoosePartFloats __attribute__((vector_size(4 * partLanes), aligned(4), may_alias));

#if defined(__AVX__)
// gcc 12 makes two halves of a conversion and passes one through memory.
inline Part partOf(const float* p) { return _mm256_cvtps_pd(_mm_loadu_ps(p)); }
inline void storeFloats(float* p, Part v) { _mm_storeu_ps(p, _mm256_cvtpd_ps(v)); }
#else
inline Part partOf(const float* p) {
  return __builtin_convertvector(*reinterpret_cast<const LoosePartFloats*>(p), Part);
}
inline void storeFloats(float* p, Part v) {
  *reinterpret_cast<LoosePartFloats*>(p) = __builtin_convertvector(v, PartFloats);
}
#endif

/** a·b + c, where a·b is exact. */
inline Part multiplyAdd(Part a, Part b, Part c) {
#if defined(__FMA__)
  return _mm256_fmadd_pd(a, b, c);
#elif defined(__ARM_FEATURE_FMA)
  return vfmaq_f64(c, a, b);
#else
  return a * b + c;
#endif
}
#endif
inline Part partOf(const double* p) { return *reinterpret_cast<const LoosePart*>(p); }
inline void put(double* p, Part v) { *reinterpret_cast<LoosePart*>(p) = v; }
inline Part partTimes(double x) { return x - Part{}; }

/** Sums in eight lanes, t mod 8. */
class LaneSums {
 public:
  /** Adds part q of the products of the next eight. */
  void add(size_t q, Part products) { parts_[q] += products; }
  /** Their sum, with those of the values after the last eight, lane by lane. */
  double with(const double* last, size_t n) const {
    double lanes[8];
    for (size_t q = 0; q < parts; q++) put(lanes + partLanes * q, parts_[q]);
    for (size_t l = 0; l < n; l++) lanes[l] += last[l];
    double sum = lanes[0];
    for (size_t l = 1; l < 8; l++) sum += lanes[l];
    return sum;
  }
  static constexpr size_t parts = 8 / partLanes;

 private:
  Part parts_[parts] = {};
};

}  // namespace
}  // namespace reseed

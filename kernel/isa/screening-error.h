// How far the approximate products of a screen can be from the exact ones.
#pragma once
#include <cmath>
#include <cstddef>

namespace reseed {

/** ‖a‖ and ‖a − â‖, where â is what packing left of a. */
struct Norms {
  double norm = 0, lost = 0;
  void widen(const Norms& other) {
    // NaN must stay NaN: without it the bound would look small.
    norm = other.norm > norm || other.norm != other.norm ? other.norm : norm;
    lost = other.lost > lost || other.lost != other.lost ? other.lost : lost;
  }
};

/**
 * Largest distance between a·b as the portable kernel computes it and what a screen returns.
 *
 * |a·b − â·b̂| ≤ ‖a − â‖·‖b‖ + ‖â‖·‖b − b̂‖ (Cauchy–Schwarz), and ‖â‖ ≤ ‖a‖ + ‖a − â‖. Accumulation in float32, one
 * or two roundings a term, adds at most (d + 4)·2⁻²³·Σ|â_t b̂_t| ≤ (d + 4)·2⁻²³·‖â‖‖b̂‖ while d·2⁻²³ ≤ 1/16 (past
 * that the bound is infinite), underflow d·2⁻¹²⁰. Four more units of 2⁻²³ cover the float64 sum's own rounding and
 * that of the comparisons with thresholds.
 */
inline double screeningError(const Norms& a, const Norms& b, size_t d) {
  const double depth = static_cast<double>(d);
  if (depth * 0x1p-23 > 0.0625) return HUGE_VAL;
  const double kept = a.norm + a.lost;
  return a.lost * b.norm + kept * b.lost + 1.07 * (depth + 8) * 0x1p-23 * kept * (b.norm + b.lost) +
         (depth + 1) * 0x1p-120;
}

/** A float32 below v: the limit for approximate values that leaves nothing out. */
inline float below(double v) { return std::nextafter(static_cast<float>(v), -HUGE_VALF); }

}  // namespace reseed

// Approximate products in 16-bit integers with exact 32-bit sums: a tile of rows and vectors of columns has its sums in registers.
//
// A row a is packed as q = round(a / s), with s = ‖a‖ / 32000 of its own (‖a‖ rounded up), so â = s·q and
// ‖a − â‖ ≲ s·√(d/12): about 2·10⁻⁴ of ‖a‖ at d = 512, a tenth of what bfloat16 takes away. It is measured, not estimated.
//
// No sum overflows: |q_t| ≤ 32001 fits in 16 bits, and ‖q‖ ≤ 32001 + √d/2, so any part of Σ q_t r_t is at most
// ‖q‖·‖r‖ (Cauchy–Schwarz) < 1.05·10⁹ < 2³¹ while d ≤ 2¹⁹; past that the bound of screening-error.h is infinite. The sum is
// exact; it becomes a float32 and is multiplied by the two scales: three roundings, at most 2·2⁻²³ of ‖â‖‖b̂‖, and an
// underflow. Scales are at least 2⁻⁷⁷, because norms are, and norms of rows whose squares overflow are infinite. Their integers mean
// nothing, and neither does a bound of infinity: there sums may wrap around, which the instructions do and `+` of C++ must not.
//
// d goes in pairs: A is packed [panel][d/2][panelA] pairs and panelA scales, B [panel][d/2][panelB] pairs and panelB scales.
// A multiply-add of pairs (vpmaddwd, vpdpwssd) does twice the products of a float32 one.
#pragma once
#include "isa/loops/ints.h"

namespace reseed {
namespace {

constexpr size_t panelA = tileRows, panelB = tileVectors * lanes;
/** The length of a row in units of its scale. */
constexpr float unitsOfNorm = 32000;

inline size_t pairsOf(size_t d) { return (d + 1) / 2; }

/** Pairs, and the scale. */
size_t rowBytes(size_t d) { return 4 * pairsOf(d) + 4; }

/** The scale of a row, and what its values are multiplied by before they are rounded. */
struct Unit {
  explicit Unit(double norm) : size(static_cast<float>(norm) / unitsOfNorm), inverse(1 / size) {}
  float size, inverse;
  Ints units(Vec v) const { return rounded(v * all(inverse)); }
};

void rowNorms(const float* row, size_t d, double scale, double* norm, double* lost) {
  *norm = normOf(row, d, scale);
  const Unit unit(*norm);
  Vec lostSquares{};
  for (size_t t = 0; t < d; t += lanes) {
    const Vec v = loadScaled(row + t, d - t < lanes ? d - t : lanes, scale);
    const Vec off = fma(toFloats(unit.units(v)), all(-unit.size), v);
    lostSquares = fma(off, off, lostSquares);
  }
  *lost = normAbove(lostSquares, d);
}

/** The lanes of two vectors, one after the other, in 16 bits each. */
inline Register joined(Ints low, Ints high) {
#if defined(__AVX512F__)
  const Register order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
  return _mm512_permutexvar_epi64(order, _mm512_packs_epi32(bits(low), bits(high)));
#else
  return _mm256_permute4x64_epi64(_mm256_packs_epi32(bits(low), bits(high)), 0xd8);
#endif
}

template <size_t panel>
inline void pack(const float* rows, size_t n, size_t d, double scale, void* to) {
  uint32_t* const out = static_cast<uint32_t*>(to);
  const size_t pairs = pairsOf(d);
  float* const scales = reinterpret_cast<float*>(out + pairs * panel);
  float inverses[panel];
  for (size_t i = 0; i < panel; i++) {
    const Unit unit(i < n ? normOf(rows + i * d, d, scale) : 1);
    inverses[i] = unit.inverse;
    std::memcpy(scales + i, &unit.size, 4);
  }
  for (size_t p0 = 0; p0 < pairs; p0 += lanes) {
    const size_t run = pairs - p0 < lanes ? pairs - p0 : lanes;
    for (size_t i = 0; i < panel; i++) {
      uint32_t values[lanes] = {};
      if (i < n) {
        const float* const row = rows + i * d;
        const auto part = [&](size_t t) {
          const Vec v = loadScaled(row + t, t >= d ? 0 : d - t < lanes ? d - t : lanes, scale);
          return rounded(v * all(inverses[i]));
        };
        const Register both = joined(part(2 * p0), part(2 * p0 + lanes));
        std::memcpy(values, &both, sizeof both);
      }
      for (size_t l = 0; l < run; l++) out[(p0 + l) * panel + i] = values[l];
    }
  }
}

void packA(const float* rows, size_t n, size_t d, double scale, void* out) { pack<panelA>(rows, n, d, scale, out); }

void packB(const float* rows, size_t n, size_t d, double scale, void* out) { pack<panelB>(rows, n, d, scale, out); }

/** sum + x₀y₀ + x₁y₁ in each lane. */
struct PairStep {
  static Ints add(Ints sum, Ints x, Ints y) {
#if defined(__AVX512VNNI__)
    return ints(_mm512_dpwssd_epi32(bits(sum), bits(x), bits(y)));
#elif defined(__AVXVNNI__)
    return ints(_mm256_dpwssd_avx_epi32(bits(sum), bits(x), bits(y)));
#else
    return ints(_mm256_add_epi32(bits(sum), _mm256_madd_epi16(bits(x), bits(y))));
#endif
  }
};

void products(const void* a, const void* b, size_t d, size_t panels, float* strip, size_t stride) {
  const size_t pairs = pairsOf(d), step = panelB * rowBytes(d) / 4;
  const uint32_t* const rows = static_cast<const uint32_t*>(a);
  for (size_t p = 0; p < panels; p++) {
    const uint32_t* const columns = static_cast<const uint32_t*>(b) + p * step;
    integerTile<PairStep>(rows, columns, pairs, nullptr, reinterpret_cast<const float*>(rows + pairs * panelA),
                          reinterpret_cast<const float*>(columns + pairs * panelB), strip + p * panelB, stride);
  }
}

const Screen int16Screen = {panelA, panelB, rowBytes, packA, packB, rowNorms, products};

void enter() {}
void leave() {}

}  // namespace
}  // namespace reseed

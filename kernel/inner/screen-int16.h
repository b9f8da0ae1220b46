// Approximate products in 16-bit integers with exact 32-bit sums: a tile of 6 rows × 2 vectors of sums in registers.
//
// A row a is packed as q = round(a / s), with s = ‖a‖ / 32000 of its own (‖a‖ rounded up), so â = s·q and
// ‖a − â‖ ≲ s·√(d/12): about 2·10⁻⁴ of ‖a‖ at d = 512, a tenth of what bfloat16 takes away. It is measured, not estimated.
//
// No sum overflows: |q_t| ≤ 32001 fits in 16 bits, and ‖q‖ ≤ 32001 + √d/2, so any part of Σ q_t r_t is at most
// ‖q‖·‖r‖ (Cauchy–Schwarz) < 1.05·10⁹ < 2³¹ while d ≤ 2¹⁹; past that the bound of packed.h is infinite. The sum is
// exact; it becomes a float32 and is multiplied by the two scales: three roundings, at most 2·2⁻²³ of ‖â‖‖b̂‖, and an
// underflow. Scales are at least 2⁻⁷⁷, because norms are, and norms of rows whose squares overflow are infinite.
//
// d goes in pairs: A is packed [panel][d/2][6] pairs and six scales, B [panel][d/2][16] pairs and sixteen scales. A
// multiply-add of pairs (vpmaddwd) does twice the products of a float32 one.
#pragma once
#include "simd.h"

namespace reseed {
namespace {

constexpr size_t panelA = 6, panelB = 16;
/** The length of a row in units of its scale. */
constexpr float unitsOfNorm = 32000;

inline size_t pairsOf(size_t d) { return (d + 1) / 2; }

/** Pairs, and the scale. */
size_t rowBytes(size_t d) { return 4 * pairsOf(d) + 4; }

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

/** The scale of a row, and what its values are multiplied by before they are rounded. */
struct Unit {
  explicit Unit(double norm) : size(static_cast<float>(norm) / unitsOfNorm), inverse(1 / size) {}
  float size, inverse;
  __m256i rounded(Vec v) const { return _mm256_cvtps_epi32(v * all(inverse)); }
};

void rowNorms(const float* row, size_t d, double scale, double* norm, double* lost) {
  *norm = normOf(row, d, scale);
  const Unit unit(*norm);
  Vec lostSquares{};
  for (size_t t = 0; t < d; t += lanes) {
    const Vec v = loadScaled(row + t, d - t < lanes ? d - t : lanes, scale);
    const Vec off = fma(_mm256_cvtepi32_ps(unit.rounded(v)), all(-unit.size), v);
    lostSquares = fma(off, off, lostSquares);
  }
  *lost = normAbove(lostSquares, d);
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
          return _mm256_cvtps_epi32(v * all(inverses[i]));
        };
        const __m256i both = _mm256_packs_epi32(part(2 * p0), part(2 * p0 + lanes));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(values), _mm256_permute4x64_epi64(both, 0xd8));
      }
      for (size_t l = 0; l < run; l++) out[(p0 + l) * panel + i] = values[l];
    }
  }
}

void packA(const float* rows, size_t n, size_t d, double scale, void* out) { pack<panelA>(rows, n, d, scale, out); }

void packB(const float* rows, size_t n, size_t d, double scale, void* out) { pack<panelB>(rows, n, d, scale, out); }

typedef int32_t Sums __attribute__((vector_size(4 * lanes)));

/** sum + x₀y₀ + x₁y₁ in each lane. */
inline Sums addPairs(Sums sum, __m256i x, __m256i y) {
#if defined(__AVXVNNI__)
  return reinterpret_cast<Sums>(_mm256_dpwssd_avx_epi32(reinterpret_cast<__m256i>(sum), x, y));
#else
  return sum + reinterpret_cast<Sums>(_mm256_madd_epi16(x, y));
#endif
}

/** The sums of one row of the tile; with names, since in an array gcc would keep them in memory. */
struct RowSums {
  Sums first{}, second{};
  void add(uint32_t pair, __m256i b0, __m256i b1) {
    const __m256i x = _mm256_set1_epi32(static_cast<int>(pair));
    first = addPairs(first, x, b0);
    second = addPairs(second, x, b1);
  }
  void put(float* out, float scale, Vec scale0, Vec scale1) const {
    store(out, _mm256_cvtepi32_ps(reinterpret_cast<__m256i>(first)) * all(scale) * scale0);
    store(out + lanes, _mm256_cvtepi32_ps(reinterpret_cast<__m256i>(second)) * all(scale) * scale1);
  }
};

inline void tile(const uint32_t* a, const uint32_t* b, size_t pairs, float* out, size_t stride) {
  RowSums row0, row1, row2, row3, row4, row5;
  for (size_t p = 0; p < pairs; p++) {
    const __m256i b0 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b));
    const __m256i b1 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + lanes));
    row0.add(a[0], b0, b1);
    row1.add(a[1], b0, b1);
    row2.add(a[2], b0, b1);
    row3.add(a[3], b0, b1);
    row4.add(a[4], b0, b1);
    row5.add(a[5], b0, b1);
    a += panelA;
    b += panelB;
  }
  const float* const own = reinterpret_cast<const float*>(a);
  const Vec scale0 = load(reinterpret_cast<const float*>(b)), scale1 = load(reinterpret_cast<const float*>(b) + lanes);
  row0.put(out, own[0], scale0, scale1);
  row1.put(out + stride, own[1], scale0, scale1);
  row2.put(out + 2 * stride, own[2], scale0, scale1);
  row3.put(out + 3 * stride, own[3], scale0, scale1);
  row4.put(out + 4 * stride, own[4], scale0, scale1);
  row5.put(out + 5 * stride, own[5], scale0, scale1);
}

void screen(const void* a, const void* b, size_t d, size_t panels, float* strip, size_t stride) {
  const size_t step = panelB * rowBytes(d) / 4;
  const uint32_t* panel = static_cast<const uint32_t*>(b);
  for (size_t p = 0; p < panels; p++) {
    tile(static_cast<const uint32_t*>(a), panel + p * step, pairsOf(d), strip + p * panelB, stride);
  }
}

void enter() {}
void leave() {}

}  // namespace
}  // namespace reseed

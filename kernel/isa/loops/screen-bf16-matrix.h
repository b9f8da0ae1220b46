// Approximate products in bfloat16 with float32 sums on ARM (bfmmla): 8 rows × 12 columns in registers.
//
// bfmmla adds four products to a sum in two steps of two, whatever the mode of the floating-point unit: it multiplies, adds the two
// products, adds that to the sum (Arm Architecture Reference Manual, BFDotAdd). A product of two bfloat16 has 16 significant bits and
// is exact. Each addition is rounded to odd: to one of the two float32 around it, so by less than 2⁻²³ of it. Subnormal numbers are
// taken for 0, before and after each operation.
//
// So with n = ⌈d/2⌉ a product is rounded once in its pair and at most n times in the sum, n + 1 ≤ d/2 + 1½ times in all. That comes
// to at most 1.07·(d/2 + 1½)·2⁻²³·Σ|â_t b̂_t| while d·2⁻²³ ≤ 1/16, less than the (d + 4)·2⁻²³ of screen.h. At most d + 2n ≤ 3d
// results are taken for 0, each below 2⁻¹²⁶ and grown by a sixteenth at most: less than d·2⁻¹²⁰. What is taken for 0 of a packed row
// counts as lost in packing (bf16.h). A CPU that is told to add pairs in one step (FEAT_EBF16) rounds less often, and to nearest.
//
// bfmmla has four times the products of a float32 multiply-add, and Neoverse N2, V1 and V2 start as many of either a cycle. What its
// wider bound leaves costs less: of 4096 random rows at d = 768, 4.1 for the best two of a row where float32 leaves 2.0, and 42 for
// the best 32 where float32 leaves 32. A CPU that starts one bfmmla for four multiply-adds gains nothing. Neither was timed.
//
// d goes in fours: A is packed [panel][d/4][8] fours, B [panel][d/4][12] fours.
#pragma once
#include "isa/loops/bf16.h"
#include "isa/loops/matrix-tile.h"

namespace reseed {
namespace {

constexpr size_t panelA = matrixRows, panelB = matrixColumns;

inline size_t foursOf(size_t d) { return (d + 3) / 4; }

size_t rowBytes(size_t d) { return 8 * foursOf(d); }

template <size_t panel>
inline void pack(const float* rows, size_t n, size_t d, double scale, void* to) {
  uint64_t* out = static_cast<uint64_t*>(to);
  for (size_t t = 0; t < d; t += 4) {
    for (size_t i = 0; i < panel; i++) {
      const Vec v = i < n ? loadScaled(rows + i * d + t, d - t < 4 ? d - t : 4, scale) : Vec{};
      vst1_u64(out + i, vreinterpret_u64_bf16(vcvt_bf16_f32(v)));
    }
    out += panel;
  }
}

void packA(const float* rows, size_t n, size_t d, double scale, void* out) { pack<panelA>(rows, n, d, scale, out); }

void packB(const float* rows, size_t n, size_t d, double scale, void* out) { pack<panelB>(rows, n, d, scale, out); }

struct Bf16Step {
  typedef Vec Sums;
  static Vec add(Vec sums, uint64x2_t x, uint64x2_t y) {
    return vbfmmlaq_f32(sums, vreinterpretq_bf16_u64(x), vreinterpretq_bf16_u64(y));
  }
};

void products(const void* a, const void* b, size_t d, size_t panels, float* strip, size_t stride) {
  const size_t fours = foursOf(d);
  const uint64_t* const columns = static_cast<const uint64_t*>(b);
  for (size_t p = 0; p < panels; p++) {
    float* const out = strip + p * panelB;
    matrixTile<Bf16Step>(static_cast<const uint64_t*>(a), columns + p * panelB * fours, fours,
                         [out, stride](size_t r, size_t c, Vec sums) { store(out + r * stride + c, sums); });
  }
}

const Screen bf16Screen = {panelA, panelB, rowBytes, packA, packB, rowNorms, products};

void enter() {}
void leave() {}

}  // namespace
}  // namespace reseed

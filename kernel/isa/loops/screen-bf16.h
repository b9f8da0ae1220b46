// Approximate products in bfloat16 with float32 sums (vdpbf16ps): 8 rows × 48 columns in registers.
//
// d goes in pairs: A is packed [panel][d/2][8] pairs, B [panel][d/2][48] pairs. Products of two bfloat16 are
// exact in float32; sums round once a term.
#pragma once
#include "isa/loops/bf16.h"

namespace reseed {
namespace {

constexpr size_t panelA = 8, panelB = 48;

inline size_t pairsOf(size_t d) { return (d + 1) / 2; }

size_t rowBytes(size_t d) { return 4 * pairsOf(d); }

template <size_t panel>
inline void pack(const float* rows, size_t n, size_t d, double scale, void* to) {
  uint32_t* out = static_cast<uint32_t*>(to);
  const size_t pairs = pairsOf(d);
  for (size_t p0 = 0; p0 < pairs; p0 += 16) {
    const size_t run = pairs - p0 < 16 ? pairs - p0 : 16;
    for (size_t i = 0; i < panel; i++) {
      uint32_t values[16] = {};
      if (i < n) _mm512_storeu_si512(values, bf16Pairs(rows + i * d, p0, d, scale));
      for (size_t l = 0; l < run; l++) out[(p0 + l) * panel + i] = values[l];
    }
  }
}

void packA(const float* rows, size_t n, size_t d, double scale, void* out) {
  pack<panelA>(rows, n, d, scale, out);
}

void packB(const float* rows, size_t n, size_t d, double scale, void* out) {
  pack<panelB>(rows, n, d, scale, out);
}

inline void tile(const uint32_t* a, const uint32_t* b, size_t pairs, float* out, size_t stride) {
  __m512 sum[panelA][3];
#pragma GCC unroll 8
  for (size_t r = 0; r < panelA; r++) {
#pragma GCC unroll 3
    for (size_t c = 0; c < 3; c++) sum[r][c] = _mm512_setzero_ps();
  }
  for (size_t p = 0; p < pairs; p++) {
    const __m512bh b0 = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b));
    const __m512bh b1 = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b + 16));
    const __m512bh b2 = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b + 32));
#pragma GCC unroll 8
    for (size_t r = 0; r < panelA; r++) {
      const __m512bh x = reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(a[r])));
      sum[r][0] = _mm512_dpbf16_ps(sum[r][0], x, b0);
      sum[r][1] = _mm512_dpbf16_ps(sum[r][1], x, b1);
      sum[r][2] = _mm512_dpbf16_ps(sum[r][2], x, b2);
    }
    a += panelA;
    b += panelB;
  }
#pragma GCC unroll 8
  for (size_t r = 0; r < panelA; r++) {
#pragma GCC unroll 3
    for (size_t c = 0; c < 3; c++) _mm512_storeu_ps(out + r * stride + 16 * c, sum[r][c]);
  }
}

void products(const void* a, const void* b, size_t d, size_t panels, float* strip, size_t stride) {
  const size_t pairs = pairsOf(d);
  const uint32_t* panel = static_cast<const uint32_t*>(b);
  for (size_t p = 0; p < panels; p++) {
    tile(static_cast<const uint32_t*>(a), panel + p * panelB * pairs, pairs, strip + p * panelB, stride);
  }
}

const Screen bf16Screen = {panelA, panelB, rowBytes, packA, packB, rowNorms, products};

void enter() {}
void leave() {}

}  // namespace
}  // namespace reseed

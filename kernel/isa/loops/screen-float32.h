// Approximate products in float32: a tile of panelA × 3 vectors of sums in registers.
//
// A is packed [panel][d][panelA], B [panel][d][panelB]. Sums run over d with one rounding a term (two without
// FMA), so the error is at most (d + 2)·2⁻²³·‖a‖‖b‖ plus d underflows.
#pragma once
#include "isa/loops/simd.h"

namespace reseed {
namespace {

#if defined(__AVX512F__) || defined(__aarch64__)
constexpr size_t panelA = 8;
#else
constexpr size_t panelA = 4;
#endif
constexpr size_t panelB = 3 * lanes;

size_t rowBytes(size_t d) { return 4 * d; }

template <size_t panel>
inline void pack(const float* rows, size_t n, size_t d, double scale, void* to) {
  float* out = static_cast<float*>(to);
  constexpr size_t run = 16;
  for (size_t t0 = 0; t0 < d; t0 += run) {
    const size_t t1 = t0 + run < d ? t0 + run : d;
    for (size_t i = 0; i < panel; i++) {
      if (i >= n) {
        for (size_t t = t0; t < t1; t++) out[t * panel + i] = 0;
      } else if (scale == 1) {
        for (size_t t = t0; t < t1; t++) out[t * panel + i] = rows[i * d + t];
      } else {
        for (size_t t = t0; t < t1; t++) out[t * panel + i] = static_cast<float>(rows[i * d + t] * scale);
      }
    }
  }
}

void packA(const float* rows, size_t n, size_t d, double scale, void* out) {
  pack<panelA>(rows, n, d, scale, out);
}

void packB(const float* rows, size_t n, size_t d, double scale, void* out) {
  pack<panelB>(rows, n, d, scale, out);
}

void rowNorms(const float* row, size_t d, double scale, double* norm, double* lost) {
  Vec squares{};
  for (size_t t = 0; t < d; t += lanes) {
    const Vec v = loadScaled(row + t, d - t < lanes ? d - t : lanes, scale);
    squares = fma(v, v, squares);
  }
  *norm = normAbove(squares, d);
  // A power of two changes no bits unless the result is subnormal.
  *lost = scale == 1 ? 0 : std::sqrt(static_cast<double>(d)) * 0x1p-149;
}

#if defined(__aarch64__)
/** Row `lane` of four. With a copy of it in all lanes instead, gcc has too few registers. */
template <int lane>
inline void addRow(Vec* sum, Vec x, Vec b0, Vec b1, Vec b2) {
  sum[0] = vfmaq_laneq_f32(sum[0], b0, x, lane);
  sum[1] = vfmaq_laneq_f32(sum[1], b1, x, lane);
  sum[2] = vfmaq_laneq_f32(sum[2], b2, x, lane);
}
#endif

inline void tile(const float* a, const float* b, size_t d, float* out, size_t stride) {
  Vec sum[panelA][3] = {};
  for (size_t t = 0; t < d; t++) {
    const Vec b0 = load(b), b1 = load(b + lanes), b2 = load(b + 2 * lanes);
#if defined(__aarch64__)
#pragma GCC unroll 2
    for (size_t r = 0; r < panelA; r += 4) {
      const Vec x = load(a + r);
      addRow<0>(sum[r], x, b0, b1, b2);
      addRow<1>(sum[r + 1], x, b0, b1, b2);
      addRow<2>(sum[r + 2], x, b0, b1, b2);
      addRow<3>(sum[r + 3], x, b0, b1, b2);
    }
#else
#pragma GCC unroll 8
    for (size_t r = 0; r < panelA; r++) {
      const Vec x = all(a[r]);
      sum[r][0] = fma(x, b0, sum[r][0]);
      sum[r][1] = fma(x, b1, sum[r][1]);
      sum[r][2] = fma(x, b2, sum[r][2]);
    }
#endif
    a += panelA;
    b += panelB;
  }
#pragma GCC unroll 8
  for (size_t r = 0; r < panelA; r++) {
    store(out + r * stride, sum[r][0]);
    store(out + r * stride + lanes, sum[r][1]);
    store(out + r * stride + 2 * lanes, sum[r][2]);
  }
}

void products(const void* a, const void* b, size_t d, size_t panels, float* strip, size_t stride) {
  const float* panel = static_cast<const float*>(b);
  for (size_t p = 0; p < panels; p++) {
    tile(static_cast<const float*>(a), panel + p * panelB * d, d, strip + p * panelB, stride);
  }
}

const Screen float32Screen = {panelA, panelB, rowBytes, packA, packB, rowNorms, products};

void enter() {}
void leave() {}

}  // namespace
}  // namespace reseed

// float32 → bfloat16, to nearest even: packing in pairs along d (AVX-512), and the norm of what rounding takes away.
#pragma once
#include "isa/loops/simd.h"

namespace reseed {
namespace {

/** The bfloat16 nearest to a finite x, as the upper half of a float32. */
inline uint32_t bf16Bits(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  return (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u;
}

inline Vec bf16Rounded(Vec v) {
  typedef uint32_t Bits __attribute__((vector_size(4 * lanes)));
  const Bits bits = reinterpret_cast<Bits>(v);
  return reinterpret_cast<Vec>((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u);
}

#if defined(__AVX512F__)
/** Coordinates 2p and 2p + 1 of a row, as two bfloat16. */
inline uint32_t bf16Pair(const float* row, size_t p, size_t d, double scale) {
  const float low = scale == 1 ? row[2 * p] : static_cast<float>(row[2 * p] * scale);
  uint32_t bits = bf16Bits(low) >> 16;
  if (2 * p + 1 < d) {
    const float high = scale == 1 ? row[2 * p + 1] : static_cast<float>(row[2 * p + 1] * scale);
    bits |= bf16Bits(high);
  }
  return bits;
}

/** Sixteen pairs of a row from pair p on; pairs past the end are 0. */
inline __m512i bf16Pairs(const float* row, size_t p, size_t d, double scale) {
  if (scale == 1 && 2 * p + 32 <= d) {
    return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(load(row + 2 * p + 16), load(row + 2 * p)));
  }
  uint32_t pairs[16];
  for (size_t l = 0; l < 16; l++) pairs[l] = 2 * (p + l) < d ? bf16Pair(row, p + l, d, scale) : 0;
  return _mm512_loadu_si512(pairs);
}
#endif

void rowNorms(const float* row, size_t d, double scale, double* norm, double* lost) {
  Vec squares{}, lostSquares{};
  for (size_t t = 0; t < d; t += lanes) {
    const Vec v = loadScaled(row + t, d - t < lanes ? d - t : lanes, scale);
    const Vec off = v - bf16Rounded(v);
    squares = fma(v, v, squares);
    lostSquares = fma(off, off, lostSquares);
  }
  *norm = normAbove(squares, d);
  // The instructions take subnormal numbers for 0, when they convert or when they multiply.
  *lost = normAbove(lostSquares, d) + std::sqrt(static_cast<double>(d)) * 0x1p-125;
}

}  // namespace
}  // namespace reseed

// Indices of the values that reach a limit.
//
// Where few of many values do, nobody can foresee which vectors have one: a branch for each costs more than the work. So the indices of
// a vector's hits are moved to its front, by one instruction or by a table of what to move, and all are stored; the next vector's go
// over those that were none. Vectors without hits are passed over four at a time.
#pragma once
#include "isa/loops/simd.h"

namespace reseed {
namespace {

#if !defined(__AVX512F__)
/** For every mask the lanes whose bits are set, ascending, and how many they are. */
struct Hits {
  uint8_t lane[1 << lanes][lanes] = {};
  uint8_t count[1 << lanes] = {};

  constexpr Hits() {
    for (uint32_t mask = 0; mask < 1u << lanes; mask++) {
      for (uint32_t l = 0; l < lanes; l++) {
        if (mask >> l & 1) lane[mask][count[mask]++] = static_cast<uint8_t>(l);
      }
    }
  }
};

constexpr Hits hits;

/** Stores the indices of a mask's hits, those of lane l being `from` + l, and returns how many they are. */
inline size_t putHits(uint32_t mask, size_t from, int32_t* out) {
#if defined(__AVX2__)
  const __m256i lane = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(hits.lane[mask])));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_add_epi32(lane, _mm256_set1_epi32(static_cast<int>(from))));
#else
  for (size_t l = 0; l < lanes; l++) out[l] = static_cast<int32_t>(from) + hits.lane[mask][l];
#endif
  return hits.count[mask];
}
#endif

size_t atLeast(const float* p, size_t n, float threshold, int32_t* out) {
  size_t found = 0;
  size_t i = 0;
  const Vec t = all(threshold);
#if defined(__AVX512F__)
  __m512i index = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (; i + lanes <= n; i += lanes) {
    const uint32_t mask = maskAtLeast(load(p + i), t);
    _mm512_storeu_si512(out + found, _mm512_maskz_compress_epi32(static_cast<__mmask16>(mask), index));
    found += static_cast<size_t>(__builtin_popcount(mask));
    index = _mm512_add_epi32(index, _mm512_set1_epi32(16));
  }
#else
  constexpr size_t together = 4;
  for (; i + together * lanes <= n; i += together * lanes) {
    uint32_t masks[together], any = 0;
    for (size_t v = 0; v < together; v++) any |= masks[v] = maskAtLeast(load(p + i + lanes * v), t);
    if (any == 0) continue;
    for (size_t v = 0; v < together; v++) found += putHits(masks[v], i + lanes * v, out + found);
  }
#endif
  for (; i < n; i++) {
    if (p[i] >= threshold) out[found++] = static_cast<int32_t>(i);
  }
  return found;
}

}  // namespace
}  // namespace reseed

// Approximate products in bfloat16 on the tile registers (AMX): 32 × 32 sums in four tiles.
//
// d goes in blocks of 32. A is packed [panel][block][2 tiles][16 rows][16 pairs], B [panel][block][2 tiles]
// [16 pairs][16 columns], so that a tile is 1 KiB in one piece. Sums are float32, subnormals count as 0.
#pragma once
#include "isa/loops/bf16.h"

namespace reseed {
namespace {

constexpr size_t panelA = 32, panelB = 32;
/** Pairs in a tile: 16 × 16. */
constexpr size_t tilePairs = 256;

inline size_t blocksOf(size_t d) { return (d + 31) / 32; }

size_t rowBytes(size_t d) { return 64 * blocksOf(d); }

void packA(const float* rows, size_t n, size_t d, double scale, void* to) {
  uint32_t* out = static_cast<uint32_t*>(to);
  for (size_t block = 0; block < blocksOf(d); block++) {
    for (size_t i = 0; i < panelA; i++) {
      const __m512i pairs = i < n ? bf16Pairs(rows + i * d, 16 * block, d, scale) : _mm512_setzero_si512();
      _mm512_storeu_si512(out + block * 2 * tilePairs + i * 16, pairs);
    }
  }
}

void packB(const float* rows, size_t n, size_t d, double scale, void* to) {
  uint32_t* out = static_cast<uint32_t*>(to);
  for (size_t block = 0; block < blocksOf(d); block++) {
    for (size_t i = 0; i < panelB; i++) {
      uint32_t pairs[16] = {};
      if (i < n) _mm512_storeu_si512(pairs, bf16Pairs(rows + i * d, 16 * block, d, scale));
      uint32_t* tile = out + (block * 2 + i / 16) * tilePairs + i % 16;
      for (size_t l = 0; l < 16; l++) tile[l * 16] = pairs[l];
    }
  }
}

/** Asks for the tile at `p`; a tile load waits for 16 lines, and the hardware does not foresee them. */
inline void prefetchTile(const uint32_t* p) {
  for (size_t line = 0; line < 16; line++) _mm_prefetch(reinterpret_cast<const char*>(p + 16 * line), _MM_HINT_T0);
}

void products(const void* a, const void* b, size_t d, size_t panels, float* strip, size_t stride) {
  const size_t blocks = blocksOf(d);
  const uint32_t* q = static_cast<const uint32_t*>(b);
  const size_t rowStride = 4 * stride;
  for (size_t p = 0; p < panels; p++) {
    const uint32_t* t = static_cast<const uint32_t*>(a);
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (size_t block = 0; block < blocks; block++) {
      const uint32_t* nextT = t + 2 * tilePairs;
      const uint32_t* nextQ = q + 2 * tilePairs;
      _tile_loadd(4, t, 64);
      _tile_loadd(6, q, 64);
      prefetchTile(nextQ);
      _tile_dpbf16ps(0, 4, 6);
      _tile_loadd(7, q + tilePairs, 64);
      prefetchTile(nextQ + tilePairs);
      _tile_dpbf16ps(1, 4, 7);
      _tile_loadd(5, t + tilePairs, 64);
      prefetchTile(nextT);
      _tile_dpbf16ps(2, 5, 6);
      prefetchTile(nextT + tilePairs);
      _tile_dpbf16ps(3, 5, 7);
      t = nextT;
      q = nextQ;
    }
    float* out = strip + p * panelB;
    _tile_stored(0, out, rowStride);
    _tile_stored(1, out + 16, rowStride);
    _tile_stored(2, out + 16 * stride, rowStride);
    _tile_stored(3, out + 16 * stride + 16, rowStride);
  }
}

const Screen tileScreen = {panelA, panelB, rowBytes, packA, packB, rowNorms, products};

/** Eight tiles of 16 rows of 64 bytes. A constant, because the compiler does not see that all of it is read. */
struct TileConfig {
  uint8_t palette = 1, startRow = 0, reserved[14] = {};
  uint16_t rowBytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
alignas(64) const TileConfig tileConfig;

void enter() { _tile_loadconfig(&tileConfig); }

void leave() { _tile_release(); }

}  // namespace
}  // namespace reseed

// A tile of sums in registers by ARM's products of small matrices: smmla (8-bit integers) and bfmmla (bfloat16).
//
// Either takes two rows of 8 bytes of A and two of B, and adds their four products to 2 × 2 sums. So rows are packed in groups of 8
// bytes along d: A [group][8 rows], B [group][12 columns], and a register holds a group of two of them. A group takes 24 such
// products and 10 loads. 24 registers hold sums and 4 hold A, which leaves 4 for B and what comes next.
#pragma once
#include "isa/loops/simd.h"

namespace reseed {
namespace {

constexpr size_t matrixRows = 8, matrixColumns = 12;

/** The first rows, or the second ones, of two blocks of 2 × 2 sums side by side. */
template <class Sums>
inline Sums firstRows(Sums left, Sums right) {
  return reinterpret_cast<Sums>(vzip1q_u64(reinterpret_cast<uint64x2_t>(left), reinterpret_cast<uint64x2_t>(right)));
}
template <class Sums>
inline Sums secondRows(Sums left, Sums right) {
  return reinterpret_cast<Sums>(vzip2q_u64(reinterpret_cast<uint64x2_t>(left), reinterpret_cast<uint64x2_t>(right)));
}

/** One tile. Step::add(sums, x, y) adds the products of two groups each; put(row, column, sums) takes four sums of a row. */
template <class Step, class Put>
inline void matrixTile(const uint64_t* a, const uint64_t* b, size_t groups, Put put) {
  constexpr size_t pairsA = matrixRows / 2, pairsB = matrixColumns / 2;
  typename Step::Sums sum[pairsA][pairsB] = {};
  for (size_t g = 0; g < groups; g++) {
    uint64x2_t x[pairsA];
#pragma GCC unroll 4
    for (size_t r = 0; r < pairsA; r++) x[r] = vld1q_u64(a + 2 * r);
#pragma GCC unroll 3
    for (size_t c = 0; c < pairsB; c += 2) {
      const uint64x2_t y = vld1q_u64(b + 2 * c), z = vld1q_u64(b + 2 * c + 2);
#pragma GCC unroll 4
      for (size_t r = 0; r < pairsA; r++) {
        sum[r][c] = Step::add(sum[r][c], x[r], y);
        sum[r][c + 1] = Step::add(sum[r][c + 1], x[r], z);
      }
      // gcc would load all of B first, and keep three sums in memory.
      __asm__ volatile("" ::: "memory");
    }
    a += matrixRows;
    b += matrixColumns;
  }
#pragma GCC unroll 4
  for (size_t r = 0; r < pairsA; r++) {
#pragma GCC unroll 3
    for (size_t c = 0; c < pairsB; c += 2) {
      put(2 * r, 2 * c, firstRows(sum[r][c], sum[r][c + 1]));
      put(2 * r + 1, 2 * c, secondRows(sum[r][c], sum[r][c + 1]));
    }
  }
}

}  // namespace
}  // namespace reseed

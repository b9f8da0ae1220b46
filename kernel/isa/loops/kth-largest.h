// Selection of the k-th largest of a few values.
#pragma once
#include "isa/loops/simd.h"

namespace reseed {
namespace {

/** Four values; as many registers as that takes. */
typedef int64_t Part4 __attribute__((vector_size(32)));
typedef int64_t LoosePart4 __attribute__((vector_size(32), aligned(8), may_alias));

int64_t kthLargest(const int64_t* values, size_t n, size_t k, size_t* greater) {
  // Values already known to be too low or too high are passed over.
  bool hasLow = false, hasHigh = false;
  int64_t low = 0, high = 0;
  for (size_t s = 0;; s++) {
    const int64_t v = values[s];
    if ((hasLow && v <= low) || (hasHigh && v >= high)) continue;
    size_t above = 0, notBelow = 0;
#if defined(__AVX512F__)
    const __m512i own = _mm512_set1_epi64(v);
    for (size_t u = 0; u < n; u += 8) {
      const __mmask8 there = static_cast<__mmask8>(n - u < 8 ? (1u << (n - u)) - 1 : 0xff);
      const __m512i others = _mm512_maskz_loadu_epi64(there, values + u);
      above += static_cast<size_t>(__builtin_popcount(_mm512_mask_cmpgt_epi64_mask(there, others, own)));
      notBelow += static_cast<size_t>(__builtin_popcount(_mm512_mask_cmpge_epi64_mask(there, others, own)));
    }
#else
    size_t u = 0;
    Part4 higher{}, same{};
    for (; u + 4 <= n; u += 4) {
      const Part4 others = *reinterpret_cast<const LoosePart4*>(values + u);
      higher -= others > v;
      same -= others == v;
    }
    for (size_t l = 0; l < 4; l++) {
      above += static_cast<size_t>(higher[l]);
      notBelow += static_cast<size_t>(same[l]);
    }
    for (; u < n; u++) {
      above += values[u] > v;
      notBelow += values[u] == v;
    }
    notBelow += above;
#endif
    if (above >= k) {
      hasLow = true;
      low = v;
    } else if (notBelow < k) {
      hasHigh = true;
      high = v;
    } else {
      *greater = above;
      return v;
    }
  }
}

}  // namespace
}  // namespace reseed

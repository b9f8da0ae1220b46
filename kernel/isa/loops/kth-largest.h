// Selection of the k-th largest of a few values.
#pragma once
#include "isa/loops/simd.h"

namespace reseed {
namespace {

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
    for (size_t u = 0; u < n; u++) {
      above += values[u] > v;
      notBelow += values[u] >= v;
    }
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

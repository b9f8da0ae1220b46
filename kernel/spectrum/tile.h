// Inner loops in float64 whose every sum has a fixed order, by code path: tiles of products, and sums of rows.
//
// All paths return the same bytes. Where both factors are float32 values their product is exact in float64, so it may
// be fused with the addition; elsewhere multiply and add are rounded apart, as the portable kernel does.
#pragma once
#include <cstddef>

#include "isa/code-path.h"

namespace reseed {

struct Tile {
  /** Rows of A and of B in a panel. */
  size_t rows, cols;
  /** out[i·stride + j] = Σ_t a[t·rows + i]·b[t·cols + j] for one panel of each; factors are float32 values. */
  void (*exact)(const double* a, const double* b, size_t depth, double* out, size_t stride);
  /** The same for any factors. */
  void (*rounded)(const double* a, const double* b, size_t depth, double* out, size_t stride);
  /** out[j] += Σ_s scale[s]·m[s·stride + j], s ascending, for any factors. */
  void (*addRows)(double* out, size_t n, const double* scale, const double* m, size_t stride, size_t count);
};

const Tile& tileOf(const CodePath& path);

}  // namespace reseed

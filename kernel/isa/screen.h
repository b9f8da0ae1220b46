// Approximate products of rows: the inner loops of a screen.
#pragma once
#include <cstddef>

namespace reseed {

/** Approximate products of rows, under the bound of screening-error.h. */
struct Screen {
  /** Rows in a packed panel of A and of B. */
  size_t panelA, panelB;
  /** Bytes of one packed row of width d. */
  size_t (*rowBytes)(size_t d);
  /** Packs `n` rows (n at most a panel; missing rows are 0), each multiplied by `scale`. */
  void (*packA)(const float* rows, size_t n, size_t d, double scale, void* out);
  void (*packB)(const float* rows, size_t n, size_t d, double scale, void* out);
  /** Norm of a scaled row, and norm of what packing rounds away; both are rounded up a little. */
  void (*rowNorms)(const float* row, size_t d, double scale, double* norm, double* lost);
  /** strip[r·stride + c] ≈ A panel · B panels; error from accumulation alone ≤ (d + 4)·2⁻²³·‖a‖‖b‖ + d·2⁻¹²⁰. */
  void (*products)(const void* a, const void* b, size_t d, size_t panels, float* strip, size_t stride);
};

}  // namespace reseed

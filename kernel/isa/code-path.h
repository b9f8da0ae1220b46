// The inner loops that differ by CPU feature, as a table of functions; one table per code path.
//
// All paths return the same bytes, but for their screens: those are approximate, and only decide what is computed exactly. So
// results depend neither on the machine nor on the path.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "isa/screen.h"
#include "isa/strip-scan.h"

// For single functions that are compiled for one instruction set. gcc must be told to use the whole width of AVX-512; clang does so
// anyway.
#if defined(__clang__)
#define RESEED_AVX512 __attribute__((target("avx512f,avx512vl,avx512dq")))
#else
#define RESEED_AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,prefer-vector-width=512")))
#endif
#define RESEED_AVX2 __attribute__((target("avx2,fma")))

namespace reseed {

/** Constants of one Adam step, in float32 as its arithmetic. */
struct AdamStep {
  float beta1, beta2, epsilon;
  /** 1 − β₁ and 1 − β₂ */
  float keep1, keep2;
  /** lr/(1 − β₁ᵗ) and 1/√(1 − β₂ᵗ) */
  float stepSize, scale;

  AdamStep(double beta1, double beta2, double epsilon, double stepSize, double root)
      : beta1(static_cast<float>(beta1)), beta2(static_cast<float>(beta2)), epsilon(static_cast<float>(epsilon)),
        keep1(static_cast<float>(1 - beta1)), keep2(static_cast<float>(1 - beta2)),
        stepSize(static_cast<float>(stepSize)), scale(static_cast<float>(1 / root)) {}
};

struct CodePath {
  const char* name;
  /** float32 values in a vector. */
  size_t lanes;
  /** A screen with a narrow error bound, and a faster one with a wider bound; the same one where none is faster. */
  const Screen *fine, *coarse;
  /** Called on each thread before and after it screens. */
  void (*enter)();
  void (*leave)();
  /** Updates the running maxima by a strip and lists the pairs that could still be among them. */
  size_t (*scanStrip)(const StripScan& scan);
  /** p += bias, then the mean and the standard deviation of p. */
  void (*addBias)(float* p, const float* bias, size_t n, double* mean, double* sd);
  /** Indices of the values ≥ threshold, ascending; `out` has room for n and a vector more. */
  size_t (*atLeast)(const float* p, size_t n, float threshold, int32_t* out);
  /** out[s] = Σ_t x[t]·m[rows[s]·d + t] in float64, in eight lanes. */
  void (*dots)(const float* x, const float* m, size_t d, const int32_t* rows, size_t n, double* out);
  /** Approximations of these in float32. The bound of screening-error.h holds, as for rows that packing leaves as they are. */
  void (*quickDots)(const float* x, const float* m, size_t d, const int32_t* rows, size_t n, double* out);
  /** out[j] += Σ_s scale[s]·m[rows[s]·d + j], s ascending; scales are float32 values. */
  void (*addRows)(double* out, size_t d, const double* scale, const int32_t* rows, size_t n, const float* m);
  /** `dots` and `addRows` in float32, every product and every sum rounded; `dots32` sums in sixteen lanes, t mod 16. */
  void (*dots32)(const float* x, const float* m, size_t d, const int32_t* rows, size_t n, double* out);
  void (*addRows32)(float* out, size_t d, const float* scale, const int32_t* rows, size_t n, const float* m);
  /** out = weight·r in float32; returns Σ r², in eight lanes. */
  double (*weighResidual)(const float* r, size_t d, double weight, float* out);
  /** Σ v² in eight lanes. */
  double (*squares)(const double* v, size_t n);
  double (*rowSquares)(const float* row, size_t n);
  /** Subtracts from a gradient its component along a row; a row of length 0 changes nothing. */
  void (*projectRow)(double* gradient, const float* row, size_t d);
  void (*projectRow32)(float* gradient, const float* row, size_t d);
  /** Scales a row to length 1, unless its length is 0, or 1 up to rounding. */
  void (*normaliseRow)(float* row, size_t d);
  /** One step in float32; gradients in float64 are rounded first. */
  void (*adam)(float* w, float* first, float* second, const double* gradient, size_t n, const AdamStep& step);
  void (*adam32)(float* w, float* first, float* second, const float* gradient, size_t n, const AdamStep& step);
  /** The k-th largest of n ≥ k ≥ 1 values, and how many are greater, by comparing each with each. */
  int64_t (*kthLargest)(const int64_t* values, size_t n, size_t k, size_t* greater);
  /** out[j] = sums[j] / (norm·norms[j]) */
  void (*cosines)(const double* sums, double norm, const double* norms, size_t n, double* out);
};

/** The paths that this machine can run, the fastest first. */
const std::vector<const CodePath*>& availableCodePaths();

/** @throws std::invalid_argument for a path that this machine cannot run */
const CodePath& codePathByName(const std::string& name);

}  // namespace reseed

// Best partners between the code columns of two autoencoders.
#pragma once
#include "isa/code-path.h"
#include "matching/best.h"
#include "threads/team.h"

namespace reseed {

/** Codes [rows × features] in compressed rows. */
struct Codes {
  size_t rows, features;
  const int32_t *offsets, *indices;
  const float* values;
};

struct CoFiringJob {
  Codes a, b;
  MatchesOut out;
};

/** sums[j] += Σ_n a_ni·b_nj, n ascending. @param columns codes A transposed, [features × N] */
void addCoFiring(const CodePath& path, double* sums, const Codes& columns, size_t i, const Codes& b);

void coFiring(const CodePath& path, size_t threads, Stop stop, const CoFiringJob& job);

}  // namespace reseed

// Best partners between the code columns of two autoencoders.
#pragma once
#include "best.h"
#include "crew.h"
#include "path.h"

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

void coFiring(const Path& path, size_t threads, Stop stop, const CoFiringJob& job);

}  // namespace reseed

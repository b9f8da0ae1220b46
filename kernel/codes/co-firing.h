// Best partners between the code columns of two autoencoders.
#pragma once
#include "codes/codes.h"
#include "isa/code-path.h"
#include "matching/best.h"
#include "threads/team.h"

namespace reseed {

struct CoFiringJob {
  Codes a, b;
  MatchesOut out;
};

void coFiring(const CodePath& path, size_t threads, Stop stop, const CoFiringJob& job);

}  // namespace reseed

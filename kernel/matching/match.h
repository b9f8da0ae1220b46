// Best matches between the rows of two matrices, exact.
#pragma once
#include "isa/code-path.h"
#include "matching/best.h"
#include "threads/team.h"

namespace reseed {

struct MatchJob {
  const float* a;
  size_t f;
  const float* b;
  size_t g;
  size_t d;
  MatchesOut out;
};

void bestMatches(const CodePath& path, size_t threads, Stop stop, const MatchJob& job);

}  // namespace reseed

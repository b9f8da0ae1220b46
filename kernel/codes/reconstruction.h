// How far rows are from what their codes decode to.
#pragma once
#include "codes/codes.h"
#include "isa/code-path.h"
#include "threads/team.h"

namespace reseed {

struct ReconstructionJob {
  /** [rows × width] */
  const float* x;
  size_t rows, width;
  /** [codes.features × width] and [width] */
  const float *decoder, *decoderBias;
  /** [rows × features] */
  Codes codes;
  /** [rows] ‖x − x̂‖² */
  double* out;
};

void reconstructionErrors(const CodePath& path, size_t threads, Stop stop, const ReconstructionJob& job);

}  // namespace reseed

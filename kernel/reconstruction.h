// How far rows are from what their codes decode to.
#pragma once
#include "co-firing.h"
#include "crew.h"
#include "path.h"

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

void reconstructionErrors(const Path& path, size_t threads, Stop stop, const ReconstructionJob& job);

}  // namespace reseed

// ‖x − x̂‖² of every row, in the order of portable/reconstruction.ts: features ascending, then squares in eight lanes.
//
// x̂ is summed in float64 and rounded to float32, as a decoded row is. Threads take blocks of rows; a row is on its own.
#include "codes/reconstruction.h"

#include <algorithm>
#include <vector>

#include "isa/packed.h"

namespace reseed {
namespace {

constexpr size_t blockRows = 64;

}  // namespace

void reconstructionErrors(const CodePath& path, size_t threads, Stop stop, const ReconstructionJob& job) {
  const size_t d = job.width;
  size_t most = 0;
  for (size_t n = 0; n < job.rows; n++) {
    most = std::max(most, static_cast<size_t>(job.codes.offsets[n + 1] - job.codes.offsets[n]));
  }
  std::vector<std::vector<double>> scratch(threads, std::vector<double>(d + most));
  Pieces pieces;
  pieces.reset(panelsOf(job.rows, blockRows));
  onThreads(threads, [&](size_t id) {
    double *sums = scratch[id].data(), *scale = sums + d;
    for (size_t piece; pieces.take(piece) && !stop.asked();) {
      for (size_t n = piece * blockRows; n < std::min(job.rows, (piece + 1) * blockRows); n++) {
        const size_t from = static_cast<size_t>(job.codes.offsets[n]);
        const size_t count = static_cast<size_t>(job.codes.offsets[n + 1]) - from;
        const float* x = job.x + n * d;
        std::copy_n(job.decoderBias, d, sums);
        std::copy_n(job.codes.values + from, count, scale);
        path.addRows(sums, d, scale, job.codes.indices + from, count, job.decoder);
        for (size_t j = 0; j < d; j++) sums[j] = static_cast<double>(x[j]) - static_cast<double>(static_cast<float>(sums[j]));
        job.out[n] = path.squares(sums, d);
      }
    }
  });
}

}  // namespace reseed

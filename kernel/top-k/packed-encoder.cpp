#include "top-k/packed-encoder.h"

#include <algorithm>

namespace reseed {

PackedEncoder::PackedEncoder(const Screen& screen, size_t features, size_t width, size_t threads)
    : screen(screen), width(width), threads(threads), normsOf_(threads), biasOf_(threads), scaleOf_(threads) {
  shape(features);
}

void PackedEncoder::shape(size_t count) {
  features = count;
  roundedScales.resize(features);
  scaledBias.resize(features);
  panels.grow(std::max<size_t>(64, panelsOf(features, screen.panelB) * screen.panelB * screen.rowBytes(width)));
}

void PackedEncoder::pack(size_t id, const float* encoder, const float* bias, const double* by) {
  Norms largest;
  double most = 0, mostScale = by == nullptr ? 1 : 0;
  for (size_t p = id; p < panelsOf(features, screen.panelB); p += threads) {
    const size_t from = p * screen.panelB;
    const size_t n = std::min(screen.panelB, features - from);
    screen.packB(encoder + from * width, n, width, 1, panels.as() + from * screen.rowBytes(width));
    for (size_t i = from; i < from + n; i++) {
      Norms row;
      screen.rowNorms(encoder + i * width, width, 1, &row.norm, &row.lost);
      largest.widen(row);
      most = std::max(most, std::fabs(static_cast<double>(bias[i])));
      if (by == nullptr) continue;
      mostScale = by[i] > mostScale || by[i] != by[i] ? by[i] : mostScale;
      roundedScales[i] = static_cast<float>(by[i]);
      scaledBias[i] = static_cast<float>(by[i]) * bias[i];
    }
  }
  normsOf_[id] = largest;
  biasOf_[id] = most;
  scaleOf_[id] = mostScale;
  if (id == 0) scales = by;
}

void PackedEncoder::gather() {
  norms = {};
  for (const Norms& part : normsOf_) norms.widen(part);
  bias = *std::max_element(biasOf_.begin(), biasOf_.end());
  scale = 0;
  for (const double part : scaleOf_) scale = part > scale || part != part ? part : scale;
}

double PackedEncoder::rankError(const Norms& row) const { return rankError(row, norms); }

double PackedEncoder::float32RankError(double norm) const { return rankError({norm, 0}, {norms.norm, 0}); }

double PackedEncoder::rankError(const Norms& row, const Norms& own) const {
  const double reach = (row.norm + row.lost) * (own.norm + own.lost) + bias;
  // Values that float32 cannot hold have no bound.
  if (!(reach < 1e30) || !(reach * scale < 1e30)) return HUGE_VAL;
  const double error = screeningError(row, own, width);
  return scales == nullptr ? error + 0x1p-22 * reach : scale * (error + 0x1p-21 * reach) + 0x1p-140;
}

}  // namespace reseed

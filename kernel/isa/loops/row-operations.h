// What is done to single rows: squares, residuals, projection and scaling, with sums in eight lanes; cosines from products.
#pragma once
#include "isa/loops/float64-lanes.h"

namespace reseed {
namespace {

double weighResidual(const float* __restrict r, size_t d, double weight, float* __restrict out) {
  LaneSums squares;
  size_t j = 0;
  for (; j + 8 <= d; j += 8) {
    for (size_t q = 0; q < LaneSums::parts; q++) {
      const Part v = partOf(r + j + partLanes * q);
      squares.add(q, v * v);
      storeFloats(out + j + partLanes * q, v * weight);
    }
  }
  double last[8];
  for (size_t l = 0; j + l < d; l++) {
    const double v = r[j + l];
    last[l] = v * v;
    out[j + l] = static_cast<float>(v * weight);
  }
  return squares.with(last, d - j);
}

/** Σ v² in eight lanes. */
template <class T>
double squareSum(const T* v, size_t d) {
  LaneSums squares;
  size_t j = 0;
  for (; j + 8 <= d; j += 8) {
    for (size_t q = 0; q < LaneSums::parts; q++) {
      const Part x = partOf(v + j + partLanes * q);
      squares.add(q, x * x);
    }
  }
  double last[8];
  for (size_t l = 0; j + l < d; l++) last[l] = static_cast<double>(v[j + l]) * static_cast<double>(v[j + l]);
  return squares.with(last, d - j);
}

double squares(const double* v, size_t d) { return squareSum(v, d); }

double rowSquares(const float* row, size_t d) { return squareSum(row, d); }

template <class T>
inline void projectAlong(T* __restrict gradient, const float* __restrict row, size_t d) {
  const double square = squareSum(row, d);
  if (square == 0) return;
  LaneSums along;
  size_t j = 0;
  for (; j + 8 <= d; j += 8) {
    for (size_t q = 0; q < LaneSums::parts; q++) {
      along.add(q, partOf(gradient + j + partLanes * q) * partOf(row + j + partLanes * q));
    }
  }
  double last[8];
  for (size_t l = 0; j + l < d; l++) last[l] = static_cast<double>(gradient[j + l]) * static_cast<double>(row[j + l]);
  const double share = along.with(last, d - j) / square;
  for (j = 0; j < d; j++) {
    gradient[j] = static_cast<T>(static_cast<double>(gradient[j]) - share * static_cast<double>(row[j]));
  }
}

void projectRow(double* gradient, const float* row, size_t d) { projectAlong(gradient, row, d); }

void projectRow32(float* gradient, const float* row, size_t d) { projectAlong(gradient, row, d); }

void normaliseRow(float* row, size_t d) {
  const double square = squareSum(row, d);
  if (square == 0 || std::fabs(square - 1) <= 0x1p-22) return;
  const double scale = 1 / std::sqrt(square);
  for (size_t j = 0; j < d; j++) row[j] = static_cast<float>(static_cast<double>(row[j]) * scale);
}

void cosines(const double* __restrict sums, double norm, const double* __restrict norms, size_t n,
             double* __restrict out) {
  for (size_t j = 0; j < n; j++) out[j] = sums[j] / (norm * norms[j]);
}

}  // namespace
}  // namespace reseed

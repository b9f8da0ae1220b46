// Eigenvectors of a symmetric tridiagonal matrix by inverse iteration.
#pragma once
#include <optional>
#include <vector>

#include "spectrum/tridiagonal.h"

namespace reseed {

/** Vectors of the r largest of the ascending `values`, as columns [n][r]; nothing where one does not settle. */
std::optional<std::vector<double>> inverseIteration(const Tridiagonal& t, const std::vector<double>& values, size_t r);

}  // namespace reseed

// Eigenvectors from the tridiagonal form: few brought back through the reflections, or all by rotations.
#pragma once
#include <vector>

#include "spectrum/strips.h"
#include "spectrum/tridiagonal.h"

namespace reseed {

/**
 * The columns of z [n][r] times Q, as the rows of `vectors` [r × n].
 * @return false when stopped
 */
bool reflectBack(const Strips& strips, size_t threads, Stop stop, const Tridiagonal& t, const std::vector<double>& z,
                 size_t r, double* vectors);

/**
 * All eigenvalues, ascending, and the vectors of the r largest as rows [r × n], the largest first.
 * @return false when stopped @throws std::runtime_error
 */
bool eigenvectorsByRotation(const Strips& strips, size_t threads, Stop stop, const Tridiagonal& t, size_t r,
                std::vector<double>& values, double* vectors);

}  // namespace reseed

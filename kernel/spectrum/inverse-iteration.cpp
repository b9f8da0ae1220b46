// Eigenvectors of a symmetric tridiagonal matrix by inverse iteration, as portable/inverse-iteration.ts has it.
#include "spectrum/inverse-iteration.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace reseed {
namespace {

constexpr int mostRounds = 12;

using Values = std::vector<double>;

void fillStart(Values& z, size_t k) {
  uint32_t word = static_cast<uint32_t>((k + 1) * 0x9e37 + 1);
  for (double& entry : z) {
    word ^= word << 13;
    word ^= word >> 17;
    word ^= word << 5;
    entry = static_cast<int32_t>(word) / 2147483648.0;
  }
}

/** To length 1; returns the length before. */
double normalise(Values& z) {
  double largest = 0, sum = 0;
  for (const double entry : z) largest = std::max(largest, std::fabs(entry));
  for (double& entry : z) {
    entry /= largest;
    sum += entry * entry;
  }
  const double length = std::sqrt(sum), scale = 1 / length;
  for (double& entry : z) entry *= scale;
  return largest * length;
}

/** z less its parts along the first k columns of `out`, twice, and to length 1; returns what the second time left of 1. */
double orthogonalise(Values& z, const Values& out, size_t r, size_t k, Values& parts) {
  double length = normalise(z);
  for (int pass = 0; pass < 2; pass++) {
    std::fill_n(parts.begin(), k, 0.0);
    double* part = parts.data();
    for (size_t t = 0; t < z.size(); t++) {
      const double* row = out.data() + t * r;
      for (size_t i = 0; i < k; i++) part[i] += row[i] * z[t];
    }
    for (size_t t = 0; t < z.size(); t++) {
      const double* row = out.data() + t * r;
      double sum = 0;
      for (size_t i = 0; i < k; i++) sum += row[i] * part[i];
      z[t] -= sum;
    }
    length = normalise(z);
  }
  return length;
}

double residual(const Values& d, const Values& e, double value, const Values& z) {
  double sum = 0;
  for (size_t t = 0; t < d.size(); t++) {
    double y = (d[t] - value) * z[t];
    if (t > 0) y += e[t - 1] * z[t - 1];
    if (t + 1 < d.size()) y += e[t] * z[t + 1];
    sum += y * y;
  }
  return std::sqrt(sum);
}

/** T − λ = P·L·U: two diagonals above that of U, the multipliers of L, and which rows were exchanged. */
class Factors {
 public:
  Factors(size_t n, double smallestPivot) : rows_(n), smallestPivot_(smallestPivot) {}

  void factor(const Values& d, const Values& e, double value) {
    const size_t n = d.size();
    double pivot = d[0] - value, upper = n > 1 ? e[0] : 0;
    for (size_t t = 0; t + 1 < n; t++) {
      const double below = e[t], diagonal = d[t + 1] - value, right = t + 2 < n ? e[t + 1] : 0;
      if (std::fabs(pivot) >= std::fabs(below)) {
        if (pivot == 0) pivot = smallestPivot_;
        const double m = below / pivot;
        rows_[t] = {pivot, upper, 0, m, false};
        pivot = diagonal - m * upper;
        upper = right;
      } else {
        const double m = pivot / below;
        rows_[t] = {below, diagonal, right, m, true};
        pivot = upper - m * diagonal;
        upper = -m * right;
      }
    }
    rows_[n - 1] = {std::fabs(pivot) < smallestPivot_ ? smallestPivot_ : pivot, 0, 0, 0, false};
  }

  /** z ← (T − λ)⁻¹ z */
  void solve(Values& z) const {
    const size_t n = z.size();
    for (size_t t = 0; t + 1 < n; t++) {
      if (rows_[t].exchanged) {
        const double kept = z[t];
        z[t] = z[t + 1];
        z[t + 1] = kept - rows_[t].multiplier * z[t];
      } else {
        z[t + 1] -= rows_[t].multiplier * z[t];
      }
    }
    for (size_t t = n; t-- > 0;) {
      double y = z[t];
      if (t + 1 < n) y -= rows_[t].upper * z[t + 1];
      if (t + 2 < n) y -= rows_[t].upper2 * z[t + 2];
      z[t] = y / rows_[t].pivot;
    }
  }

 private:
  struct Row {
    double pivot, upper, upper2, multiplier;
    bool exchanged;
  };
  std::vector<Row> rows_;
  double smallestPivot_;
};

}  // namespace

std::optional<std::vector<double>> inverseIteration(const Tridiagonal& t, const std::vector<double>& values, size_t r) {
  const size_t n = t.n;
  const double size = rowNorm(t), enough = 8 * static_cast<double>(n) * 0x1p-52 * size;
  Values out(n * r), z(n), parts(r);
  Factors factors(n, size * 0x1p-52);
  for (size_t k = 0; k < r; k++) {
    const double value = values[n - 1 - k];
    factors.factor(t.diagonal, t.off, value);
    fillStart(z, k);
    orthogonalise(z, out, r, k, parts);
    bool settled = false;
    for (int round = 0;; round++) {
      if (round == mostRounds) return std::nullopt;
      factors.solve(z);
      const bool orthogonal = orthogonalise(z, out, r, k, parts) >= 0.5;
      const bool solved = residual(t.diagonal, t.off, value, z) <= enough;
      if (settled && solved && orthogonal) break;
      settled = solved;
    }
    for (size_t s = 0; s < n; s++) out[s * r + k] = z[s];
  }
  return out;
}

}  // namespace reseed

// Implicit QL and QR steps that make a symmetric tridiagonal matrix diagonal, as portable/implicit-ql.ts has them.
#pragma once
#include <vector>

#include "spectrum/tridiagonal.h"

namespace reseed {

/** Rotations of rows start + direction·k and the next one in that direction, from the last k to 0. */
struct Sweep {
  ptrdiff_t start;
  int direction;
  size_t count;
  /** [n] with room for the most that there can be */
  double *cosines, *sines;
};

class ImplicitSteps {
 public:
  explicit ImplicitSteps(const Tridiagonal& t);

  /** Finds what the next step works on; false when T is diagonal or the steps have run out. */
  bool find();
  /** QL 1, QR −1: what the step that was found will be. */
  int direction() const { return direction_; }
  /** Takes that step. */
  void step(Sweep& sweep);
  /** @throws std::runtime_error when the steps have run out */
  void requireDone() const;
  /** [n] the eigenvalues, in no order, once there are no more steps; none is −0 */
  std::vector<double> values() const;

 private:
  bool cut(size_t i);

  std::vector<double> d_, e_;
  double negligible_;
  size_t first_, last_, left_;
  int direction_ = 1;
};

/** All eigenvalues, ascending. @throws std::runtime_error */
std::vector<double> eigenvaluesOf(const Tridiagonal& t);

}  // namespace reseed

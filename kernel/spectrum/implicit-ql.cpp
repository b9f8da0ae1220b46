// The steps of portable/implicit-ql.ts, to the last bit; why they are as they are is said there.
#include "spectrum/implicit-ql.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace reseed {
namespace {

constexpr double negligible = 0x1p-53, nothing = 0x1p-500;
constexpr size_t mostSteps = 60;

}  // namespace

ImplicitSteps::ImplicitSteps(const Tridiagonal& t)
    : d_(t.diagonal), e_(t.off), negligible_(negligible * rowNorm(t)), first_(t.n), last_(t.n - 1),
      left_(mostSteps * t.n) {}

bool ImplicitSteps::find() {
  size_t last = last_;
  while (last > 0 && cut(last - 1)) last--;
  if (last == 0 || left_ == 0) return false;
  size_t first = last - 1;
  while (first > 0 && !cut(first - 1)) first--;
  if (last < first_) direction_ = std::fabs(d_[last]) >= std::fabs(d_[first]) ? 1 : -1;
  first_ = first;
  last_ = last;
  return true;
}

bool ImplicitSteps::cut(size_t i) {
  const double size = std::fabs(e_[i]);
  const double neighbours = std::fabs(d_[i]) + std::fabs(d_[i + 1]);
  if (size > negligible_ && size > negligible * neighbours) return false;
  e_[i] = 0;
  return true;
}

void ImplicitSteps::step(Sweep& sweep) {
  left_--;
  const ptrdiff_t to = direction_;
  sweep.direction = direction_;
  sweep.start = static_cast<ptrdiff_t>(to > 0 ? first_ : last_);
  sweep.count = last_ - first_;
  double* d = d_.data() + sweep.start;
  // e[to·k] couples rows k and k+1, counted from the start.
  double* e = e_.data() + (to > 0 ? first_ : last_ - 1);
  const ptrdiff_t count = static_cast<ptrdiff_t>(sweep.count);
  const double half = (d[to] - d[0]) / (2 * e[0]);
  const double root = std::sqrt(half * half + 1);
  double g = d[to * count] - d[0] + e[0] / (half + (half < 0 ? -root : root));
  double sine = 1, cosine = 1, p = 0;
  for (ptrdiff_t k = count - 1; k >= 0; k--) {
    const ptrdiff_t at = to * k;
    const double f = sine * e[at], b = cosine * e[at];
    const double r = std::sqrt(f * f + g * g);
    const bool turns = r >= nothing;
    if (k + 1 < count) e[at + to] = turns ? r : 0;
    sine = turns ? f / r : 0;
    cosine = turns ? g / r : 1;
    sweep.sines[k] = sine;
    sweep.cosines[k] = cosine;
    g = d[at + to] - p;
    const double turn = (d[at] - g) * sine + 2 * cosine * b;
    p = sine * turn;
    d[at + to] = g + p;
    g = cosine * turn - b;
  }
  d[0] -= p;
  e[0] = g;
}

void ImplicitSteps::requireDone() const {
  if (left_ == 0 && std::any_of(e_.begin(), e_.end(), [](double e) { return e != 0; })) {
    throw std::runtime_error("an eigenvalue does not converge");
  }
}

std::vector<double> ImplicitSteps::values() const {
  std::vector<double> out = d_;
  for (double& value : out) value += 0.0;
  return out;
}

std::vector<double> eigenvaluesOf(const Tridiagonal& t) {
  ImplicitSteps steps(t);
  std::vector<double> cosines(t.n), sines(t.n);
  Sweep sweep{0, 1, 0, cosines.data(), sines.data()};
  while (steps.find()) steps.step(sweep);
  steps.requireDone();
  std::vector<double> values = steps.values();
  std::sort(values.begin(), values.end());
  return values;
}

}  // namespace reseed

// The normal distribution whose directions, at length 1, have a given second moment.
//
// Directions x/‖x‖ of x ~ N(0, Λ) (angular central Gaussian) have a second moment with the eigenvectors of Λ and
// eigenvalues m_i = E[λ_i·g_i²/Σ λ_k·g_k²] = ∫₀^∞ λ_i/(1 + 2tλ_i)·Π_k (1 + 2tλ_k)^{−½} dt, which are nearer to each other
// than the λ_i. Given m, λ_i ← λ_i·m_i/m_i(λ) is repeated until the two agree; with two eigenvalues each step halves
// the logarithm of what the ratio λ₁/λ₂ is off by, since there m₁/m₂ = √(λ₁/λ₂). Source of the distribution: Tyler,
// "Statistical analysis for the angular central Gaussian distribution on the sphere", Biometrika 74(3), 1987.

/** Steps of ln t; the integrand falls off at both ends, so the trapezoid rule is nearly exact. */
const grid = { from: -30, to: 60, step: 0.25 } as const;

/** Of each eigenvalue of the second moment. */
const closeEnough = 1e-9;
const mostRounds = 200;

/**
 * Eigenvalues λ of the normal distribution, with sum 1, for eigenvalues `moment` of the second moment of its
 * directions: both [n], none negative; where one is 0 so is the other.
 */
export function angularGaussianSpectrum(moment: Float64Array): Float64Array {
  const wanted = scaledToSum(moment);
  let lambda = wanted;
  for (let round = 0; round < mostRounds; round++) {
    const found = secondMoment(lambda);
    if (wanted.every((m, i) => Math.abs(found[i] - m) <= closeEnough * m)) break;
    lambda = scaledToSum(lambda.map((value, i) => (value > 0 ? (value * wanted[i]) / found[i] : 0)));
  }
  return lambda;
}

/** Eigenvalues [n] of the second moment of the directions of N(0, λ), with sum 1. */
export function secondMoment(lambda: Float64Array): Float64Array {
  const moment = new Float64Array(lambda.length);
  for (let s = grid.from; s <= grid.to; s += grid.step) {
    const t = Math.exp(s) / sum(lambda);
    const product = Math.exp(-0.5 * lambda.reduce((total, value) => total + Math.log1p(2 * t * value), 0));
    for (let i = 0; i < lambda.length; i++) {
      moment[i] += (t * product * lambda[i]) / (1 + 2 * t * lambda[i]);
    }
  }
  return scaledToSum(moment);
}

function scaledToSum(values: Float64Array): Float64Array {
  const total = sum(values);
  return values.map((value) => value / total);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

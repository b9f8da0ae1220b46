// Logarithms of the gamma and beta functions, without the cancellation that large arguments bring.
//
// lnΓ(z) = (z − ½)·ln z − z + ½·ln 2π + Δ(z), Δ the Stirling series, used for z ≥ 10; smaller z are moved up
// by Γ(z + 1) = z·Γ(z). Source: NIST DLMF 5.11.1 (series) and 5.5.1 (recurrence).

const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);

/** The Stirling series needs arguments of at least this. */
export const asymptotic = 10;

/** Δ(z) for z ≥ 10: what Stirling's formula leaves over, to 1e-16. */
export function stirlingRest(z: number): number {
  const u = 1 / (z * z);
  const tail = 1 / 1188 + u * (-691 / 360360 + u / 156);
  return (1 / 12 + u * (-1 / 360 + u * (1 / 1260 + u * (-1 / 1680 + u * tail)))) / z;
}

/** lnΓ(z) for z > 0. */
export function logGamma(z: number): number {
  let product = 1;
  let at = z;
  while (at < asymptotic) product *= at++;
  return (at - 0.5) * Math.log(at) - at + halfLogTwoPi + stirlingRest(at) - Math.log(product);
}

/** ln B(a, b) for a, b > 0; the large terms of lnΓ(b) − lnΓ(a + b) are cancelled by hand. */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  const sum = small + large;
  if (large < asymptotic) return logGamma(small) + logGamma(large) - logGamma(sum);
  const stretch = -large * Math.log1p(small / large);
  const rest = stirlingRest(large) - stirlingRest(sum);
  if (small < asymptotic) {
    return logGamma(small) + stretch + small * (1 - Math.log(sum)) + 0.5 * Math.log1p(small / large) + rest;
  }
  const shrink = (small - 0.5) * Math.log(small / sum) - 0.5 * Math.log(large);
  return halfLogTwoPi + stretch + shrink + stirlingRest(small) + rest;
}

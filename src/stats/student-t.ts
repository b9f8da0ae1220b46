// Quantiles of Student's t distribution.
//
// P(|T| ≤ t) = I_{t²/(ν + t²)}(½, ν/2) for ν degrees of freedom (NIST DLMF 8.17, Student's t); inverted by
// bisection down to the spacing of float64.
import { ReseedError } from '../errors.js';
import { incompleteBeta } from './incomplete-beta.js';

/**
 * The t with P(T ≤ t) = p, for ν > 0 degrees of freedom.
 * @throws usage.argument unless 0 < p < 1 and ν > 0
 */
export function studentTQuantile(p: number, degrees: number): number {
  if (!(p > 0 && p < 1 && degrees > 0)) {
    throw new ReseedError('usage.argument', 'no such quantile of Student’s t', {
      found: `p = ${p}, degrees of freedom = ${degrees}`,
      expected: '0 < p < 1, degrees of freedom > 0',
    });
  }
  if (p < 0.5) return -studentTQuantile(1 - p, degrees);
  const outside = 2 * (1 - p);
  let low = 0;
  let high = 1;
  while (twoTails(high, degrees) > outside) high *= 2;
  for (;;) {
    const middle = 0.5 * (low + high);
    if (middle === low || middle === high) return middle;
    if (twoTails(middle, degrees) > outside) low = middle;
    else high = middle;
  }
}

/** P(|T| > t). */
function twoTails(t: number, degrees: number): number {
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

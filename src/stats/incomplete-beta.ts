// The regularised incomplete beta function I_x(a, b): the distribution function behind cosines and Student's t.
//
// I_x(a, b) = x^a·(1 − x)^b / (a·B(a, b)) · 1/(1 + d₁/(1 + d₂/(1 + …))), by the modified Lentz method, for x
// below (a + 1)/(a + b + 2); above it by I_x(a, b) = 1 − I_{1−x}(b, a). Source: NIST DLMF 8.17.22 and 8.17.4.
import { ReseedError } from '../errors.js';
import { asymptotic, logBeta, stirlingRest } from './log-beta.js';

/**
 * I_x(a, b) for 0 ≤ x ≤ 1 and a, b > 0; relative error about 1e-13 below the switch of formula.
 * For a small upper tail 1 − I_x(a, b) ask for I_{1−x}(b, a) instead: it does not cancel.
 * @throws usage.argument outside that domain
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(x >= 0 && x <= 1 && a > 0 && b > 0)) {
    throw new ReseedError('usage.argument', 'outside the domain of the incomplete beta function', {
      found: `x = ${x}, a = ${a}, b = ${b}`,
      expected: '0 ≤ x ≤ 1, a > 0, b > 0',
    });
  }
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  return Math.exp(logPower(x, a, b)) / (a * continuedFraction(x, a, b));
}

/** ln of x^a·(1 − x)^b / B(a, b). */
function logPower(x: number, a: number, b: number): number {
  if (Math.min(a, b) < asymptotic) return a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b);
  // Measured from the mode a/(a + b), because there the large logarithms would cancel.
  const shift = x * b - (1 - x) * a;
  const rest = stirlingRest(a + b) - stirlingRest(a) - stirlingRest(b);
  const height = 0.5 * (Math.log(a / (a + b)) + Math.log(b) - Math.log(2 * Math.PI));
  return a * Math.log1p(shift / a) + b * Math.log1p(-shift / b) + height + rest;
}

function continuedFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const awayFromZero = (v: number) => (Math.abs(v) < tiny ? tiny : v);
  let value = 1;
  let c = 1;
  let d = 0;
  for (let i = 1; i < 100_000; i++) {
    const m = i >> 1;
    const top = i % 2 === 0 ? m * (b - m) : -(a + m) * (a + b + m);
    const term = (top * x) / ((a + i - 1) * (a + i));
    d = 1 / awayFromZero(1 + term * d);
    c = awayFromZero(1 + term / c);
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return value;
}

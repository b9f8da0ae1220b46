// One best |cosine| among random directions, drawn without drawing the directions.
//
// Rotate so that the direction that looks for a partner is the first axis: its cosine with x ~ N(0, I_d) is x₁/‖x‖, and
// ‖x‖² − x₁² is χ² with d − 1 degrees of freedom, independent of x₁. So two numbers stand for a direction, which is
// the same in distribution as drawing all d, and knows nothing of the incomplete beta function.
// χ²_k = 2·Gamma(k/2) by Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26(3), 2000.
import type { Rng } from '../../tensor/rng.js';

/** The largest |cosine| of a direction among `features` ≥ 1 random directions in `width` dimensions. */
export function drawBestCosine(width: number, features: number, rng: Rng): number {
  if (width === 1) return 1;
  const least = neverBelow(width - 1);
  // |cosine| grows with x₁² over the rest.
  let best = 0;
  for (let i = 0; i < features; i++) {
    const first = rng.normal() ** 2;
    // Nearly all are too short along the first axis, whatever the rest is.
    if (first > best * least) best = Math.max(best, first / chiSquare(width - 1, rng));
  }
  return Math.sqrt(best / (1 + best));
}

/**
 * What χ²_k falls below less than once in 2⁶⁰ times, which a uniform number of 53 bits cannot tell from never:
 * P(χ²_k < k·r) ≤ exp(−(k/2)·(r − 1 − ln r)) for r < 1 (Chernoff).
 */
function neverBelow(k: number): number {
  const needed = (2 * 60 * Math.LN2) / k;
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const r = 0.5 * (low + high);
    if (r - 1 - Math.log(r) > needed) low = r;
    else high = r;
  }
  return k * low;
}

function chiSquare(degrees: number, rng: Rng): number {
  if (degrees === 1) return rng.normal() ** 2;
  const d = degrees / 2 - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = rng.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - rng.uniform();
    if (Math.log(u) < 0.5 * x * x + d * (1 - v + Math.log(v))) return 2 * d * v;
  }
}

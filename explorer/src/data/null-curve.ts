// How the best |cosine| among F random directions is distributed: the null that stands behind the histogram.
//
// For directions anywhere on the sphere in d dimensions P(best ≤ t) = (1 − S(t))^F, S(t) = P(|cosine| > t) of one, whose
// density is ∝ (1 − t²)^((d − 3)/2). S is integrated from 1 downwards, so that small tails are exact.

const steps = 4000;

/** [bins] share of features whose best |cosine| falls into each of equal bins from 0 to 1, by chance. */
export function bestByChance(d: number, features: number, bins: number): Float64Array {
  const density = (t: number) => Math.max(0, 1 - t * t) ** ((d - 3) / 2);
  const tail = new Float64Array(steps + 1);
  for (let i = steps - 1; i >= 0; i--) {
    const [a, b] = [i / steps, (i + 1) / steps];
    // Simpson's rule.
    tail[i] = tail[i + 1] + (density(a) + 4 * density((a + b) / 2) + density(b)) / (6 * steps);
  }
  const below = (t: number) => {
    const at = Math.min(steps - 1, Math.floor(t * steps));
    const within = t * steps - at;
    const s = (tail[at] * (1 - within) + tail[at + 1] * within) / tail[0];
    return s >= 1 ? 0 : Math.exp(features * Math.log1p(-s));
  };
  return Float64Array.from({ length: bins }, (_, bin) => below((bin + 1) / bins) - below(bin / bins));
}

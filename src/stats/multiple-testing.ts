// False-discovery rates: Benjamini–Hochberg adjusted p-values.
//
// With p₍₁₎ ≤ … ≤ p₍ₘ₎, q₍ₖ₎ = min over j ≥ k of p₍ⱼ₎·m/j, at most 1. Rejecting where q ≤ α keeps the expected share of
// false rejections at or under α for p-values that are independent or positively dependent.
// Source: Benjamini and Hochberg, "Controlling the false discovery rate", JRSS B 57(1), 1995.
import { ReseedError } from '../errors.js';

/**
 * Adjusted p-values ("q-values") [n], in the order of `p` [n].
 * @param tests m, where further tests that are not listed have p-values larger than all of these
 * @throws usage.argument unless every p is in [0, 1]
 */
export function benjaminiHochberg(p: ArrayLike<number>, tests = p.length): Float64Array {
  const n = p.length;
  const m = Math.max(n, tests);
  for (let i = 0; i < n; i++) {
    if (p[i] >= 0 && p[i] <= 1) continue;
    throw new ReseedError('usage.argument', 'not a p-value', {
      field: `p[${i}]`,
      found: String(p[i]),
      expected: '0 … 1',
    });
  }
  const largestFirst = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => p[b] - p[a]);
  const q = new Float64Array(n);
  let least = 1;
  largestFirst.forEach((at, above) => {
    least = Math.min(least, (p[at] * m) / (n - above));
    q[at] = least;
  });
  return q;
}

// GT-match: how much of a true dictionary an SAE has found, where the truth is known because it was planted.
//
// match = (1/P) Σ cos(D_i, A_π(i)), π the assignment of P = min(F, n) pairs of decoder row and true feature with the
// largest sum, signed. recovered(t) = share of the n true features whose partner has a cosine ≥ t: a row counts for one
// feature only, and a feature without a partner is not recovered. Wide SAEs have rows to spare, of which `match` does not
// take notice; narrow ones cannot recover more than F/n.
// Source: Song et al. 2025, GT-MCC (there with F = n); the one-to-one score between SAEs is the same, decoder.matched.
import { ReseedError } from '../errors.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { directionMatched } from '../metrics/pairs/matched.js';
import type { Member } from '../sae/member.js';
import { type Matrix, rowNorms } from '../tensor/matrix.js';

export interface TruthMatch {
  readonly id: string;
  /** Mean signed cosine over the pairs, −1 … 1. */
  readonly match: number;
  /** [n] signed cosine of each true feature with its partner, −1 … 1; 0 where it has none */
  readonly cosines: Float64Array;
  /** [n] decoder row that is the partner of each true feature; −1 = none */
  readonly partners: Int32Array;
}

/**
 * Matches each SAE with its own truth. Undefined for an SAE whose decoder has no direction at all.
 * @param truths one for each member [n×d]; members that read the same world have the same one
 * @throws input.shape when a dictionary and its decoder differ in d, or truths are missing or have rows of length 0
 */
export async function groundTruth(
  members: readonly Member[],
  truths: readonly Matrix[],
  kernel: Kernel,
  options: WorkOptions = {},
): Promise<(TruthMatch | undefined)[]> {
  if (truths.length !== members.length) {
    throw new ReseedError('input.shape', 'each SAE needs a true dictionary', {
      found: `${truths.length} dictionaries`,
      expected: String(members.length),
    });
  }
  const out: (TruthMatch | undefined)[] = [];
  for (const [i, { id, sae }] of members.entries()) {
    requireDirections(truths[i], id);
    const sets = [
      { id: `the truth of ${id}`, rows: truths[i] },
      { id, rows: sae.decoder },
    ];
    const scores = await directionMatched('decoder.matched', sets, kernel, options);
    if (!scores) {
      out.push(undefined);
      continue;
    }
    const [{ value }] = scores.pairs;
    const [{ aToB }] = scores.matches;
    out.push({ id, match: value, cosines: aToB.best, partners: aToB.partner });
  }
  return out;
}

/** Share of the true features with a partner of at least this cosine, 0 … 1. */
export function recovered({ cosines }: TruthMatch, threshold: number): number {
  return cosines.filter((cosine) => cosine >= threshold).length / cosines.length;
}

/**
 * What two SAEs have truly found in common: features that both worlds have and both SAEs recovered, as a share of a
 * world's. At most their overlap; equal to it where both recovered all that is shared.
 * @param shared the first so many features are the same in both worlds
 */
export function recoveredByBoth(a: TruthMatch, b: TruthMatch, shared: number, threshold: number): number {
  let both = 0;
  for (let i = 0; i < shared; i++) {
    if (a.cosines[i] >= threshold && b.cosines[i] >= threshold) both++;
  }
  return both / a.cosines.length;
}

function requireDirections(truth: Matrix, id: string): void {
  const at = rowNorms(truth).indexOf(0);
  if (at < 0 && truth.rows > 0) return;
  throw new ReseedError('input.shape', 'a true feature has no direction', {
    field: `the truth of ${id}`,
    found: truth.rows === 0 ? 'no features' : `feature ${at} of length 0`,
  });
}

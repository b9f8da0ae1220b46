// The row-permutation null: what codes that fire just as often and as strongly, but on unrelated rows, give.
//
// The rows of every member's codes but the first are put in an independent random order and the group's mean
// is measured again. Firing rates, code sizes and co-firing within an SAE stay; agreement between SAEs goes.
import type { WorkOptions } from '../kernel/interface.js';
import { activationScores, codesOf } from '../similarity/activation.js';
import type { Member } from '../similarity/metric.js';
import type { DetailedScores } from '../similarity/pair-loop.js';
import { mean, sampleSd } from '../stats/summary.js';
import { Rng } from '../tensor/rng.js';
import { takeCodeRows } from '../tensor/sparse-codes.js';
import { type DrawOptions, requireDraws } from './draws.js';
import { type Null, nullBand } from './null.js';

export interface RowPermutationNulls {
  /** Of `activation.max`. */
  readonly all: Null;
  /** Of `activation.max.live`; absent where some member has no live feature. */
  readonly live?: Null;
  /** Of `activation.matched.live`; absent where that cannot be scored. */
  readonly matched?: Null;
}

/**
 * Undefined where some member has no codes, or below two members.
 * @throws usage.argument below two draws; input.shape when the codes are not of the same rows
 */
export async function rowPermutationNull(
  members: readonly Member[],
  { kernel, seed, draws, signal }: DrawOptions,
): Promise<RowPermutationNulls | undefined> {
  requireDraws(draws);
  const group = codesOf(members);
  if (!group) return undefined;
  const all: number[] = [];
  const live: number[] = [];
  const options: WorkOptions = signal ? { signal } : {};
  for (let draw = 0; draw < draws; draw++) {
    const permuted = group.map(({ id, codes }, i) => {
      const order = new Rng(seed, 'null', 'row-permutation', draw, i).permutation(codes.rows);
      return { id, codes: i === 0 ? codes : takeCodeRows(codes, order) };
    });
    const scores = await activationScores(permuted, kernel, options);
    if (!scores) return undefined;
    all.push(groupMean(scores.all));
    if (scores.live) live.push(groupMean(scores.live));
  }
  const band = (values: number[]) =>
    nullBand('row-permutation', mean(values), sampleSd(values), draws, false);
  return { all: band(all), ...(live.length > 0 ? { live: band(live) } : {}) };
}

function groupMean(scores: DetailedScores): number {
  return mean(scores.pairs.map((pair) => pair.value));
}

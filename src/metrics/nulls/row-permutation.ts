// The row-permutation null: what codes that fire just as often and as strongly, but on unrelated rows, give.
//
// The rows of every member's codes but the first are put in an independent random order and the group's mean
// is measured again. Firing rates, code sizes and co-firing within an SAE stay; agreement between SAEs goes.
// A pair sees only the order of one relative to the other. Of any two pairs these orders are independent and uniform, so
// the scores of two pairs are independent, and the one-to-one score, which takes long, is drawn pair by pair.
import type { WorkOptions } from '../../kernel/interface.js';
import { mean } from '../../stats/summary.js';
import { Rng } from '../../tensor/rng.js';
import { takeCodeRows } from '../../tensor/sparse-codes.js';
import type { Member } from '../metric.js';
import { activationScores, codesOf } from '../pairs/activation.js';
import { activationMatched } from '../pairs/activation-matched.js';
import type { DetailedScores } from '../pairs/pair-loop.js';
import { drawScores } from './draw-scores.js';
import { type DrawOptions, requireDraws } from './draws.js';
import { drawnFrom, drawnNull, type Null } from './null.js';

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
  const matched = await matchedNull(members, { kernel, seed, draws, ...options });
  const band = (values: number[]) => drawnNull('row-permutation', drawnFrom(values));
  return {
    all: band(all),
    ...(live.length > 0 ? { live: band(live) } : {}),
    ...(matched ? { matched } : {}),
  };
}

async function matchedNull(
  members: readonly Member[],
  { kernel, seed, draws, signal }: DrawOptions,
): Promise<Null | undefined> {
  const work: WorkOptions = signal ? { signal } : {};
  // Asks whether there is a score without assigning anything.
  const remember = async () => ({ partner: [], value: [], gap: 0 });
  if (!(await activationMatched(members, kernel, { ...work, remember }))) return undefined;
  const [drawn] = await drawScores(
    {
      stream: 'row-permutation/matched',
      labels: [...members.keys()],
      make: (at, rng) => {
        const { codes, ...member } = members[at];
        return { ...member, codes: takeCodeRows(codes!, rng.permutation(codes!.rows)) };
      },
      score: async (a, b) => {
        const scores = await activationMatched([a, b], kernel, work);
        return [scores!.pairs[0].value];
      },
      whole: false,
    },
    { seed, draws, ...work },
  );
  return drawnNull('row-permutation', drawn);
}

function groupMean(scores: DetailedScores): number {
  return mean(scores.pairs.map((pair) => pair.value));
}

// The row-permutation null: what codes that fire just as often and as strongly, but on unrelated rows, give.
//
// The rows of every member's codes but the first are put in an independent random order and the group's mean
// is measured again. Firing rates, code sizes and co-firing within an SAE stay; agreement between SAEs goes.
// A pair sees only the order of one relative to the other. Of any two pairs these orders are independent and uniform, so
// the scores of two pairs are independent, and the one-to-one score, which takes long, is drawn pair by pair.
import type { WorkOptions } from '../../kernel/interface.js';
import type { Member } from '../../sae/member.js';
import { mean } from '../../stats/summary.js';
import { Rng } from '../../tensor/rng.js';
import { liveFeatures, takeCodeRows } from '../../tensor/sparse-codes.js';
import { drawScores } from '../draws/draw-scores.js';
import { type DrawOptions, requireDraws } from '../draws/draws.js';
import { activationScores, codesOf } from '../pairs/activation.js';
import { activationMatched } from '../pairs/activation-matched.js';
import type { DetailedScores } from '../pairs/pair-loop.js';
import type { NullModel } from './model.js';
import { drawnFrom, drawnNull, type Null } from './null.js';

export const model: NullModel<'row-permutation'> = {
  kind: 'row-permutation',
  words: {
    name: 'null: permuted rows',
    short: 'permuted rows',
    definition:
      'The same codes with the rows of one SAE shuffled: every feature keeps how often and how strongly it fires, ' +
      'and loses when it fires.',
    level: 'by chance',
    rival: 'permuted rows',
  },
  version: 1,
  keeps: [],
  holdsForFewerPairs: true,
  fits: ({ compares }) => compares.of === 'codes',
  level: async ({ compares }, _, context) => {
    if (compares.of !== 'codes') return undefined;
    // Best matches of all and of live features come from the same draws.
    const by = compares.by;
    const nulls = await context.once(`row-permutation/${by}`, () =>
      context.ofGroup(['row-permutation', by], () =>
        by === 'best'
          ? rowPermutationNull(context.members, context.draw)
          : matchedRowPermutationNull(context.members, context.draw),
      ),
    );
    return nulls?.[compares.population];
  },
};

export interface RowPermutationNulls {
  /** Of `activation.max`. */
  readonly all: Null;
  /** Of `activation.max.live`; absent where some member has no live feature. */
  readonly live?: Null;
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
  const band = (values: number[]) => drawnNull('row-permutation', drawnFrom(values));
  return {
    all: band(all),
    ...(live.length > 0 ? { live: band(live) } : {}),
  };
}

/** Of `activation.matched.live`, as `live`; undefined where that cannot be scored. */
export async function matchedRowPermutationNull(
  members: readonly Member[],
  { kernel, seed, draws, signal }: DrawOptions,
): Promise<Partial<RowPermutationNulls> | undefined> {
  const work: WorkOptions = signal ? { signal } : {};
  if (members.some(({ codes }) => !codes || liveFeatures(codes).length === 0)) return undefined;
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
  return { live: drawnNull('row-permutation', drawn) };
}

function groupMean(scores: DetailedScores): number {
  return mean(scores.pairs.map((pair) => pair.value));
}

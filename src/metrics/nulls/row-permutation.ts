// The row-permutation null: what codes that fire just as often and as strongly, but on unrelated rows, give.
//
// The rows of one SAE's codes are put in a random order and the pair is measured again. Firing rates, code sizes and
// co-firing within an SAE stay; agreement between SAEs goes. A pair sees only the order of one relative to the other. Of
// any two pairs these orders are independent and uniform, so the scores of two pairs are independent, and the group is
// drawn pair by pair (draw-scores.ts).
import { defined } from '../../defined.js';
import type { Member } from '../../sae/member.js';
import type { Rng } from '../../tensor/rng.js';
import { liveFeatures, type SparseCodes, takeCodeRows } from '../../tensor/sparse-codes.js';
import { drawScores } from '../draws/draw-scores.js';
import { drawTo } from '../draws/draw-to.js';
import type { DrawOptions } from '../draws/draws.js';
import { activationScores, codesOf, requireSameRows } from '../pairs/activation.js';
import { activationMatched } from '../pairs/activation-matched.js';
import type { NullModel } from './model.js';
import { type Drawn, drawnNull, type Null } from './null.js';

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
  decides: true,
  fits: ({ compares }) => compares.of === 'codes',
  work: ({ id, compares }) => {
    if (id === 'activation.max') return { perGroup: { coFire: 2 } };
    return compares.of === 'codes' && compares.by === 'one-to-one' ? { perGroup: { assignCodes: 2 } } : {};
  },
  level: async ({ compares }, scores, context) => {
    if (compares.of !== 'codes') return undefined;
    // Best matches of all and of live features come from the same draws.
    const by = compares.by;
    const nulls = await context.once(`row-permutation/${by}`, () =>
      context.ofGroup(['row-permutation', by], () =>
        by === 'best'
          ? rowPermutationNull(context.members, drawTo(scores, context.draw))
          : matchedRowPermutationNull(context.members, drawTo(scores, context.draw)),
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
  options: DrawOptions,
): Promise<RowPermutationNulls | undefined> {
  const { kernel, signal } = options;
  const group = codesOf(members);
  if (!group || group.length < 2 || group.some(({ codes }) => codes.features === 0)) return undefined;
  requireSameRows(group);
  const work = defined({ signal });
  const alive = group.every(({ codes }) => liveFeatures(codes).length > 0);
  const [all, live] = await drawPermuted('row-permutation', members, options, async (a, b) => {
    // Both have features, so there are scores.
    const scores = (await activationScores([a, b], kernel, work))!;
    return [scores.all, ...(alive ? [scores.live!] : [])].map(({ pairs: [pair] }) => pair.value);
  });
  const band = (drawn: Drawn) => drawnNull('row-permutation', drawn);
  return { all: band(all), ...(live ? { live: band(live) } : {}) };
}

/** Of `activation.matched.live`, as `live`; undefined where that cannot be scored. */
export async function matchedRowPermutationNull(
  members: readonly Member[],
  options: DrawOptions,
): Promise<Partial<RowPermutationNulls> | undefined> {
  const { kernel, signal } = options;
  if (members.some(({ codes }) => !codes || liveFeatures(codes).length === 0)) return undefined;
  const work = defined({ signal });
  const [drawn] = await drawPermuted('row-permutation/matched', members, options, async (a, b) => {
    const scores = await activationMatched([a, b], kernel, work);
    return [scores!.pairs[0].value];
  });
  return { live: drawnNull('row-permutation', drawn) };
}

type Coded = Member & { readonly codes: SparseCodes };

/** Scores of pairs of which the second has its rows in a random order. */
function drawPermuted(
  stream: string,
  members: readonly Member[],
  { kernel: _, seed, draws, precision, ...work }: DrawOptions,
  score: (a: Coded, b: Coded) => Promise<readonly number[]>,
): Promise<Drawn[]> {
  return drawScores(
    {
      stream,
      labels: [...members.keys()],
      make: (at, rng): { readonly member: Coded; readonly rng: Rng } => ({
        member: { ...members[at], codes: members[at].codes! },
        rng,
      }),
      score: async (a, b) => {
        const { codes } = b.member;
        return score(a.member, { ...b.member, codes: takeCodeRows(codes, b.rng.permutation(codes.rows)) });
      },
      whole: false,
    },
    { seed, draws, precision, ...work },
  );
}

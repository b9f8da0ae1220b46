// The row-permutation null: what codes that fire just as often and as strongly, but on unrelated rows, give.
//
// The rows of one SAE's codes are put in a random order and the pair is measured again. Firing rates, code sizes and
// co-firing within an SAE stay; agreement between SAEs goes. A pair sees only the order of one relative to the other. Of
// any two pairs these orders are independent and uniform, so the scores of two pairs are independent, and the group is
// drawn pair by pair (draw-scores.ts).
import type { WorkOptions } from '../../kernel/interface.js';
import type { Rng } from '../../tensor/rng.js';
import { liveFeatures, type SparseCodes, takeCodeRows } from '../../tensor/sparse-codes.js';
import type { Member } from '../metric.js';
import { activationScores, codesOf, requireSameRows } from '../pairs/activation.js';
import { activationMatched } from '../pairs/activation-matched.js';
import { drawScores } from './draw-scores.js';
import { type DrawOptions, requireDraws } from './draws.js';
import { type Drawn, drawnNull, type Null } from './null.js';

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
  options: DrawOptions,
): Promise<RowPermutationNulls | undefined> {
  requireDraws(options.draws);
  const { kernel, signal } = options;
  const group = codesOf(members);
  if (!group || group.length < 2 || group.some(({ codes }) => codes.features === 0)) return undefined;
  requireSameRows(group);
  const work: WorkOptions = signal ? { signal } : {};
  const alive = group.every(({ codes }) => liveFeatures(codes).length > 0);
  const [all, live] = await drawPermuted('row-permutation', members, options, async (a, b) => {
    // Both have features, so there are scores.
    const scores = (await activationScores([a, b], kernel, work))!;
    return [scores.all, ...(alive ? [scores.live!] : [])].map(({ pairs: [pair] }) => pair.value);
  });
  const matched = (await canMatch(members, options))
    ? await drawPermuted('row-permutation/matched', members, options, async (a, b) => {
        const scores = await activationMatched([a, b], kernel, work);
        return [scores!.pairs[0].value];
      })
    : undefined;
  const band = (drawn: Drawn) => drawnNull('row-permutation', drawn);
  return {
    all: band(all),
    ...(live ? { live: band(live) } : {}),
    ...(matched ? { matched: band(matched[0]) } : {}),
  };
}

/** Whether there is a one-to-one score, without assigning anything. */
async function canMatch(members: readonly Member[], { kernel, signal }: DrawOptions): Promise<boolean> {
  const remember = async () => ({ partner: [], value: [], gap: 0 });
  return (
    (await activationMatched(members, kernel, { ...(signal ? { signal } : {}), remember })) !== undefined
  );
}

type Coded = Member & { readonly codes: SparseCodes };

/** Scores of pairs of which the second has its rows in a random order. */
function drawPermuted(
  stream: string,
  members: readonly Member[],
  { seed, draws, precision, signal }: DrawOptions,
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
    { seed, draws, precision, ...(signal ? { signal } : {}) },
  );
}

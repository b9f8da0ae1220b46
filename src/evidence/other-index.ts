// Best matches that are not the feature of the same index: what is left of a score when runs shared their start.
//
// Runs that start from the same weights take feature i the same way, so that i matches i without either run having
// found it. With that partner barred, what agrees does so in spite of where it started.
import type { Best, BestMatches, Kernel, WorkOptions } from '../kernel/interface.js';
import { codesOf } from '../metrics/pairs/activation.js';
import { directionSides } from '../metrics/pairs/directions.js';
import { type DetailedScores, type Side, scorePairs } from '../metrics/pairs/pair-loop.js';
import type { PairWork } from '../metrics/pairs/unit-rows.js';
import type { Member } from '../sae/member.js';

/** `decoder.max` without partners of the same index. */
export function decoderOtherIndex(
  members: readonly Member[],
  kernel: Kernel,
  { units, ...work }: PairWork = {},
): Promise<DetailedScores | undefined> {
  const { sides, withUnits } = directionSides(
    members.map(({ id, sae }) => ({ id, rows: sae.decoder })),
    units,
  );
  const match = async (i: number, j: number) =>
    barred(await withUnits([i, j], (a, b) => kernel.bestMatches(a, b, work)), sides[i], sides[j]);
  return scorePairs('decoder.max', sides, match, work);
}

/** `activation.max` without partners of the same index; undefined where some member has no codes. */
export async function activationOtherIndex(
  members: readonly Member[],
  kernel: Kernel,
  options: WorkOptions = {},
): Promise<DetailedScores | undefined> {
  const codes = codesOf(members);
  if (!codes) return undefined;
  const sides = codes.map(({ id, codes: { features } }) => ({
    id,
    features: Int32Array.from({ length: features }, (_, i) => i),
    leftOut: 0,
  }));
  const match = async (i: number, j: number) =>
    barred(await kernel.coFiring(codes[i].codes, codes[j].codes, options), sides[i], sides[j]);
  return scorePairs('activation.max', sides, match, options);
}

function barred({ aToB, bToA }: BestMatches, a: Side, b: Side): BestMatches {
  return {
    aToB: { ...aToB, abs: withoutOwnIndex(aToB.abs, a, b) },
    bToA: { ...bToA, abs: withoutOwnIndex(bToA.abs, b, a) },
  };
}

/** The second best where the best has the same index. */
function withoutOwnIndex(best: Best, { features }: Side, { features: others }: Side): Best {
  const own = (i: number) => best.index[i] >= 0 && others[best.index[i]] === features[i];
  return {
    ...best,
    index: best.index.map((at, i) => (own(i) ? best.secondIndex[i] : at)),
    value: best.value.map((value, i) => (own(i) ? best.secondValue[i] : value)),
  };
}

// decoder.jaccard: how far a feature and its best partner have the same neighbours among the features of the other SAE.
//
// For feature i of A with best partner j in B: N(i) the ten decoder rows of B nearest to i by |cosine|, N(j) the ten nearest to
// j, itself among them; |N(i) ∩ N(j)| / |N(i) ∪ N(j)|, averaged over features and both ways round. Of SAEs with more than
// 1024 features over as many, evenly spaced: the mean over both ways is then known to 0.3/√2048 at worst.
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import type { Member } from '../sae/member.js';
import { sideBySide } from '../side-by-side.js';
import { mean } from '../stats/summary.js';
import { type Matrix, takeRows } from '../tensor/matrix.js';
import type { Metric } from './metric.js';
import { directionSides } from './pairs/directions.js';
import { decoderRows } from './pairs/matched.js';
import type { GroupScores } from './pairs/pair-loop.js';
import { pairsOf } from './pairs/pair-scores.js';
import type { PairWork } from './pairs/unit-rows.js';

/** Neighbours that are compared. */
const ten = 10;

/** Features that the mean is taken over, at the most. */
const most = 1024;

export const metric: Metric<'decoder.jaccard'> = {
  id: 'decoder.jaccard',
  family: 'decoder',
  words: {
    name: 'overlap of decoder neighbourhoods',
    short: 'decoder, neighbours',
    definition:
      'For each feature the ten nearest decoder directions of the other SAE, and the ten nearest to its best partner there: ' +
      'the share of them that are in both (Jaccard), averaged over features and both ways round.',
  },
  version: 1,
  needs: [],
  work: { perPair: { match: 0.5 } },
  compares: {
    of: 'directions',
    by: 'whole',
    // Overlaps are read to two digits.
    precision: 2e-3,
    sets: decoderRows,
    score: async (a, b, kernel, work) =>
      0.5 * ((await overlap(a, b, kernel, work)) + (await overlap(b, a, kernel, work))),
  },
  null: 'random-directions',
  measure: ({ members, kernel, work, units }) => decoderJaccard(members, kernel, { units, ...work }),
  control: { signless: true },
};

/** Undefined where some member has no direction. @throws input.shape when the members differ in d */
export async function decoderJaccard(
  members: readonly Member[],
  kernel: Kernel,
  { units, ...work }: PairWork = {},
): Promise<GroupScores | undefined> {
  const { sides, withUnits, atOnce } = directionSides(decoderRows(members), units);
  if (sides.length < 2 || sides.some(({ features }) => features.length === 0)) return undefined;
  const pairs = await sideBySide(pairsOf(sides.length), atOnce, async ([i, j]) => {
    const [aToB, bToA] = await withUnits([i, j], async (a, b) => [
      await overlap(a, b, kernel, work),
      await overlap(b, a, kernel, work),
    ]);
    return { a: sides[i].id, b: sides[j].id, value: 0.5 * (aToB + bToA), aToB, bToA };
  });
  return {
    id: metric.id,
    pairs,
    leftOut: sides.reduce((sum, side) => sum + side.leftOut, 0),
    members: sides.map(({ id }) => id),
    widths: sides.map(({ features }) => features.length),
  };
}

/** Over the features of A [F×d], seen in B [G×d]; both unit rows. */
async function overlap(a: Matrix, b: Matrix, kernel: Kernel, work: WorkOptions): Promise<number> {
  const count = Math.min(most, a.rows);
  const some = takeRows(
    a,
    Int32Array.from({ length: count }, (_, n) => Math.floor((n * a.rows) / count)),
  );
  const options = { absolute: true, ...work };
  const { m, index } = await kernel.nearest(some, b, ten, options);
  const partners = Int32Array.from({ length: count }, (_, i) => index[i * m]);
  const theirs = (await kernel.nearest(takeRows(b, partners), b, ten, options)).index;
  return mean(
    Array.from(partners, (_, i) => {
      const near = new Set(index.subarray(i * m, (i + 1) * m));
      const both = theirs.subarray(i * m, (i + 1) * m).filter((j) => near.has(j)).length;
      return both / (2 * m - both);
    }),
  );
}

// Directions drawn uniformly on the sphere, as many as each SAE has: by formula where the metric has one, else drawn.

import { defined } from '../../defined.js';
import { fillNormals } from '../../tensor/bulk-normals.js';
import { matrix, sharedFloat32, unitRows } from '../../tensor/matrix.js';
import { drawScores } from '../draws/draw-scores.js';
import type { DrawOptions } from '../draws/draws.js';
import type { ComparesDirections, Metric } from '../metric.js';
import type { GroupScores } from '../pairs/pair-loop.js';
import type { NullContext, NullModel } from './model.js';
import { drawnNull, type Null } from './null.js';

export const model: NullModel<'random-directions'> = {
  kind: 'random-directions',
  words: {
    name: 'null: random directions',
    short: 'random directions',
    definition:
      'The same number of directions in the same number of dimensions, drawn uniformly on the sphere. ' +
      'Best matches and one-to-one scores have a formula; what has none is drawn.',
    level: 'by chance',
    rival: 'random directions',
  },
  version: 1,
  keeps: [],
  decides: true,
  fits: ({ compares }) => compares.of === 'directions' || compares.of === 'decoder-and-encoder',
  work: () => ({}),
  level,
};

function level(metric: Metric, { widths }: GroupScores, context: NullContext): Promise<Null | undefined> {
  const { members, draw } = context;
  const d = members[0].sae.decoder.cols;
  // In ascending order, so that the order of the members changes nothing.
  const sorted = [...widths].sort((a, b) => a - b);
  const { chance, compares } = metric;
  const name = chance?.name ?? metric.id;
  return context.ofShape([name, metric.version, d, ...sorted], async () => {
    if (chance) return chance.level(sorted, d, draw);
    return compares.of === 'directions' ? drawnLevel(compares, sorted, d, draw) : undefined;
  });
}

/** The level of a metric of directions that has no formula, drawn as whole sets. */
export async function drawnLevel(
  { score, precision }: ComparesDirections,
  widths: readonly number[],
  d: number,
  draw: DrawOptions,
): Promise<Null> {
  const { kernel, signal } = draw;
  const work = defined({ signal });
  // Two sets are alive at a time, so every draw is written over the one before. New memory can cost more than the draw.
  const held: Float32Array[] = [new Float32Array(0), new Float32Array(0)];
  let turn = 0;
  const storage = (length: number): Float32Array => {
    const at = turn++ % 2;
    if (held[at].length < length) held[at] = sharedFloat32(length);
    return held[at].subarray(0, length);
  };
  const [found] = await drawScores(
    {
      stream: 'random-sets',
      labels: widths,
      make: (member, rng) => {
        const drawn = matrix(widths[member], d, storage(widths[member] * d));
        fillNormals(drawn.data, rng);
        return unitRows(drawn, drawn.data).unit;
      },
      score: async (a, b) => [await score(a, b, kernel, work)],
      whole: false,
    },
    { ...draw, ...defined({ precision }) },
  );
  return drawnNull('random-directions', found);
}

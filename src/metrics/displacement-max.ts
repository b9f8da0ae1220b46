// displacement.max: decoder.max of how far training moved each decoder row, D_final − D_init.
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import type { Member } from '../sae/member.js';
import { subtract } from '../tensor/matrix.js';
import { bestMatchLevel } from './chance/best-match.js';
import type { Metric } from './metric.js';
import { bestScore, type Directions, directionMax } from './pairs/directions.js';
import type { DetailedScores } from './pairs/pair-loop.js';

export const metric: Metric<'displacement.max'> = {
  id: 'displacement.max',
  family: 'displacement',
  words: {
    name: 'displacement score of all features',
    short: 'displacement, all',
    definition:
      'The decoder-based score of what training changed: final minus initial decoder, where the start is known.',
  },
  version: 1,
  needs: ['init'],
  work: { perPair: { match: 1 } },
  compares: { of: 'directions', by: 'best', sets: displacements, score: bestScore },
  null: 'random-directions',
  measure: ({ members, kernel, work }) => displacementMax(members, kernel, work),
  chance: bestMatchLevel,
};

function displacements(members: readonly Member[]): Directions[] | undefined {
  const sets = members.flatMap(({ id, sae, init }) =>
    init ? [{ id, rows: subtract(sae.decoder, init.decoder) }] : [],
  );
  return sets.length < members.length ? undefined : sets;
}

/**
 * Rows that did not move at all have no direction: left out and counted. Undefined where some member's
 * initial weights are unknown, or none of its rows moved.
 * @throws input.shape when initial and final decoder, or two members, differ in shape
 */
export async function displacementMax(
  members: readonly Member[],
  kernel: Kernel,
  options: WorkOptions = {},
): Promise<DetailedScores | undefined> {
  const sets = displacements(members);
  return sets && directionMax('displacement.max', sets, kernel, options);
}

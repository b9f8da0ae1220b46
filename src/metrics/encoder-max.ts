// encoder.max: the best |cosine| between encoder rows, the directions that features read, as in decoder.max.
import type { Kernel } from '../kernel/interface.js';
import type { Member } from '../sae/member.js';
import { bestMatchLevel } from './chance/best-match.js';
import { plantedBestMatches } from './controls/planted.js';
import type { Metric } from './metric.js';
import { bestScore, type Directions, directionMax } from './pairs/directions.js';
import type { DetailedScores } from './pairs/pair-loop.js';
import type { PairWork } from './pairs/unit-rows.js';

export const metric: Metric<'encoder.max'> = {
  id: 'encoder.max',
  family: 'encoder',
  words: {
    name: 'encoder-based score of all features',
    short: 'encoder, all',
    definition: 'decoder.max on encoder directions.',
  },
  version: 1,
  needs: [],
  work: { perPair: { match: 1 } },
  compares: { of: 'directions', by: 'best', sets: encoderSets, score: bestScore },
  null: 'random-directions',
  measure: ({ members, kernel, work, units }) => encoderMax(members, kernel, { units, ...work }),
  chance: bestMatchLevel,
  control: { signless: true, planted: plantedBestMatches('encoder') },
};

/** Rows of the encoder [F × d], without its biases. */
export function encoderSets(members: readonly Member[]): Directions[] {
  return members.map(({ id, sae }) => ({ id, rows: sae.encoder }));
}

/**
 * Undefined where some member has no encoder row with a direction.
 * @throws input.shape when the members differ in d
 */
export async function encoderMax(
  members: readonly Member[],
  kernel: Kernel,
  options: PairWork = {},
): Promise<DetailedScores | undefined> {
  return directionMax('encoder.max', encoderSets(members), kernel, options);
}

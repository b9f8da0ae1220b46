// decoder.max: pairwise mean of the best |cosine| between decoder rows (PWMCC), all features.
import type { Kernel } from '../kernel/interface.js';
import { firingOf, liveOf, type Member } from '../sae/member.js';
import { bestMatchLevel } from './chance/best-match.js';
import type { MetricContext } from './context.js';
import { plantedBestMatches } from './controls/planted.js';
import type { Metric } from './metric.js';
import { bestScore, type Directions, directionMax } from './pairs/directions.js';
import type { DetailedScores, PopulationOptions } from './pairs/pair-loop.js';
import type { PairWork } from './pairs/unit-rows.js';

export const metric: Metric<'decoder.max'> = {
  id: 'decoder.max',
  family: 'decoder',
  words: {
    name: 'decoder-based score of all features',
    short: 'decoder, all',
    definition:
      'For each feature the largest |cosine| between its decoder direction and any direction of the other SAE, ' +
      'averaged over features and over both ways round (PWMCC). Dead features count like all others.',
  },
  version: 1,
  needs: [],
  work: { perPair: { match: 1 } },
  compares: {
    of: 'directions',
    by: 'best',
    sets: (members) => decoderSets(members, false),
    score: bestScore,
  },
  null: 'random-directions',
  measure: (context) => bestDecoders(context, false),
  chance: bestMatchLevel,
  control: { signless: true, planted: plantedBestMatches('decoder') },
};

/** Decoder rows, with `live` of features that fire; undefined where that is not known. */
export function decoderSets(members: readonly Member[], live: boolean): Directions[] | undefined {
  if (live && members.some((member) => !firingOf(member))) return undefined;
  return members.map((member) => {
    const rows = member.sae.decoder;
    const features = live ? (liveOf(member) as Int32Array) : undefined;
    // Where every feature fires, these are the rows of all.
    return { id: member.id, rows, ...(features && features.length < rows.rows ? { features } : {}) };
  });
}

/** The best matches of a group, which several metrics and tables rest on. Where every feature fires, live ones are all. */
export function bestDecoders(context: MetricContext, live: boolean): Promise<DetailedScores | undefined> {
  const { members, kernel, work, units } = context;
  return context.once(live ? 'decoder.max.live' : 'decoder.max', () =>
    decoderMax(members, kernel, { live, units, ...work }),
  );
}

/**
 * Undefined where some member has no scorable feature or, with `live`, no codes.
 * @throws input.shape when the members differ in d
 */
export async function decoderMax(
  members: readonly Member[],
  kernel: Kernel,
  { live = false, ...work }: PopulationOptions & PairWork = {},
): Promise<DetailedScores | undefined> {
  const sets = decoderSets(members, live);
  return sets && directionMax(live ? 'decoder.max.live' : 'decoder.max', sets, kernel, work);
}

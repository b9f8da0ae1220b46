// The own-init null: the same metric on the very same SAEs before training.
//
// The mean is the score of the initial decoders. The SD is that of the group's mean by delete-one-SAE
// jackknife. Two SAEs leave nothing to delete; untrained rows are independent draws, so there the SD comes from
// the spread of the per-feature values, SD/√(number of features) — an upper bound, as it takes the two
// directions of the pair for perfectly correlated.
import type { Kernel } from '../../kernel/interface.js';
import type { Member } from '../../sae/member.js';
import { jackknifeStandardError } from '../../stats/jackknife.js';
import { mean, sampleSd } from '../../stats/summary.js';
import { decoderMax } from '../decoder-max.js';
import type { DetailedScores, PopulationOptions } from '../pairs/pair-loop.js';
import type { NullModel } from './model.js';
import { type Null, nullBand } from './null.js';

export const model: NullModel<'own-init'> = {
  kind: 'own-init',
  words: {
    name: 'null: own initialisation',
    short: 'own initialisation',
    definition: 'The same score between the very weights that these SAEs started from.',
    level: 'for the same SAEs before training',
    rival: 'the same SAEs before training',
  },
  version: 1,
  keeps: ['start'],
  decides: true,
  holdsForFewerPairs: false,
  fits: ({ family, compares }) =>
    family === 'decoder' && compares.of === 'directions' && compares.by === 'best',
  work: () => ({ perPair: { match: 1 } }),
  level: async ({ needs }, _, { members, kernel, work }) =>
    ownInitNull(members, kernel, { live: needs.includes('codes'), ...work }),
};

/**
 * Null of `decoder.max` or, with `live`, of `decoder.max.live` over the features that fire after training.
 * Nothing is drawn: 0 draws. Undefined where some member's init is unknown or the metric is undefined.
 * @throws input.shape when the members differ in d
 */
export async function ownInitNull(
  members: readonly Member[],
  kernel: Kernel,
  options: PopulationOptions = {},
): Promise<Null | undefined> {
  const untrained = members.flatMap((member) =>
    member.init ? [{ ...member, sae: { ...member.sae, ...member.init } }] : [],
  );
  if (untrained.length < members.length) return undefined;
  const scores = await decoderMax(untrained, kernel, options);
  if (!scores) return undefined;
  const centre = mean(scores.pairs.map((pair) => pair.value));
  return nullBand('own-init', centre, spreadOfScores(scores), 0, true);
}

/** SD of the mean over pairs of SAEs that are not trained. */
export function spreadOfScores(scores: DetailedScores): number {
  return jackknifeStandardError(scores.pairs, scores.members) ?? sdOfOnePair(scores);
}

function sdOfOnePair({ matches: [{ aToB, bToA }] }: DetailedScores): number {
  const [a, b] = [aToB.best, bToA.best].map((best) =>
    best.length > 1 ? sampleSd(best) / Math.sqrt(best.length) : 0,
  );
  return 0.5 * (a + b);
}

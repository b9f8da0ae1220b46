// A null that is a score of the very SAEs that are compared, before their training: it has a value for each pair.
//
// Where some of the pairs are left out, the score of those that are kept is held against the same pairs before training.
// The SD is that of the group's mean by delete-one-SAE jackknife. Two SAEs leave nothing to delete; untrained rows are independent
// draws, so there the SD comes from the spread of the per-feature values, SD/√(number of features) — an upper bound, as it takes
// the two directions of the pair for perfectly correlated.
import { jackknifeStandardError } from '../../stats/jackknife.js';
import { mean, sampleSd } from '../../stats/summary.js';
import type { DetailedScores } from '../pairs/pair-loop.js';
import { pairsOf } from '../pairs/pair-scores.js';
import { type Null, nullBand } from './null.js';

/** @param scores of the SAEs before training */
export function nullOverPairs<Kind extends string>(kind: Kind, scores: DetailedScores): Null<Kind> {
  const pairs = scores.pairs.map(({ a, b, value }) => ({ a, b, value }));
  const sd = jackknifeStandardError(pairs, scores.members) ?? sdOfOnePair(scores);
  return { ...nullBand(kind, meanOf(pairs), sd, 0, true), pairs };
}

/**
 * The null over the pairs that are kept; undefined where it has values by pair and none is kept, itself where it has none. Where
 * not all pairs of three SAEs or more are kept, the SD is that of all pairs.
 */
export function overKept<Kind extends string>(
  level: Null<Kind>,
  keep: (a: string, b: string) => boolean,
): Null<Kind> | undefined {
  if (!level.pairs) return level;
  const pairs = level.pairs.filter(({ a, b }) => keep(a, b));
  if (pairs.length === 0) return undefined;
  const members = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
  const whole = pairs.length === pairsOf(members.length).length;
  const sd = (whole ? jackknifeStandardError(pairs, members) : undefined) ?? level.sd;
  return { ...nullBand(level.kind, meanOf(pairs), sd, level.draws, level.exact), pairs };
}

function meanOf(pairs: readonly { readonly value: number }[]): number {
  return mean(pairs.map(({ value }) => value));
}

function sdOfOnePair({ matches: [{ aToB, bToA }] }: DetailedScores): number {
  const [a, b] = [aToB.best, bToA.best].map((best) =>
    best.length > 1 ? sampleSd(best) / Math.sqrt(best.length) : 0,
  );
  return 0.5 * (a + b);
}

// A metric as it is reported: its pairs, an interval that resamples SAEs, its own null, the corrected score.

import { type Interval, jackknifeOverMembers } from '../stats/jackknife.js';
import { mean, sampleSd } from '../stats/summary.js';
import { correctForChance, type Null } from './nulls/null.js';
import type { KnownNull } from './nulls/registry.js';
import type { PairScores } from './pairs/pair-scores.js';
import type { MetricId } from './registry.js';

export interface MeasuredMetric {
  readonly id: MetricId;
  readonly pairs: PairScores['pairs'];
  readonly mean: number;
  /** Sample SD over pairs (n − 1); absent with a single pair. */
  readonly sd?: number;
  readonly min: number;
  readonly max: number;
  /** Number of pairs. */
  readonly n: number;
  /** Features without a direction, left out of the score, summed over members. */
  readonly leftOut: number;
  /** 95 % interval of the mean, by delete-one-SAE jackknife, cut off at what the score can be; absent below three SAEs. */
  readonly interval?: Interval;
  /** The null that the score is held against. */
  readonly null?: KnownNull;
  /** Further nulls of the same metric. */
  readonly otherNulls?: readonly KnownNull[];
  /** (mean − null)/(1 − null); absent where chance is already full agreement. */
  readonly corrected?: number;
}

/** Scores of which a pair can have a negative one, whose cosines keep their signs. */
const signed: readonly MetricId[] = ['decoder.matched', 'encoder.matched'];

/**
 * The jackknife's interval, without what no mean of such scores can be: above 1, and below 0, or −1 of signed cosines. That leaves
 * out no value that could be the true one, so the coverage is the same.
 */
export function intervalOf(
  id: MetricId,
  pairs: PairScores['pairs'],
  members: readonly string[],
): Interval | undefined {
  const interval = jackknifeOverMembers(pairs, members);
  if (!interval) return undefined;
  const least = signed.includes(id) ? -1 : 0;
  return { ...interval, low: Math.max(least, interval.low), high: Math.min(1, interval.high) };
}

/** Puts scores beside their own null. `nulls[0]` is the one that corrects the score. */
export function measured(
  scores: PairScores,
  members: readonly string[],
  nulls: readonly Null[],
): MeasuredMetric {
  const values = scores.pairs.map((p) => p.value);
  const centre = mean(values);
  const interval = intervalOf(scores.id as MetricId, scores.pairs, members);
  const [own, ...others] = nulls as readonly KnownNull[];
  return {
    id: scores.id as MetricId,
    pairs: scores.pairs,
    mean: centre,
    ...(values.length > 1 ? { sd: sampleSd(values) } : {}),
    min: Math.min(...values),
    max: Math.max(...values),
    n: values.length,
    leftOut: scores.leftOut,
    ...(interval ? { interval } : {}),
    ...(own ? { null: own } : {}),
    ...(own && own.mean < 1 ? { corrected: correctForChance(centre, own.mean) } : {}),
    ...(others.length > 0 ? { otherNulls: others } : {}),
  };
}

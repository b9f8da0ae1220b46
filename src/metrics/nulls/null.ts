// What a metric gives when there is nothing to find: the one thing it may be held against.
import type { PairValue } from '../../stats/jackknife.js';
import { mean, sampleSd } from '../../stats/summary.js';

/** Distribution of the group's mean score when there is nothing to find. */
export interface Null<Kind extends string = string> {
  /** Of its model. */
  readonly kind: Kind;
  readonly mean: number;
  /** SD of the group's mean score under this null; stretched where few draws know it poorly. */
  readonly sd: number;
  /** 95 % band of the group's mean score: mean ± 1.96 sd. */
  readonly low: number;
  readonly high: number;
  /** Monte-Carlo draws behind mean and SD (behind the SD alone where `exact`); 0 where both have a formula. */
  readonly draws: number;
  /** The mean comes from a formula, not from draws. */
  readonly exact: boolean;
  /** Monte-Carlo error of the mean: within 1.96 of it in 95 % of cases; absent where the mean is exact. */
  readonly meanError?: number;
  /** Its value for each pair, where it was measured on these very SAEs. */
  readonly pairs?: readonly PairValue[];
}

/** Mean and spread of a group's mean score, from draws. */
export interface Drawn {
  readonly mean: number;
  readonly sd: number;
  /** Monte-Carlo error of `mean`, which is within 1.96 of it in 95 % of cases. */
  readonly meanError: number;
  readonly draws: number;
}

/** A null all of which was drawn. */
export function drawnNull<Kind extends string>(
  kind: Kind,
  { mean, sd, meanError, draws }: Drawn,
): Null<Kind> {
  return { ...nullBand(kind, mean, sd, draws, false), meanError };
}

/** What draws of whole groups say; at least 2. */
export function drawnFrom(groupMeans: ArrayLike<number>): Drawn {
  const sd = sampleSd(groupMeans);
  const draws = groupMeans.length;
  return { mean: mean(groupMeans), sd, meanError: sd / Math.sqrt(draws), draws };
}

/** A null from its mean and SD. */
export function nullBand<Kind extends string>(
  kind: Kind,
  mean: number,
  sd: number,
  draws: number,
  exact: boolean,
): Null<Kind> {
  return { kind, mean, sd, low: mean - 1.96 * sd, high: mean + 1.96 * sd, draws, exact };
}

/** (value − null)/(1 − null): 0 at chance, 1 at full agreement. */
export function correctForChance(value: number, nullMean: number): number {
  return (value - nullMean) / (1 - nullMean);
}

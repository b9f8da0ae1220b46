// Where a score stands against a null: clear of its 95 % band on either side, or not.
import type { MeasuredMetric } from '../metrics/measured.js';
import { correctForChance, type Null } from '../metrics/nulls/null.js';
import { type KnownNull, nullModel } from '../metrics/nulls/registry.js';

/** Half of the way from chance to full agreement: from here on features come back more than they do not. */
export const comesBack = 0.5;

/** Agreement that is sure to be beyond chance, but by less than this, is of no use to anybody. */
export const leastAgreement = 0.05;

export type Judgement = 'above' | 'within' | 'below';

/** The range a score is known in: its interval over SAEs, or the score alone below three of them. */
function rangeOf({ interval, mean }: Pick<MeasuredMetric, 'interval' | 'mean'>): {
  low: number;
  high: number;
} {
  return interval ?? { low: mean, high: mean };
}

/** `above` or `below` when the whole interval lies outside the null's band. */
export function judge(score: Pick<MeasuredMetric, 'interval' | 'mean'>, level: Null): Judgement {
  const { low, high } = rangeOf(score);
  if (low > level.high) return 'above';
  return high < level.low ? 'below' : 'within';
}

/** A corrected score with how far its interval goes, on the longer side: the other may be cut off (0 where there is none). */
export function withReach({ score, level, corrected }: Held): { value: number; reach: number } {
  const { low, high } = rangeOf(score);
  const reach = Math.max(high - score.mean, score.mean - low) / (1 - level.mean);
  return { value: corrected, reach };
}

/** A score with one of its nulls, and corrected for that null. */
export interface Held {
  readonly score: MeasuredMetric;
  readonly level: KnownNull;
  readonly corrected: number;
}

/** A null from here on is full agreement but for rounding, as that of runs that share their start. */
const certain = 0.999;

/** The score against its own null; undefined where there is none, or where chance is full agreement. */
export function held(score: MeasuredMetric | undefined): Held | undefined {
  return score?.null && score.null.mean < 1 ? against(score, score.null) : undefined;
}

/**
 * The score against the highest of its nulls: what it has to exceed to be more than chance, than a crowded space, and
 * than SAEs before training. A null of full agreement (runs that share their start) is none.
 */
export function heldStrictly(score: MeasuredMetric | undefined): Held | undefined {
  if (!score) return undefined;
  const levels = [score.null, ...(score.otherNulls ?? [])].filter(
    (level): level is KnownNull =>
      level !== undefined && level.mean < certain && nullModel(level.kind).decides,
  );
  const highest = levels.reduce<KnownNull | undefined>((a, b) => (a && a.mean >= b.mean ? a : b), undefined);
  return highest && against(score, highest);
}

/** Below a null that is nearly 1 a corrected score has no bottom; twice as far as from there to the top is as low as it says. */
const lowest = -1;

export function against(score: MeasuredMetric, level: KnownNull): Held {
  return { score, level, corrected: Math.max(lowest, correctForChance(score.mean, level.mean)) };
}

/** Sure to be beyond its null, and by enough to matter. */
export function isBeyond({ score, level, corrected }: Held): boolean {
  return judge(score, level) === 'above' && corrected >= leastAgreement;
}

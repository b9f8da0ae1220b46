// Where a score stands against a null: clear of its 95 % band on either side, or not.
import type { MeasuredMetric } from '../nulls/measured.js';
import { correctForChance, type Null } from '../nulls/null.js';

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

/** A score corrected for chance, with the half-width of its interval (0 where there is none). */
export function correctedWithReach(score: MeasuredMetric): { value: number; reach: number } | undefined {
  if (!score.null || score.corrected === undefined) return undefined;
  const { low, high } = rangeOf(score);
  const reach = 0.5 * (correctForChance(high, score.null.mean) - correctForChance(low, score.null.mean));
  return { value: score.corrected, reach };
}

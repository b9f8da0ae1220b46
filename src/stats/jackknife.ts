// Uncertainty of a mean over pairs that resamples the SAEs, because pairs that share an SAE are not independent.
//
// Delete-one jackknife over n members: θ₋ᵢ is the mean over the pairs without member i,
// SE² = (n − 1)/n · Σᵢ (θ₋ᵢ − mean θ₋)², interval θ ± t_{n−1, 0.975}·SE.
// For pair values μ + aᵢ + aⱼ with normal aᵢ this is exact for any n ≥ 3; noise that belongs to a pair makes it too wide,
// skewed aᵢ too narrow. docs/statistics.md has the coverage as measured.
// Source: Efron and Stein, "The jackknife estimate of variance", Annals of Statistics 9(3), 1981.
import { studentTQuantile } from './student-t.js';
import { mean } from './summary.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Coverage, 0 … 1. */
  readonly level: number;
  readonly method: string;
}

/** A value that belongs to two members. */
export interface PairValue {
  readonly a: string;
  readonly b: string;
  readonly value: number;
}

/** SE of the mean over pairs; undefined below three members, or when leaving one out leaves no pair. */
export function jackknifeStandardError(
  pairs: readonly PairValue[],
  members: readonly string[],
): number | undefined {
  const n = members.length;
  if (n < 3) return undefined;
  const without = members.map((id) =>
    mean(pairs.filter((p) => p.a !== id && p.b !== id).map((p) => p.value)),
  );
  if (without.some(Number.isNaN)) return undefined;
  const centre = mean(without);
  const squares = without.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(((n - 1) / n) * squares);
}

/** 95 % interval of the mean over pairs; undefined where the SE is. */
export function jackknifeOverMembers(
  pairs: readonly PairValue[],
  members: readonly string[],
): Interval | undefined {
  const se = jackknifeStandardError(pairs, members);
  if (se === undefined) return undefined;
  const centre = mean(pairs.map((p) => p.value));
  const reach = studentTQuantile(0.975, members.length - 1) * se;
  return { low: centre - reach, high: centre + reach, level: 0.95, method: 'jackknife-saes-t' };
}

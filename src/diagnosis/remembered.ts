// The shape in which measurements are remembered: JSON, so null where there is nothing.
import { splitByLiveness } from '../similarity/liveness-split.js';
import type { Member } from '../similarity/metric.js';
import type { DetailedScores } from '../similarity/pair-loop.js';
import { plainScores } from './bench.js';

/** Scores without the features behind them, and how they split into live and dead features. */
export function withSplit(scores: DetailedScores | undefined, members: readonly Member[]) {
  if (!scores) return null;
  const split = splitByLiveness(scores, members);
  return { scores: plainScores(scores), ...(split ? { split } : {}) };
}

export function orNull<T>(value: T | undefined): T | null {
  return value ?? null;
}

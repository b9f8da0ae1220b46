// The shape in which measurements are remembered: JSON, so null where there is nothing.

import type { Member } from '../metrics/metric.js';
import type { DetailedScores } from '../metrics/pairs/pair-loop.js';
import { plainScores } from './bench.js';
import { splitByLiveness } from './liveness-split.js';

/** Scores without the features behind them, and how they split into live and dead features. */
export function withSplit(scores: DetailedScores | undefined, members: readonly Member[]) {
  if (!scores) return null;
  const split = splitByLiveness(scores, members);
  return { scores: plainScores(scores), ...(split ? { split } : {}) };
}

export function orNull<T>(value: T | undefined): T | null {
  return value ?? null;
}

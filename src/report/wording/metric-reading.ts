// What one score says, in a few words: where it stands against its own null, and how far it has come from there.
import { comesBack, judge, leastAgreement } from '../../diagnosis/judgement.js';
import type { MetricResult } from '../../results/results.js';

/** For it, against it, or neither. */
export type ReadingTone = 'good' | 'open' | 'bad' | 'none';

export interface Reading {
  /** At most 17 characters. */
  readonly words: string;
  readonly tone: ReadingTone;
}

/** Corrected for chance, what is left to full agreement is no more than this. */
const nearlyAll = 0.05;

export function readingOf(metric: MetricResult): Reading {
  const { null: level, corrected } = metric;
  if (!level) return { words: 'chance unknown', tone: 'none' };
  if (corrected === undefined) return { words: 'chance is certain', tone: 'none' };
  const side = judge(metric, level);
  if (side === 'within') return { words: 'at chance', tone: 'bad' };
  if (side === 'below') return { words: 'below chance', tone: 'bad' };
  if (corrected < leastAgreement) return { words: 'just above chance', tone: 'bad' };
  if (corrected < comesBack) return { words: 'comes back partly', tone: 'open' };
  return { words: corrected < 1 - nearlyAll ? 'mostly comes back' : 'comes back', tone: 'good' };
}

// A finding is data: what was checked, what came out, the numbers that decide it, what it does to a score.
import type { MetricId } from '../metrics/registry.js';

export type Verdict = 'supported' | 'refuted' | 'inconclusive';
export type Severity = 'info' | 'warn' | 'fail';

/** What an artefact does to a score: the score as it is, and recomputed without the artefact. */
export interface Effect {
  readonly metric: MetricId;
  readonly score: number;
  readonly without: number;
}

/** @typeParam Id which finding; `FindingId` of checks/registry.ts where that is known to be one of ours */
export interface Finding<Id extends string = string> {
  readonly id: Id;
  /** Is the artefact there? `inconclusive` when something needed is missing. */
  readonly verdict: Verdict;
  /** `info` unless the verdict is `supported`. */
  readonly severity: Severity;
  readonly evidence: Readonly<Record<string, number>>;
  readonly effect?: Effect;
  /** What is missing, for `inconclusive`. */
  readonly needs?: readonly Need[];
}

/** What a check can lack. */
export const needIds = ['activations', 'init', 'training', 'another SAE', 'tokens'] as const;
export type Need = (typeof needIds)[number];

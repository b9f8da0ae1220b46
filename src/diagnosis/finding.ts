// A finding is data: what was checked, what came out, the numbers that decide it, what it does to a score.
import type { MetricId } from '../metrics/registry.js';

export const findingIds = [
  'numerics.non-finite',
  'seeds.not-applied',
  'seeds.same-init',
  'data.misfit',
  'data.distinct-rows',
  'data.effective-rank',
  'identifiability.width',
  'usage.dead-by-firing',
  'usage.always-on',
  'usage.norm-is-not-usage',
  'training.init-drift',
  'training.unfinished',
  'weights.degenerate',
  'numerics.zero-features',
  'metric.dead-dilution',
  'metric.wrong-null',
  'metric.disagreement',
] as const;
export type FindingId = (typeof findingIds)[number];

export type Verdict = 'supported' | 'refuted' | 'inconclusive';
export type Severity = 'info' | 'warn' | 'fail';

/** What an artefact does to a score: the score as it is, and recomputed without the artefact. */
export interface Effect {
  readonly metric: MetricId;
  readonly score: number;
  readonly without: number;
}

export interface Finding {
  readonly id: FindingId;
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
export const needIds = ['activations', 'init', 'training', 'another SAE'] as const;
export type Need = (typeof needIds)[number];

/** One artefact as the explanation of one score, by counterfactual. */
export interface Cause {
  /** 1 is the first cause. */
  readonly rank: number;
  readonly finding: FindingId;
  readonly metric: MetricId;
  /** Whether the artefact hides agreement (the score is too low) or feigns it (too high). */
  readonly does: 'hides' | 'feigns';
  /** The score and its corrected form as measured. */
  readonly score: number;
  readonly corrected: number;
  /**
   * The score recomputed with the artefact removed, and its corrected form, with the null recomputed too. Where only
   * the null was wrong, the score stays and its corrected form does not.
   */
  readonly without: number;
  readonly correctedWithout: number;
  /** The score, and its corrected form, with every artefact removed that does the same: the target of the gap. */
  readonly reference: number;
  readonly correctedReference: number;
  /** Share of the gap (as it is, to the reference) that removing this artefact alone closes, 0 … 1, on `scale`. */
  readonly explained: number;
  /** Share of the gap that is left for it once the others are removed; absent where that cannot be measured. */
  readonly afterOthers?: number;
  /** `raw` where the corrected score hardly changes, so that only the score itself was pulled down. */
  readonly scale: 'corrected' | 'raw';
  /** The same share for the score before correction for chance. */
  readonly explainedRaw: number;
  /** The artefact that this one follows from, where the data show it. */
  readonly behind?: FindingId;
  /** Artefacts that explain as much of this score: with either removed nothing is left for the other. */
  readonly tiedWith?: readonly FindingId[];
}

// Do the features come back? Decided on the scores that can be trusted, each against its own null.
//
// Trusted are scores over live features: of the codes, and of the decoders (of their displacement where live
// decoder rows still point where they started). Without activations liveness is unknown and decoder.max decides.
import type { MeasuredMetric } from '../nulls/measured.js';
import type { MetricId } from '../similarity/metric.js';
import { fewerThanFeatures } from './checks/distinct-rows.js';
import { liveRowsUnmoved } from './checks/init-drift.js';
import { type Evidence, scoreWithout, usable, widestDictionary } from './evidence.js';
import type { Finding } from './finding.js';
import { judge } from './judgement.js';

export const groupVerdicts = ['reproducible', 'partly', 'not-beyond-chance', 'cannot-tell'] as const;

/** Why nothing can be told. */
export type Obstacle = 'nothing-to-compare' | 'nothing-live' | 'degenerate-data' | 'unfinished-training';

export interface GroupVerdict {
  readonly verdict: (typeof groupVerdicts)[number];
  /** The score that decides, or would, with the null that it is held against; absent where none was measured. */
  readonly deciding?: {
    readonly metric: MetricId;
    readonly score: number;
    readonly null: number;
    readonly corrected: number;
  };
  /** Present when the verdict is `cannot-tell`. */
  readonly obstacle?: Obstacle;
}

/** Half of the way from chance to full agreement: from here on features come back more than they do not. */
export const comesBack = 0.5;

/** Agreement that is sure to be beyond chance, but by less than this, is of no use to anybody. */
export const worthNaming = 0.05;

type Judged = MeasuredMetric & {
  readonly null: NonNullable<MeasuredMetric['null']>;
  readonly corrected: number;
};

export function groupVerdict(evidence: Evidence, findings: readonly Finding[]): GroupVerdict {
  const trusted = trustedScores(evidence, findings);
  const beyond = trusted.filter((s) => judge(s, s.null) === 'above' && s.corrected >= worthNaming);
  const highest = best(trusted);
  const obstacle = obstacleOf(evidence, findings, trusted, beyond.length > 0);
  if (obstacle)
    return { verdict: 'cannot-tell', ...(highest ? { deciding: deciding(highest) } : {}), obstacle };
  if (beyond.length === 0) return { verdict: 'not-beyond-chance', deciding: deciding(highest!) };
  const lowest = trusted.reduce((a, b) => (b.corrected < a.corrected ? b : a));
  if (beyond.length === trusted.length && lowest.corrected >= comesBack) {
    return { verdict: 'reproducible', deciding: deciding(lowest) };
  }
  return { verdict: 'partly', deciding: deciding(best(beyond)!) };
}

function trustedScores(evidence: Evidence, findings: readonly Finding[]): Judged[] {
  const { metrics } = evidence;
  const unmoved = findings.some(liveRowsUnmoved);
  const firingKnown = usable(evidence.members).some((m) => m.usage.live !== undefined);
  const ofDecoders = firingKnown ? metrics['decoder.max.live'] : metrics['decoder.max'];
  const ofDisplacement = scoreWithout(evidence, 'decoder.max', [
    ...(firingKnown ? (['usage.dead-by-firing'] as const) : []),
    'training.init-drift',
  ]);
  return [metrics['activation.max.live'], unmoved ? ofDisplacement : ofDecoders].filter(isJudged);
}

function isJudged(score: MeasuredMetric | undefined): score is Judged {
  return score?.null !== undefined && score.corrected !== undefined;
}

function obstacleOf(
  evidence: Evidence,
  findings: readonly Finding[],
  trusted: readonly Judged[],
  anyBeyond: boolean,
): Obstacle | undefined {
  const members = usable(evidence.members);
  const { activations } = evidence;
  if (members.length < 2) return 'nothing-to-compare';
  if (members.some((m) => m.usage.live === 0)) return 'nothing-live';
  if (activations && fewerThanFeatures(activations, widestDictionary(evidence))) return 'degenerate-data';
  // Decoders at their start, and nothing else that agrees: training has not gone far enough to tell.
  if (findings.some(liveRowsUnmoved) && !anyBeyond) return 'unfinished-training';
  return trusted.length === 0 ? 'nothing-to-compare' : undefined;
}

function best(scores: readonly Judged[]): Judged | undefined {
  return scores.reduce<Judged | undefined>((a, b) => (a && a.corrected >= b.corrected ? a : b), undefined);
}

function deciding({ id, mean, null: level, corrected }: Judged): NonNullable<GroupVerdict['deciding']> {
  return { metric: id, score: mean, null: level.mean, corrected };
}

// Do the features come back? Decided on the scores that can be trusted, each against the strictest null that fits it.
//
// Trusted are scores over live features: of the codes, and of the decoders (of their displacement where live
// decoder rows still point where they started). Without activations liveness is unknown and decoder.max decides. Codes
// have to agree more than permuted ones and more than those of the SAEs before training; directions more than random ones,
// and more than random ones that crowd into the same dimensions. Pairs that are copies, share their start, or do not
// fit the activations decide nothing, nor do those of one SAE that stands apart from all others. Where a few massive rows hold much of the
// variance, or rows of a position or token are unlike all others, all is decided on the others.
// Where there are fewer different activations than features, what the data have can come back, and no more: scores that beat their
// strictest null are told, as agreement in part, with the number of features that can be told apart. Codes count there only beyond
// SAEs before training, which make as few different codes of few inputs.

import { defined } from '../defined.js';
import { areDependent } from '../evidence/dependent-pairs.js';
import { type Evidence, type Headline, usable, widestDictionary } from '../evidence/evidence.js';
import { massiveRowsMatter, placesMatter } from '../evidence/massive.js';
import { differentRows, fewerThanFeatures } from '../evidence/repeats.js';
import type { NullKind } from '../metrics/nulls/registry.js';
import { nullModel } from '../metrics/nulls/registry.js';
import type { MetricId } from '../metrics/registry.js';
import { isOneDirection } from './checks/effective-rank.js';
import { liveRowsUnmoved } from './checks/init-drift.js';
import { misfits } from './checks/misfit.js';
import type { FindingId } from './checks/registry.js';
import { overSoundPairs, scoreWithout } from './counterfactual.js';
import type { Finding } from './finding.js';
import { comesBack, type Held, heldStrictly, isBeyond } from './judgement.js';
import { memberLeftOut } from './odd-member.js';

export const groupVerdicts = ['reproducible', 'partly', 'not-beyond-chance', 'cannot-tell'] as const;

/** Why nothing can be told. */
export const obstacles = [
  'nothing-to-compare',
  'not-independent',
  'nothing-live',
  'foreign-data',
  'degenerate-data',
  'one-direction',
  'degenerate-weights',
  'unfinished-training',
] as const;
export type Obstacle = (typeof obstacles)[number];

type RowsLeftOut = 'data.massive-rows' | 'data.position';

export interface GroupVerdict {
  readonly verdict: (typeof groupVerdicts)[number];
  /** The score that decides, or would, with the null that it is held against; absent where none was measured. */
  readonly deciding?: {
    readonly metric: MetricId;
    readonly score: number;
    readonly null: number;
    /** Which null that is: the highest of those that fit. */
    readonly nullKind: NullKind;
    readonly corrected: number;
  };
  /** Present when the verdict is `cannot-tell`. */
  readonly obstacle?: Obstacle;
  /** No more features than this can be told apart: there are fewer activations that differ by more than noise than features. */
  readonly upTo?: number;
  /** The SAE whose pairs were left out of the scores that decide, because it agrees far less than the others. */
  readonly apart?: string;
  /** What was left out of the scores that decide: rows that hold much of the variance, or are unlike all others. */
  readonly without?: RowsLeftOut;
}

export function groupVerdict(evidence: Evidence, findings: readonly Finding[]): GroupVerdict {
  const left = rowsLeftOut(evidence);
  const odd = memberLeftOut(evidence);
  return {
    ...decided(evidence, findings),
    ...defined({ apart: odd }),
    ...(left ? { without: left } : {}),
  };
}

/** With the rows of a position or token massive ones are left out, too. */
function rowsLeftOut(evidence: Evidence): RowsLeftOut | undefined {
  if (placesMatter(evidence)) return 'data.position';
  return massiveRowsMatter(evidence) ? 'data.massive-rows' : undefined;
}

function decided(evidence: Evidence, findings: readonly Finding[]): GroupVerdict {
  const trusted = trustedScores(evidence, findings);
  const beyond = trusted.filter(isBeyond);
  const highest = best(trusted);
  const obstacle = obstacleOf(evidence, findings, trusted, beyond.length > 0);
  if (obstacle)
    return { verdict: 'cannot-tell', ...(highest ? { deciding: deciding(highest) } : {}), obstacle };
  if (beyond.length === 0) return { verdict: 'not-beyond-chance', deciding: deciding(highest!) };
  const lowest = trusted.reduce((a, b) => (b.corrected < a.corrected ? b : a));
  const upTo = fewInputs(evidence) ? { upTo: Math.round(differentRows(evidence.activations!)) } : {};
  if (beyond.length === trusted.length && lowest.corrected >= comesBack && !fewInputs(evidence)) {
    return { verdict: 'reproducible', deciding: deciding(lowest) };
  }
  return { verdict: 'partly', deciding: deciding(best(beyond)!), ...upTo };
}

function trustedScores(evidence: Evidence, findings: readonly Finding[]): Held[] {
  const { metrics } = evidence;
  const left = rowsLeftOut(evidence);
  const onOthers = (headline: Headline, rows: RowsLeftOut) =>
    scoreWithout(evidence, headline, ['usage.dead-by-firing', rows]);
  const unmoved = findings.some(liveRowsUnmoved);
  const firingKnown = usable(evidence.members).some((m) => m.usage.live !== undefined);
  const ofLive = left ? onOthers('decoder.max', left) : metrics['decoder.max.live'];
  const ofDecoders = firingKnown ? ofLive : metrics['decoder.max'];
  const ofDisplacement = scoreWithout(evidence, 'decoder.max', [
    ...(firingKnown ? (['usage.dead-by-firing'] as const) : []),
    'training.init-drift',
  ]);
  const ofCodes = left ? onOthers('activation.max', left) : metrics['activation.max.live'];
  // Codes of SAEs that are still at their start agree as they did there, which is unknown where the start is.
  const codesTell =
    (!unmoved && !fewInputs(evidence)) ||
    ofCodes?.otherNulls?.some(({ kind }) => nullModel(kind).keeps.includes('data'));
  return [codesTell ? ofCodes : undefined, unmoved ? ofDisplacement : ofDecoders].flatMap(
    (score) => heldStrictly(overSoundPairs(evidence, score)) ?? [],
  );
}

function obstacleOf(
  evidence: Evidence,
  findings: readonly Finding[],
  trusted: readonly Held[],
  anyBeyond: boolean,
): Obstacle | undefined {
  const members = usable(evidence.members);
  const { dependence = [] } = evidence;
  const strange = misfits(evidence);
  const failed = (id: FindingId) => findings.some((f) => f.id === id && f.severity === 'fail');
  if (members.length < 2) return 'nothing-to-compare';
  if (members.some((m) => m.usage.live === 0)) return 'nothing-live';
  if (dependence.length > 0 && dependence.every(({ a, b }) => areDependent(evidence, a, b)))
    return 'not-independent';
  if (members.filter((m) => !strange.includes(m.id)).length < 2) return 'foreign-data';
  if (failed('weights.degenerate')) return 'degenerate-weights';
  if (!anyBeyond && fewInputs(evidence)) return 'degenerate-data';
  if (isOneDirection(evidence)) return 'one-direction';
  // At its start, or on the way, and nothing agrees: training has not gone far enough to tell.
  const unfinished = findings.some((f) => f.id === 'training.unfinished' && f.verdict === 'supported');
  if (!anyBeyond && (findings.some(liveRowsUnmoved) || unfinished)) return 'unfinished-training';
  return trusted.length === 0 ? 'nothing-to-compare' : undefined;
}

function fewInputs(evidence: Evidence): boolean {
  const { activations } = evidence;
  return activations !== undefined && fewerThanFeatures(activations, widestDictionary(evidence));
}

function best(scores: readonly Held[]): Held | undefined {
  return scores.reduce<Held | undefined>((a, b) => (a && a.corrected >= b.corrected ? a : b), undefined);
}

function deciding({ score, level, corrected }: Held): NonNullable<GroupVerdict['deciding']> {
  return { metric: score.id, score: score.mean, null: level.mean, nullKind: level.kind, corrected };
}

// Why a headline score is what it is: each artefact that is there is taken out alone, and its share measured.
//
// explained = (without − score) / (reference − score), clipped to 0 … 1, reference = all artefacts of its sort taken
// out; afterOthers = (reference − without the others) / (reference − score), the same way. On scores corrected for chance,
// each with its own recomputed null. Where the corrected score hardly changes but the score itself was diluted, the share
// is taken on the raw score. What spoils the material is kept apart from what spoils the reading: else an artefact that
// hides agreement and one that feigns it would cancel.

import { meanMatters } from '../evidence/dense-features.js';
import {
  type Evidence,
  type Headline,
  type Removable,
  removableIds,
  widestDictionary,
} from '../evidence/evidence.js';
import { heavyDimensionsMatter } from '../evidence/heavy-dimensions.js';
import { fewerThanFeatures } from '../evidence/repeats.js';
import type { MeasuredMetric } from '../metrics/measured.js';
import type { MetricId } from '../metrics/registry.js';
import { liveRowsUnmoved } from './checks/init-drift.js';
import type { FindingId } from './checks/registry.js';
import { scoreWithout } from './counterfactual.js';
import type { Finding } from './finding.js';
import { held, withReach } from './judgement.js';

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

/** A corrected score that moves by less leads to the same reading, however narrow its interval. */
const smallestGap = 0.02;

/** The same before correction: chance alone moves a raw score by more, so more is asked. */
const smallestRawGap = 0.05;

/** An artefact that closes less than a tenth of the gap does not explain it. */
const smallestShare = 0.1;

/** Shares, summed over the headline scores, rank alike within a tenth; then the larger gap comes first. */
const shareStep = 0.1;

/** Two artefacts that each close most of the gap, and neither a tenth of it after the other, cannot be told apart. */
const most = 0.5;
const little = 0.1;

/**
 * What is wrong with the runs, what hides agreement, what makes agreement of what nobody learned, and what a score is about
 * instead of the data.
 */
const sorts = [
  ['seeds.not-applied', 'seeds.same-init', 'data.misfit'],
  ['usage.dead-by-firing', 'data.distinct-rows', 'training.init-drift'],
  [
    'data.effective-rank',
    'identifiability.width',
    'usage.always-on',
    'training.init-drift',
    'training.unfinished',
    'metric.wrong-null',
  ],
  // What can be taken out by itself, and not with others.
  ['data.massive-rows'],
  ['data.position'],
  ['data.mean'],
  ['data.heavy-dimensions'],
  ['features.duplicated'],
  ['members.odd-one-out'],
] as const satisfies readonly (readonly Removable[])[];

/**
 * With the runs themselves wrong, all else is beside the point; with the score about a few rows, the rest nearly so; and that a null was too easy, or training too short, is
 * the cause where nothing in the data or the features is.
 */
function tier(id: Removable): number {
  if (isAboutRuns(id)) return 0;
  if (id === 'data.massive-rows' || id === 'data.position') return 1;
  return id === 'metric.wrong-null' ? 4 : id === 'training.unfinished' ? 3 : 2;
}

/** Of which sorts the score is another one without the artefact, not the same over other pairs or against another null. */
const measuredAgain: readonly number[] = [1, 3, 4, 5, 6, 7];

/** Whether it is the runs that are not what they are taken for. */
export function isAboutRuns(id: FindingId): boolean {
  return (sorts[0] as readonly FindingId[]).includes(id);
}

/** Rows that have not moved hide what decoders learned, and feign what codes did not. */
function touches(sort: number, id: Removable, headline: Headline): boolean {
  return id !== 'training.init-drift' || (sort === 1) === (headline === 'decoder.max');
}

interface Candidate extends Omit<Cause, 'rank' | 'finding' | 'tiedWith'> {
  readonly finding: Removable;
  readonly sort: number;
  readonly gap: number;
}

/** Causes of the headline scores, the first one first; empty where no artefact moves a score beyond its noise. */
export function rankCauses(evidence: Evidence, findings: readonly Finding[]): Cause[] {
  const present = removableIds.filter((id) => findings.some((f) => f.id === id && isArtefact(f)));
  const candidates = sorts.flatMap((ids, sort) =>
    (['activation.max', 'decoder.max'] as const).flatMap((headline) =>
      causesOf(
        headline,
        present.filter((id) => (ids as readonly Removable[]).includes(id) && touches(sort, id, headline)),
        evidence,
        sort,
      ),
    ),
  );
  // An artefact that explains both headline scores comes before one that explains either.
  const steps = (share: number) => Math.round(share / shareStep);
  const reach = (of: Candidate) =>
    steps(candidates.reduce((sum, c) => sum + (c.finding === of.finding ? c.explained : 0), 0));
  // As grave as the finding, or as what is behind it.
  const gravity = ({ finding, behind }: Candidate) =>
    findings.some((f) => (f.id === finding || f.id === behind) && f.severity === 'fail') ? 0 : 1;
  const gap = (of: Candidate) =>
    Math.max(...candidates.filter((c) => c.finding === of.finding).map((c) => c.gap));
  return candidates
    .sort(
      (a, b) =>
        tier(a.finding) - tier(b.finding) ||
        gravity(a) - gravity(b) ||
        reach(b) - reach(a) ||
        gap(b) - gap(a) ||
        removableIds.indexOf(a.finding) - removableIds.indexOf(b.finding) ||
        steps(b.explained) - steps(a.explained) ||
        b.gap - a.gap,
    )
    .map((one, i) => {
      const { gap: _, sort: __, ...cause } = one;
      const tiedWith = candidates.filter((other) => cannotBeToldApart(one, other)).map((c) => c.finding);
      return { rank: i + 1, ...cause, ...(tiedWith.length > 0 ? { tiedWith } : {}) };
    });
}

/**
 * Rows that are unmoved only because their features are dead go with the dead features, and few rows for each feature
 * with the few rows.
 */
function isArtefact(finding: Finding): boolean {
  if (finding.id === 'training.init-drift') return liveRowsUnmoved(finding);
  if (finding.id === 'identifiability.width' && !finding.evidence.crowded) return false;
  return finding.verdict === 'supported' && finding.severity !== 'info';
}

function causesOf(
  headline: Headline,
  present: readonly Removable[],
  evidence: Evidence,
  sort: number,
): Candidate[] {
  // Of so few inputs SAEs make the same before and after training: that null says no more than that they are few.
  if (sort === 2 && fewInputs(evidence)) return [];
  const asIs = scoreWithout(evidence, headline, []);
  const removable = present.filter((id) => scoreWithout(evidence, headline, [id]));
  const ideal = removable.length > 0 ? scoreWithout(evidence, headline, removable) : undefined;
  const gap = asIs && ideal && gapBetween(asIs, ideal, sort);
  if (!gap) return [];
  return removable
    .map((id) => ({ ...candidate(id, removable, asIs, ideal, headline, gap, evidence), sort }))
    .filter((c) => c.explained >= smallestShare);
}

type Gap = Pick<Candidate, 'gap' | 'scale'>;

/** How far the reference is from the score, on the scale that it is to be explained on. */
function gapBetween(asIs: MeasuredMetric, ideal: MeasuredMetric, sort: number): Gap | undefined {
  const [before, after] = [held(asIs), held(ideal)];
  if (!before || !after) return undefined;
  const [from, to] = [withReach(before), withReach(after)];
  const gap = Math.abs(to.value - from.value);
  // Over other pairs, or against another null, the same scores are compared: their noise is no part of the gap.
  const noise = measuredAgain.includes(sort) ? Math.hypot(from.reach, to.reach) : 0;
  if (gap > Math.max(smallestGap, noise)) return { gap, scale: 'corrected' };
  // A diluted score is misread even where what lies under it is at chance.
  const diluted = ideal.mean - asIs.mean;
  return diluted > smallestRawGap ? { gap: diluted, scale: 'raw' } : undefined;
}

function candidate(
  finding: Removable,
  removable: readonly Removable[],
  asIs: MeasuredMetric,
  ideal: MeasuredMetric,
  headline: Headline,
  { gap, scale }: Gap,
  evidence: Evidence,
): Omit<Candidate, 'sort'> {
  const alone = scoreWithout(evidence, headline, [finding])!;
  const others = scoreWithout(
    evidence,
    headline,
    removable.filter((id) => id !== finding),
  );
  const corrected = asIs.corrected!;
  const correctedWithout = alone.corrected ?? corrected;
  const correctedReference = ideal.corrected!;
  const onScale = (of: MeasuredMetric) => (scale === 'raw' ? of.mean : (of.corrected ?? corrected));
  const [from, to] = [onScale(asIs), onScale(ideal)];
  const behind = behindOf(finding, evidence);
  return {
    finding,
    metric: asIs.id,
    does: to < from ? 'feigns' : 'hides',
    score: asIs.mean,
    corrected,
    without: alone.mean,
    correctedWithout,
    reference: ideal.mean,
    correctedReference,
    explained: shareClosed(from, onScale(alone), to),
    ...(others ? { afterOthers: shareOf((to - onScale(others)) / (to - from)) } : {}),
    scale,
    explainedRaw: shareClosed(asIs.mean, alone.mean, ideal.mean),
    gap,
    ...(behind ? { behind } : {}),
  };
}

/** Share of the way from `from` to `to` that `at` has gone, 0 … 1. */
function shareClosed(from: number, at: number, to: number): number {
  return to === from ? 0 : shareOf((at - from) / (to - from));
}

function shareOf(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function cannotBeToldApart(a: Candidate, b: Candidate): boolean {
  const alike = a !== b && a.metric === b.metric && a.sort === b.sort;
  return alike && [a, b].every((c) => c.explained >= most && (c.afterOthers ?? 1) <= little);
}

/**
 * With fewer different inputs than features, most features have nothing of their own to respond to; with a mean that outweighs
 * what tells inputs apart, they stand for or against the mean from the start. A rank is low where a few dimensions outweigh the rest.
 */
function behindOf(finding: Removable, evidence: Evidence): FindingId | undefined {
  if (finding === 'data.effective-rank' && heavyDimensionsMatter(evidence)) return 'data.heavy-dimensions';
  if (finding !== 'usage.dead-by-firing') return undefined;
  if (fewInputs(evidence)) return 'data.distinct-rows';
  return meanMatters(evidence) ? 'data.mean' : undefined;
}

function fewInputs(evidence: Evidence): boolean {
  const { activations } = evidence;
  return activations !== undefined && fewerThanFeatures(activations, widestDictionary(evidence));
}

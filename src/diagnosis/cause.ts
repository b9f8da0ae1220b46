// Why a headline score is what it is: each artefact that is there is taken out alone, and its share measured.
//
// explained = (without − score) / (reference − score), clipped to 0 … 1, reference = all artefacts taken out;
// on scores corrected for chance, each with its own recomputed null. Where the corrected score hardly changes
// but the score itself was diluted, the share is taken on the raw score.
import type { MeasuredMetric } from '../nulls/measured.js';
import { fewerThanFeatures } from './checks/distinct-rows.js';
import { liveRowsUnmoved } from './checks/init-drift.js';
import {
  type Evidence,
  type Headline,
  type Removable,
  removableIds,
  scoreWithout,
  widestDictionary,
} from './evidence.js';
import type { Cause, Finding } from './finding.js';
import { correctedWithReach } from './judgement.js';

/** A corrected score that moves by less leads to the same reading, however narrow its interval. */
const smallestGap = 0.02;

/** The same before correction: chance alone moves a raw score by more, so more is asked. */
const smallestRawGap = 0.05;

/** An artefact that closes less than a tenth of the gap does not explain it. */
const smallestShare = 0.1;

/** Shares, summed over the headline scores, rank alike within a tenth; then the larger gap comes first. */
const shareStep = 0.1;

interface Candidate extends Omit<Cause, 'rank' | 'finding'> {
  readonly finding: Removable;
  readonly gap: number;
}

/** Causes of the headline scores, the first one first; empty where no artefact moves a score beyond its noise. */
export function rankCauses(evidence: Evidence, findings: readonly Finding[]): Cause[] {
  const present = removableIds.filter((id) => findings.some((f) => f.id === id && isArtefact(f)));
  const candidates = (['activation.max', 'decoder.max'] as const).flatMap((headline) =>
    causesOf(headline, present, evidence),
  );
  // An artefact that explains both headline scores comes before one that explains either.
  const steps = (share: number) => Math.round(share / shareStep);
  const reach = (of: Candidate) =>
    steps(candidates.reduce((sum, c) => sum + (c.finding === of.finding ? c.explained : 0), 0));
  const gap = (of: Candidate) =>
    Math.max(...candidates.filter((c) => c.finding === of.finding).map((c) => c.gap));
  return candidates
    .sort(
      (a, b) =>
        reach(b) - reach(a) ||
        gap(b) - gap(a) ||
        removableIds.indexOf(a.finding) - removableIds.indexOf(b.finding) ||
        steps(b.explained) - steps(a.explained) ||
        b.gap - a.gap,
    )
    .map(({ gap: _, ...cause }, i) => ({ rank: i + 1, ...cause }));
}

/** Rows that are unmoved only because their features are dead go with the dead features. */
function isArtefact(finding: Finding): boolean {
  return finding.id === 'training.init-drift' ? liveRowsUnmoved(finding) : finding.verdict === 'supported';
}

function causesOf(headline: Headline, present: readonly Removable[], evidence: Evidence): Candidate[] {
  const asIs = scoreWithout(evidence, headline, []);
  const removable = present.filter((id) => scoreWithout(evidence, headline, [id]));
  const ideal = removable.length > 0 ? scoreWithout(evidence, headline, removable) : undefined;
  const gap = asIs && ideal && gapBetween(asIs, ideal);
  if (!gap) return [];
  return removable
    .map((id) => candidate(id, asIs, scoreWithout(evidence, headline, [id])!, ideal, gap, evidence))
    .filter((c) => c.explained >= smallestShare);
}

/** How far the reference is from the score, on the scale that it is to be explained on. */
function gapBetween(
  asIs: MeasuredMetric,
  ideal: MeasuredMetric,
): Pick<Candidate, 'gap' | 'scale'> | undefined {
  const [from, to] = [correctedWithReach(asIs), correctedWithReach(ideal)];
  if (!from || !to) return undefined;
  const gap = Math.abs(to.value - from.value);
  if (gap > Math.max(smallestGap, Math.hypot(from.reach, to.reach))) return { gap, scale: 'corrected' };
  // A diluted score is misread even where what lies under it is at chance.
  const diluted = ideal.mean - asIs.mean;
  return diluted > smallestRawGap ? { gap: diluted, scale: 'raw' } : undefined;
}

function candidate(
  finding: Removable,
  asIs: MeasuredMetric,
  alone: MeasuredMetric,
  ideal: MeasuredMetric,
  { gap, scale }: Pick<Candidate, 'gap' | 'scale'>,
  evidence: Evidence,
): Candidate {
  const corrected = asIs.corrected!;
  const correctedWithout = alone.corrected ?? corrected;
  const correctedReference = ideal.corrected!;
  const explainedRaw = shareClosed(asIs.mean, alone.mean, ideal.mean);
  return {
    finding,
    metric: asIs.id,
    score: asIs.mean,
    corrected,
    without: alone.mean,
    correctedWithout,
    reference: ideal.mean,
    correctedReference,
    explained: scale === 'raw' ? explainedRaw : shareClosed(corrected, correctedWithout, correctedReference),
    scale,
    explainedRaw,
    gap,
    ...(deadForLackOfRows(finding, evidence) ? { behind: 'data.distinct-rows' } : {}),
  };
}

/** Share of the way from `from` to `to` that `at` has gone, 0 … 1. */
function shareClosed(from: number, at: number, to: number): number {
  return to === from ? 0 : Math.min(1, Math.max(0, (at - from) / (to - from)));
}

/** With fewer different inputs than features, most features have nothing of their own to respond to. */
function deadForLackOfRows(finding: Removable, evidence: Evidence): boolean {
  const { activations } = evidence;
  return (
    finding === 'usage.dead-by-firing' &&
    activations !== undefined &&
    fewerThanFeatures(activations, widestDictionary(evidence))
  );
}

// Not finished, or never: what a score that was followed over training says about training longer.
//
// c(t) is the score at step t corrected for the strictest null of that step. Late in training it goes about as a + g·log₂ t,
// so g is what as many steps again would add; it is fitted by least squares to the snapshots of the last two doublings (t
// from T/4 to T), pair by pair, and its interval resamples SAEs. Loss: L ∝ t^−β over the same snapshots, of which as
// many steps again would take 1 − 2^−β.
//   unfinished   g ≥ 0.02, surely above 0, and at 4T c is beyond its null: worth training longer
//   settled      beyond its null at T, and flat: |g| < 0.02, surely below 0.05
//   never        within its null at T and flat, while the loss is flat too: at most 0.05 of it would go
//   falling      g ≤ −0.02, surely below 0: agreement that training takes away, such as that of a shared start
//   undecided    none of these, or fewer than three snapshots to go by
// Surely: by the 95 % interval over SAEs, where there are three of them. Beyond its null: as in judgement.ts, and by 0.05.

import { defined } from '../defined.js';
import type { TrajectoryPoint } from '../evidence/trajectory.js';
import { correctForChance } from '../metrics/nulls/null.js';
import type { MetricId } from '../metrics/registry.js';
import { type Interval, jackknifeOverMembers } from '../stats/jackknife.js';
import { mean } from '../stats/summary.js';
import { type Held, heldStrictly, isBeyond, leastAgreement } from './judgement.js';

export const trajectoryVerdicts = ['unfinished', 'settled', 'never', 'falling', 'undecided'] as const;
export type TrajectoryVerdict = (typeof trajectoryVerdicts)[number];

/** A change per doubling, in units from chance to full agreement, from which on it matters. */
export const leastGain = 0.02;

/** What is called flat may still change, at the end of its interval, by as much as is of no use to anybody. */
const mostGain = leastAgreement;

/** Share of the loss that a doubling may still take where it is called flat. */
export const flatLoss = 0.05;

/** Doublings that are looked back on, and ahead to. */
const doublings = 2;

const fewestPoints = 3;

export interface TrajectoryJudgement {
  readonly metric: MetricId;
  readonly verdict: TrajectoryVerdict;
  /** Corrected score at the last step. */
  readonly corrected: number;
  /** Change of the corrected score per doubling of the steps, late in training; absent below three snapshots. */
  readonly perDoubling?: number;
  /** 95 %; absent below three SAEs. */
  readonly interval?: Interval;
  /** Corrected score after four times the steps, if it goes on like that; at most 1. */
  readonly extrapolated?: number;
  /** Share of the loss that as many steps again would take away; absent where the loss is unknown. */
  readonly lossFall?: number;
}

/** Judges one score over training; undefined where the last snapshot does not have it with a null. */
export function judgeTrajectory(
  metric: MetricId,
  points: readonly TrajectoryPoint[],
): TrajectoryJudgement | undefined {
  const last = points.at(-1);
  const end = heldStrictly(last?.metrics[metric]);
  if (!last || !end) return undefined;
  const late = points.filter(({ step }) => step > 0 && step * 2 ** doublings >= last.step);
  const slope = slopeOf(metric, late, end);
  const lossFall = fallOfTwice(late);
  const judged = { metric, corrected: end.corrected, ...defined({ lossFall }) };
  if (!slope) return { ...judged, verdict: 'undecided' };
  const { value: perDoubling, interval } = slope;
  const extrapolated = Math.min(1, end.corrected + doublings * perDoubling);
  return {
    ...judged,
    verdict: verdictOf(isBeyond(end), slope, extrapolated, lossFall),
    perDoubling,
    ...(interval ? { interval } : {}),
    extrapolated,
  };
}

interface Slope {
  readonly value: number;
  readonly interval?: Interval;
}

function verdictOf(
  beyond: boolean,
  { value, interval }: Slope,
  extrapolated: number,
  lossFall: number | undefined,
): TrajectoryVerdict {
  const { low, high } = interval ?? { low: value, high: value };
  if (value >= leastGain && low > 0) {
    return beyond || extrapolated >= leastAgreement ? 'unfinished' : 'undecided';
  }
  if (value <= -leastGain && high < 0) return 'falling';
  const flat = Math.abs(value) < leastGain && high < mostGain && low > -mostGain;
  if (!flat) return 'undecided';
  if (beyond) return 'settled';
  return lossFall !== undefined && lossFall <= flatLoss ? 'never' : 'undecided';
}

/** Change of the corrected score per doubling, over pairs that stand in every one of these snapshots. */
function slopeOf(metric: MetricId, late: readonly TrajectoryPoint[], end: Held): Slope | undefined {
  const steps = late.flatMap(({ step, metrics }) => {
    const held = heldStrictly(metrics[metric]);
    return held ? [{ at: Math.log2(step), held }] : [];
  });
  if (steps.length < fewestPoints) return undefined;
  const at = steps.map((s) => s.at);
  const slopes = end.score.pairs.flatMap(({ a, b }) => {
    const values = steps.flatMap(({ held: { score, level } }) => {
      const pair = score.pairs.find((p) => p.a === a && p.b === b);
      return pair ? [correctForChance(pair.value, level.mean)] : [];
    });
    return values.length === at.length ? [{ a, b, value: slope(at, values) }] : [];
  });
  if (slopes.length === 0) return undefined;
  const members = [...new Set(slopes.flatMap(({ a, b }) => [a, b]))];
  const interval = jackknifeOverMembers(slopes, members);
  return { value: mean(slopes.map((s) => s.value)), ...(interval ? { interval } : {}) };
}

/** Share of the loss that as many steps again would take away, by the power of the steps that it falls as. */
function fallOfTwice(late: readonly TrajectoryPoint[]): number | undefined {
  const known = late.flatMap(({ step, loss }) =>
    loss !== undefined && loss > 0 ? [{ at: Math.log2(step), value: Math.log2(loss) }] : [],
  );
  if (known.length < fewestPoints) return undefined;
  const beta = -slope(
    known.map((k) => k.at),
    known.map((k) => k.value),
  );
  return 1 - 2 ** -beta;
}

/** Least-squares slope of y on x. */
function slope(x: readonly number[], y: readonly number[]): number {
  const [cx, cy] = [mean(x), mean(y)];
  const squares = x.reduce((sum, v) => sum + (v - cx) ** 2, 0);
  return x.reduce((sum, v, i) => sum + (v - cx) * (y[i] - cy), 0) / squares;
}

// Agreement over training: the scores of a group at each of its snapshots, each with the null of that step.
//
// Nulls of directions depend on the shape alone and are drawn once; that of codes is drawn at every step, because which
// features fire, and how often, changes. The loss of a step is the mean squared error on all the activations, where they
// are known, which has none of the noise of a batch.
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import type { MeasuredMetric } from '../metrics/measured.js';
import { type MetricId, metricOf } from '../metrics/registry.js';
import { liveOf, type Member } from '../sae/member.js';
import { mean, median } from '../stats/summary.js';
import type { Matrix } from '../tensor/matrix.js';
import { type ExamineOptions, GroupContext, startMeasuring } from './context.js';
import { initCosines } from './init-cosine.js';
import { measureMetric } from './measure-metrics.js';
import { measureScores } from './measure-scores.js';
import { prepareGroup } from './prepare.js';

/** The SAEs of a group after so many optimiser steps. */
export interface Snapshot {
  readonly step: number;
  /** With the codes of their weights at this step, and the weights before the first, where they are known. */
  readonly members: readonly Member[];
  /** Mean over the SAEs, where it is better known than from the activations. */
  readonly loss?: number;
}

export interface TrajectoryPoint {
  readonly step: number;
  /** Absent are those that need codes where there are none, or features that fire where none does. */
  readonly metrics: Readonly<Partial<Record<MetricId, MeasuredMetric>>>;
  /** Mean over SAEs of the median cosine of live rows (of all, where that is unknown) with their start. */
  readonly initCosine?: number;
  readonly loss?: number;
}

/** Scores that are followed over training unless every one is asked for. */
export const followedMetrics: readonly MetricId[] = [
  'decoder.max',
  'decoder.max.live',
  'decoder.matched',
  'activation.max.live',
];

export interface TrajectoryOptions extends ExamineOptions {
  /** Measures every metric with all of its nulls at every step, which takes several times as long. */
  readonly every?: boolean;
}

/**
 * Measures a group at each snapshot, in ascending order of steps. SAEs whose weights are not finite at a step are left out
 * of it. The memo keeps the parts of each step.
 * @param x [N×d] the activations that all codes are of, but for members that have their own
 * @param snapshots in the order of their steps, asked for one after the other
 * @throws usage.argument unless the steps ascend; input.shape when members do not fit together
 */
export async function measureTrajectory(
  group: string,
  snapshots: Iterable<Snapshot> | AsyncIterable<Snapshot>,
  options: TrajectoryOptions,
  x?: Matrix,
): Promise<TrajectoryPoint[]> {
  // Nulls of directions depend on the shape alone, so every step recalls the same.
  const shared = startMeasuring(options);
  const points: TrajectoryPoint[] = [];
  for await (const { step, members: all, loss } of snapshots) {
    requireAscending(points.at(-1)?.step, step);
    const id = `${group}/step-${step}`;
    const prepared = await prepareGroup({ id, members: all, x }, shared);
    const members = prepared.sound;
    const context = new GroupContext({ id, members }, shared);
    const { metrics } = options.every ? await measureScores(context) : { metrics: await followed(context) };
    const cosine = initCosine(members);
    const error = loss ?? meanError(members);
    points.push({
      step,
      metrics,
      ...defined({ initCosine: cosine, loss: error }),
    });
  }
  return points;
}

async function followed(context: GroupContext): Promise<TrajectoryPoint['metrics']> {
  const found: MeasuredMetric[] = [];
  for (const id of followedMetrics) {
    const metric = await measureMetric(metricOf(id), context, { ownNullOnly: true });
    if (metric) found.push(metric);
  }
  return Object.fromEntries(found.map((metric) => [metric.id, metric]));
}

function initCosine(members: readonly Member[]): number | undefined {
  const medians = members.flatMap((member) => {
    const found = initCosines(member);
    if (!found) return [];
    const features = liveOf(member);
    const live = features && new Set(features);
    const cosines = found.cosines.filter((_, i) => !live || live.has(found.features[i]));
    return cosines.length > 0 ? [median(cosines)] : [];
  });
  return medians.length > 0 ? mean(medians) : undefined;
}

/** Mean over the SAEs of the mean squared error on x. */
function meanError(members: readonly Member[]): number | undefined {
  const errors = members.flatMap(({ fit }) => (fit ? [fit.mse] : []));
  return errors.length > 0 && errors.length === members.length ? mean(errors) : undefined;
}

function requireAscending(before: number | undefined, step: number): void {
  if (before === undefined || step > before) return;
  throw new ReseedError('usage.argument', 'snapshots come in the order of their steps', {
    found: `step ${step} after step ${before}`,
  });
}

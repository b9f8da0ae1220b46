// Agreement over training: the scores of a group at each of its snapshots, each with the null of that step.
//
// Nulls of directions depend on the shape alone and are drawn once; that of codes is drawn at every step, because which
// features fire, and how often, changes. The loss of a step is the mean squared error on all the activations, where they
// are known, which has none of the noise of a batch.
import { ReseedError } from '../errors.js';
import { type MeasuredMetric, measured } from '../metrics/measured.js';
import type { Member, MetricId } from '../metrics/metric.js';
import { matchedDirectionsNulls } from '../metrics/nulls/matched-directions.js';
import { rowPermutationNull } from '../metrics/nulls/row-permutation.js';
import { activationScores, codesOf } from '../metrics/pairs/activation.js';
import { decoderMax } from '../metrics/pairs/decoder.js';
import { decoderMatched } from '../metrics/pairs/matched.js';
import type { DetailedScores } from '../metrics/pairs/pair-loop.js';
import { measureFit } from '../sae/fit.js';
import { dModel } from '../sae/sae.js';
import { mean, median } from '../stats/summary.js';
import type { Matrix } from '../tensor/matrix.js';
import { liveFeatures } from '../tensor/sparse-codes.js';
import { Bench, type ExamineOptions, plainScores } from './bench.js';
import { soundMembers } from './examine.js';
import { initCosines } from './init-cosine.js';
import { remembering } from './measure-matched.js';
import { measureScores } from './measure-scores.js';
import { orNull } from './remembered.js';

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
  // The nulls of directions have keys of their own, by shape, so every step recalls the same.
  const shared = new Map<string, Promise<unknown>>();
  const memo: ExamineOptions['memo'] = (key, compute) => {
    const known = shared.get(key) ?? (options.memo ? options.memo(key, compute) : compute());
    if (key.startsWith('null/')) shared.set(key, known);
    return known as ReturnType<typeof compute>;
  };
  const points: TrajectoryPoint[] = [];
  for await (const { step, members: all, loss } of snapshots) {
    requireAscending(points.at(-1)?.step, step);
    const bench = new Bench(`${group}/step-${step}`, { ...options, memo });
    const members = soundMembers(all);
    const metrics = options.every
      ? (await measureScores(members, x, bench)).metrics
      : await followed(members, bench);
    const cosine = initCosine(members);
    const error = loss ?? (await meanError(members, x, bench));
    points.push({
      step,
      metrics,
      ...(cosine === undefined ? {} : { initCosine: cosine }),
      ...(error === undefined ? {} : { loss: error }),
    });
  }
  return points;
}

async function followed(members: readonly Member[], bench: Bench): Promise<TrajectoryPoint['metrics']> {
  if (members.length < 2) return {};
  const d = dModel(members[0].sae);
  const found: MeasuredMetric[] = [];
  for (const live of [false, true]) {
    const scores = await bench.part(live ? 'decoder.max.live' : 'decoder.max', async () =>
      plainOrNull(await decoderMax(members, bench.kernel, { live, ...bench.work })),
    );
    if (scores) found.push(await bench.againstDirections(scores, d));
  }
  const matched = await decoderMatched(members, bench.kernel, remembering('decoder.matched', bench));
  if (matched) {
    const { signed } = await bench.nullOfWidths(
      'matched-directions',
      matched.widths,
      d,
      matchedDirectionsNulls,
    );
    found.push(measured(matched, matched.members, [signed]));
  }
  const codes = codesOf(members);
  const ofCodes =
    codes &&
    (await bench.part('activation.max.live', async () =>
      plainOrNull((await activationScores(codes, bench.kernel, bench.work))?.live),
    ));
  if (ofCodes) {
    const permuted = await bench.part('activation.max/row-permutation', async () =>
      orNull(await rowPermutationNull(members, bench.draw)),
    );
    found.push(measured(ofCodes, ofCodes.members, permuted?.live ? [permuted.live] : []));
  }
  return Object.fromEntries(found.map((metric) => [metric.id, metric]));
}

function plainOrNull(scores: DetailedScores | undefined) {
  return scores ? plainScores(scores) : null;
}

function initCosine(members: readonly Member[]): number | undefined {
  const medians = members.flatMap((member) => {
    const found = initCosines(member);
    if (!found) return [];
    const live = member.codes && new Set(liveFeatures(member.codes));
    const cosines = found.cosines.filter((_, i) => !live || live.has(found.features[i]));
    return cosines.length > 0 ? [median(cosines)] : [];
  });
  return medians.length > 0 ? mean(medians) : undefined;
}

/** Mean over the SAEs of the mean squared error on x. */
async function meanError(
  members: readonly Member[],
  x: Matrix | undefined,
  bench: Bench,
): Promise<number | undefined> {
  const read = members.flatMap(({ sae, codes, activations = x }) =>
    activations && codes ? [{ sae, codes, activations }] : [],
  );
  if (read.length === 0 || read.length < members.length) return undefined;
  return bench.part('loss', async () =>
    mean(read.map(({ sae, codes, activations }) => measureFit(sae, activations, codes).mse)),
  );
}

function requireAscending(before: number | undefined, step: number): void {
  if (before === undefined || step > before) return;
  throw new ReseedError('usage.argument', 'snapshots come in the order of their steps', {
    found: `step ${step} after step ${before}`,
  });
}

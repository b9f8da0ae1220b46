// Agreement over training as results: the scores at each snapshot, and what each says about training longer.

import { z } from 'zod';
import { defined } from '../defined.js';
import { judgeTrajectory, trajectoryVerdicts } from '../diagnosis/trajectory-judgement.js';
import type { TrajectoryPoint } from '../evidence/trajectory.js';
import type { MeasuredMetric } from '../metrics/measured.js';
import { metricIds } from '../metrics/registry.js';
import { intervalSchema, nullSchema } from './measured-schema.js';

const number = z.number();

/** A metric at a step, without its pairs. */
const followedSchema = z.object({
  mean: number,
  interval: intervalSchema.exactOptional(),
  /** The null that the score is held against. */
  null: nullSchema.exactOptional(),
  corrected: number.exactOptional(),
});

export const judgementSchema = z.object({
  metric: z.enum(metricIds),
  verdict: z.enum(trajectoryVerdicts),
  /** At the last step, for the strictest null of that step. */
  corrected: number,
  /** Change of the corrected score as the steps double, late in training. */
  perDoubling: number.exactOptional(),
  interval: intervalSchema.exactOptional(),
  /** Corrected score after four times the steps, if it goes on like that. */
  extrapolated: number.exactOptional(),
  /** Share of the loss that as many steps again would take away. */
  lossFall: number.exactOptional(),
});

export const trajectorySchema = z.object({
  /** Snapshots in the order of their steps; step 0 is before training. */
  points: z
    .array(
      z.object({
        step: z.int().nonnegative(),
        /** Mean over the SAEs of the mean squared error on all activations. */
        loss: number.exactOptional(),
        /** Mean over SAEs of the median cosine of live decoder rows with their start. */
        initCosine: number.exactOptional(),
        metrics: z.partialRecord(z.enum(metricIds), followedSchema),
      }),
    )
    .readonly(),
  judgements: z.array(judgementSchema).readonly(),
});
export type TrajectoryResult = z.infer<typeof trajectorySchema>;

/** Every score that the last snapshot has with a null is judged. */
export function trajectoryResult(points: readonly TrajectoryPoint[]): TrajectoryResult {
  return {
    points: points.map(({ step, loss, initCosine, metrics }) => ({
      step,
      ...defined({ loss, initCosine }),
      metrics: Object.fromEntries(
        metricIds.flatMap((id) => (metrics[id] ? [[id, withoutPairs(metrics[id])]] : [])),
      ),
    })),
    judgements: metricIds.flatMap((id) => judgeTrajectory(id, points) ?? []),
  };
}

function withoutPairs({ mean, interval, null: level, corrected }: MeasuredMetric) {
  return {
    mean,
    ...(interval ? { interval } : {}),
    ...(level ? { null: level } : {}),
    ...defined({ corrected }),
  };
}

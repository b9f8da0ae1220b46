// What was measured of one SAE: usage, weights, numerics, fit, and how far it is from where it started.
import { z } from 'zod';

const number = z.number();
const count = z.int().nonnegative();

/** Cosine of each decoder row with the direction it started from. Counts per bin; edges has one more entry. */
const initSchema = z.object({
  cosineMedian: number,
  cosineMedianLive: number.exactOptional(),
  cosineMedianDead: number.exactOptional(),
  cosineHistogram: z
    .object({
      edges: z.array(number).readonly(),
      live: z.array(count).readonly(),
      dead: z.array(count).readonly(),
    })
    .exactOptional(),
  /** Rows whose direction did not change. */
  unmoved: count.exactOptional(),
});

export const saeSchema = z.object({
  id: z.string(),
  path: z.string().exactOptional(),
  format: z.string(),
  architecture: z.string(),
  dModel: count,
  dSae: count,
  k: count.exactOptional(),
  initSeed: z.int().exactOptional(),
  orderSeed: z.int().exactOptional(),
  layer: z.int().exactOptional(),
  site: z.string().exactOptional(),
  usage: z.object({
    live: count.exactOptional(),
    deadByFiring: count.exactOptional(),
    /** Features that fire on at least 95 % of the rows. */
    alwaysOn: count.exactOptional(),
    deadByNorm: count,
  }),
  /** Absent where no weight is finite. */
  weights: z
    .object({
      decoder: z.object({
        mean: number,
        std: number,
        normMean: number,
        normStd: number,
        normMin: number,
        normMax: number,
      }),
      encoder: z.object({ mean: number, std: number }).optional(),
    })
    .exactOptional(),
  numerics: z.object({ nan: count, inf: count, zeroFeatures: count }),
  /** The step after which training was given up, because it had diverged; the SAE is in no score then. */
  divergedAt: count.exactOptional(),
  fit: z.object({ mse: number, explainedVariance: number, l0: number }).exactOptional(),
  init: initSchema.exactOptional(),
});

export type SaeResult = z.infer<typeof saeSchema>;

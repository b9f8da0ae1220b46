// The value that every report is made from, and its schema. It holds numbers, names and verdicts; sentences are made of it.
//
// Absent is absent: a quantity that was not measured has no key. Every number is finite.
import { z } from 'zod';
import { claimSchema } from './claim-result.js';
import { groupSchema } from './group-result.js';
import { saeSchema } from './sae-result.js';

export const resultsVersion = 'reseed/results/1';

/** The smallest and the largest, of all groups. */
const rangeSchema = z.object({ low: z.number(), high: z.number() });
const takenSchema = z.object({ taken: rangeSchema, asked: rangeSchema });

/** What a quick run took of what its study asks for. */
const shortenedSchema = z.object({
  epochs: takenSchema.exactOptional(),
  steps: takenSchema.exactOptional(),
  /** Per null that is drawn. */
  draws: z.object({ taken: z.int().positive(), asked: z.int().positive() }),
});

export const resultsSchema = z.object({
  schema: z.literal(resultsVersion),
  createdAt: z.iso.datetime(),
  reseed: z.object({
    version: z.string(),
    kernel: z.string(),
    threads: z.int().positive(),
    /** The command that makes these results again. */
    command: z.string().exactOptional(),
  }),
  study: z
    .object({
      name: z.string(),
      description: z.string().exactOptional(),
      /** Trained less than the study asks for. */
      quick: z.boolean().exactOptional(),
      /** By how much. */
      shortened: shortenedSchema.exactOptional(),
      config: z.record(z.string(), z.unknown()),
    })
    .exactOptional(),
  saes: z.array(saeSchema).readonly(),
  groups: z.array(groupSchema).readonly(),
  claims: z.array(claimSchema).readonly().exactOptional(),
});

export type Results = z.infer<typeof resultsSchema>;
export type Shortened = z.infer<typeof shortenedSchema>;
export type { ClaimResult, ClaimValue } from './claim-result.js';
export type {
  CauseResult,
  FindingResult,
  FiringBandResult,
  GroupResult,
  LiveSplit,
  MetricResult,
  StabilityResult,
} from './group-result.js';
export type { SaeResult } from './sae-result.js';
export type { GroupSettings } from './settings-result.js';
export type { TrajectoryResult } from './trajectory-result.js';
export type { TruthResult } from './truth-result.js';
export type { VarianceResult } from './variance-result.js';

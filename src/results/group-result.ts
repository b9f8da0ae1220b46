// What was measured and found of a group of SAEs: scores with their nulls, findings, causes, the conclusion.
import { z } from 'zod';
import { findingIds } from '../diagnosis/checks/registry.js';
import { needIds } from '../diagnosis/finding.js';
import { groupVerdicts, obstacles } from '../diagnosis/verdict.js';
import { nullKinds } from '../metrics/nulls/registry.js';
import { metricIds } from '../metrics/registry.js';
import { familiesSchema } from './families-result.js';
import { intervalSchema, nullSchema } from './measured-schema.js';
import { settingsSchema } from './settings-result.js';
import { trajectorySchema } from './trajectory-result.js';
import { truthSchema } from './truth-result.js';
import { varianceSchema } from './variance-result.js';

const number = z.number();
const count = z.int().nonnegative();

const pairSchema = z.object({ a: z.string(), b: z.string(), value: number, aToB: number, bToA: number });

export const metricSchema = z.object({
  pairs: z.array(pairSchema).readonly(),
  mean: number,
  sd: number.exactOptional(),
  min: number,
  max: number,
  n: count,
  leftOut: count,
  interval: intervalSchema.exactOptional(),
  null: nullSchema.exactOptional(),
  otherNulls: z.array(nullSchema).readonly().exactOptional(),
  corrected: number.exactOptional(),
});

/** score = liveShare · liveScore + deadShare · deadScore */
const liveSplitSchema = z.object({
  liveShare: number,
  /** Absent where no scored feature fires. */
  liveScore: number.exactOptional(),
  deadShare: number,
  /** Absent where every scored feature fires. */
  deadScore: number.exactOptional(),
});

export const findingSchema = z.object({
  id: z.enum(findingIds),
  verdict: z.enum(['supported', 'refuted', 'inconclusive']),
  severity: z.enum(['info', 'warn', 'fail']),
  evidence: z.record(z.string(), number).readonly(),
  effect: z.object({ metric: z.enum(metricIds), score: number, without: number }).exactOptional(),
  needs: z.array(z.enum(needIds)).readonly().exactOptional(),
});

export const causeSchema = z.object({
  rank: z.int().positive(),
  finding: z.enum(findingIds),
  metric: z.enum(metricIds),
  does: z.enum(['hides', 'feigns']),
  score: number,
  corrected: number,
  without: number,
  correctedWithout: number,
  reference: number,
  correctedReference: number,
  explained: number,
  afterOthers: number.exactOptional(),
  scale: z.enum(['corrected', 'raw']),
  explainedRaw: number,
  behind: z.enum(findingIds).exactOptional(),
  /** Causes of the same score that explain as much, and cannot be told apart from this one. */
  tiedWith: z.array(z.enum(findingIds)).readonly().exactOptional(),
});

/**
 * How many features of one SAE come back in the others: features with a direction; those with a significant match
 * (Benjamini–Hochberg at 5 %, against directions with the second moment of the other SAE's) in every other SAE, and in
 * none; the same in every other one against directions anywhere on the sphere (absent in older results); those with a |cosine| of at least 0.7 and of at least
 * 0.9 in every other one. Feature by feature it stands in features.parquet.
 */
const stabilitySchema = z.object({
  sae: z.string(),
  scored: count,
  inEvery: count,
  inNone: count,
  inEverySphere: count.exactOptional(),
  inEvery07: count,
  inEvery09: count,
});

/**
 * Features of all SAEs of a group whose firing rate is `from` or more, and less than the next band's: how many, and how many have a
 * significant match, and a |cosine| of at least 0.7, in every other SAE. Features that never fire are from 0.
 */
const firingBandSchema = z.object({ from: number, features: count, inEvery: count, inEvery07: count });

/** A position of contexts, a token, or a position that nearly always has one token; and how many rows. */
const placeSchema = z.object({
  position: count.exactOptional(),
  token: z.string().exactOptional(),
  rows: count,
});

export const groupSchema = z.object({
  id: z.string(),
  layer: z.int().exactOptional(),
  site: z.string().exactOptional(),
  /** What tells it from other groups of the same activations, as `k 32`; absent where nothing need be told. */
  label: z.string().exactOptional(),
  architecture: z.string().exactOptional(),
  /** Of groups that a study has trained. */
  settings: settingsSchema.exactOptional(),
  saes: z.array(z.string()).readonly(),
  activations: z
    .object({
      rows: count,
      distinctRows: count,
      effectiveRank: number,
      /** Rows that codes are compared on, evenly spaced; absent where it is all of them. */
      codeRows: count.exactOptional(),
      /** How often the commonest row is there; absent where no row repeats. */
      mostRepeated: count.exactOptional(),
      /** Clusters that the rows fall into up to noise; absent where they do not. */
      clusters: number.exactOptional(),
      /** Share of the squared length of the rows that is their mean's. */
      meanShare: number.exactOptional(),
      /** Coordinates of another spread than the others, where there are a few, and their share of the variance. */
      heavyDimensions: count.exactOptional(),
      heavyShare: number.exactOptional(),
      /** Rows far from all others, where there are a few: how many, how many times as far, their share of the variance. */
      massiveRows: count.exactOptional(),
      massiveTimes: number.exactOptional(),
      massiveShare: number.exactOptional(),
      /** Effective rank without them. */
      ordinaryRank: number.exactOptional(),
      /** Where rows stand that are not as the others are; absent where their tokens are not known. */
      places: z
        .object({
          /** Where at least half of the massive rows stand, and of the copies of the commonest row, with how many of them do. */
          massive: placeSchema.exactOptional(),
          repeated: placeSchema.exactOptional(),
          /** Positions and tokens whose rows are of another kind than all others; the rank is that of all others. */
          apart: z
            .object({
              places: z.array(placeSchema).readonly(),
              rows: count,
              times: number,
              share: number,
              effectiveRank: number,
            })
            .exactOptional(),
        })
        .exactOptional(),
    })
    .exactOptional(),
  metrics: z.partialRecord(z.enum(metricIds), metricSchema),
  liveSplit: z.partialRecord(z.enum(metricIds), liveSplitSchema).exactOptional(),
  /** One entry for each SAE whose features could be matched. */
  stability: z.array(stabilitySchema).readonly().exactOptional(),
  /** Which features come back, by how often they fire; absent without activations. */
  byFiring: z.array(firingBandSchema).readonly().exactOptional(),
  /** Features that several SAEs agree on; absent below two SAEs that have features to match. */
  families: familiesSchema.exactOptional(),
  /** The scores at each snapshot; absent where training kept none. */
  trajectory: trajectorySchema.exactOptional(),
  /** What init and order explain of the disagreement; absent unless the seeds are a cross. */
  variance: varianceSchema.exactOptional(),
  /** What was recovered of the true features; absent where there is no known truth. */
  truth: truthSchema.exactOptional(),
  findings: z.array(findingSchema).readonly(),
  cause: z.array(causeSchema).readonly(),
  /** Do the features come back, and by which score. */
  conclusion: z.object({
    verdict: z.enum(groupVerdicts),
    deciding: z
      .object({
        metric: z.enum(metricIds),
        score: number,
        null: number,
        /** Which null that is: the highest of those that fit. */
        nullKind: z.enum(nullKinds),
        corrected: number,
      })
      .exactOptional(),
    obstacle: z.enum(obstacles).exactOptional(),
    /** No more features than this can be told apart by these activations. */
    upTo: count.exactOptional(),
    /** The SAE whose pairs were left out of the scores that decide. */
    apart: z.string().exactOptional(),
    /** What was left out of the scores that decide; with the rows of a position or token, massive ones, too. */
    without: z.enum(['data.massive-rows', 'data.position']).exactOptional(),
  }),
});

export type GroupResult = z.infer<typeof groupSchema>;
export type MetricResult = z.infer<typeof metricSchema>;
export type FiringBandResult = z.infer<typeof firingBandSchema>;
export type StabilityResult = z.infer<typeof stabilitySchema>;
export type LiveSplit = z.infer<typeof liveSplitSchema>;
export type FindingResult = z.infer<typeof findingSchema>;
export type CauseResult = z.infer<typeof causeSchema>;

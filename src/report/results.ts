// The value that every report is made from, its schema, and the one way to write it as JSON.
//
// Absent is absent: a quantity that was not measured has no key. Every number is finite.
import { z } from 'zod';
import { findingIds } from '../diagnosis/checks/registry.js';
import { needIds } from '../diagnosis/finding.js';
import { groupVerdicts, obstacles } from '../diagnosis/verdict.js';
import { ReseedError } from '../errors.js';
import { nullKinds } from '../metrics/nulls/registry.js';
import { metricIds } from '../metrics/registry.js';
import { intervalSchema, nullSchema } from './measured-schema.js';
import { type TrajectoryResult, trajectorySchema } from './trajectory-result.js';
import { truthSchema } from './truth-result.js';
import { varianceSchema } from './variance-result.js';

export const resultsVersion = 'reseed/results/1';

const number = z.number();
const count = z.int().nonnegative();

const pairSchema = z.object({ a: z.string(), b: z.string(), value: number, aToB: number, bToA: number });

const metricSchema = z.object({
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

const findingSchema = z.object({
  id: z.enum(findingIds),
  verdict: z.enum(['supported', 'refuted', 'inconclusive']),
  severity: z.enum(['info', 'warn', 'fail']),
  evidence: z.record(z.string(), number).readonly(),
  effect: z.object({ metric: z.enum(metricIds), score: number, without: number }).exactOptional(),
  needs: z.array(z.enum(needIds)).readonly().exactOptional(),
  title: z.string(),
  summary: z.string(),
  advice: z.string(),
});

const causeSchema = z.object({
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
  text: z.string(),
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

/** What the SAEs of a group have in common besides their activations; absent is absent. */
const settingsSchema = z.object({
  variant: z.string().exactOptional(),
  architecture: z.string(),
  dSae: count,
  k: count.exactOptional(),
  sparsity: number.exactOptional(),
  targetL0: number.exactOptional(),
  /** Prefixes of a Matryoshka dictionary, in features. */
  groups: z.array(count).readonly().exactOptional(),
  recipe: z.string(),
  epochs: count.exactOptional(),
  steps: count,
  batchSize: count,
  learningRate: number,
});

const groupSchema = z.object({
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
    })
    .exactOptional(),
  metrics: z.partialRecord(z.enum(metricIds), metricSchema),
  liveSplit: z.partialRecord(z.enum(metricIds), liveSplitSchema).exactOptional(),
  /** One entry for each SAE whose features could be matched. */
  stability: z.array(stabilitySchema).readonly().exactOptional(),
  /** Which features come back, by how often they fire; absent without activations. */
  byFiring: z.array(firingBandSchema).readonly().exactOptional(),
  /** The scores at each snapshot; absent where training kept none. */
  trajectory: trajectorySchema.exactOptional(),
  /** What init and order explain of the disagreement; absent unless the seeds are a cross. */
  variance: varianceSchema.exactOptional(),
  /** What was recovered of the true features; absent where there is no known truth. */
  truth: truthSchema.exactOptional(),
  findings: z.array(findingSchema).readonly(),
  cause: z.array(causeSchema).readonly(),
  /** Do the features come back, and by which score; `verdict` says it in a sentence. */
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
    /** What was left out of the scores that decide. */
    without: z.literal('data.massive-rows').exactOptional(),
  }),
  verdict: z.string(),
});

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

const saeSchema = z.object({
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

const claimValueSchema = z.union([number, z.string(), z.array(number).readonly()]);

const claimSchema = z.object({
  id: z.string(),
  text: z.string(),
  published: claimValueSchema,
  /** Absent where the data do not hold what the claim is about. */
  measured: claimValueSchema.exactOptional(),
  /** Is the claim true, as far as these data tell? */
  verdict: z.enum(['supported', 'refuted', 'inconclusive']),
  /** Did the published number come out again, true or not as a conclusion? */
  reproduced: z.boolean().exactOptional(),
  tolerance: number.exactOptional(),
  because: z.string().exactOptional(),
  group: z.string().exactOptional(),
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
      note: z.string().exactOptional(),
      config: z.record(z.string(), z.unknown()),
    })
    .exactOptional(),
  saes: z.array(saeSchema).readonly(),
  groups: z.array(groupSchema).readonly(),
  claims: z.array(claimSchema).readonly().exactOptional(),
});

export type Results = z.infer<typeof resultsSchema>;
export type GroupResult = Results['groups'][number];
export type GroupSettings = z.infer<typeof settingsSchema>;
export type SaeResult = Results['saes'][number];
export type MetricResult = z.infer<typeof metricSchema>;
export type FiringBandResult = z.infer<typeof firingBandSchema>;
export type StabilityResult = z.infer<typeof stabilitySchema>;
export type LiveSplit = z.infer<typeof liveSplitSchema>;
export type { TrajectoryResult } from './trajectory-result.js';
export type { TruthResult } from './truth-result.js';
export type { VarianceResult } from './variance-result.js';
export type FindingResult = GroupResult['findings'][number];
export type CauseResult = GroupResult['cause'][number];
export type ClaimResult = NonNullable<Results['claims']>[number];
export type ClaimValue = z.infer<typeof claimValueSchema>;

/**
 * Reads results from parsed JSON; keys that this version does not know are dropped.
 * Throws `input.non-finite` or `input.format`, with the path of the first wrong field.
 */
export function parseResults(value: unknown, file?: string): Results {
  const at = file === undefined ? {} : { file };
  refuseNonFinite(value, '', at);
  const parsed = resultsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ReseedError('input.format', `not a results value: ${issue.message}`, {
    ...at,
    field: issue.path.join('.') || 'the whole value',
  });
}

/**
 * JSON text, 2-space indent, newline at the end. The same results give the same bytes however their
 * keys were put in: objects follow the schema's order, open records are sorted by name.
 */
export function serializeResults(results: Results): string {
  // Parsing gives every object the key order of its schema.
  const parsed = parseResults(results);
  const ordered: Results = {
    ...parsed,
    ...(parsed.study ? { study: { ...parsed.study, config: sortedKeys(parsed.study.config) } } : {}),
    groups: parsed.groups.map((group) => ({
      ...group,
      metrics: inMetricOrder(group.metrics),
      ...(group.liveSplit ? { liveSplit: inMetricOrder(group.liveSplit) } : {}),
      ...(group.trajectory ? { trajectory: inOrder(group.trajectory) } : {}),
      ...(group.variance ? { variance: inMetricOrder(group.variance) } : {}),
      ...(group.truth ? { truth: { ...group.truth, planted: sortedKeys(group.truth.planted) } } : {}),
      findings: group.findings.map((f) => ({ ...f, evidence: sortedKeys(f.evidence) })),
    })),
  };
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

function inOrder({ points, judgements }: TrajectoryResult): TrajectoryResult {
  return {
    points: points.map((point) => ({ ...point, metrics: inMetricOrder(point.metrics) })),
    judgements,
  };
}

function inMetricOrder<T>(record: Partial<Record<(typeof metricIds)[number], T>>): typeof record {
  return Object.fromEntries(
    metricIds.flatMap((id) => (id in record ? [[id, record[id]]] : [])),
  ) as typeof record;
}

function sortedKeys<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sortedKeys) as T;
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, v]) => [key, sortedKeys(v)])) as T;
}

function refuseNonFinite(value: unknown, path: string, at: { file?: string }): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ReseedError('input.non-finite', 'results must be finite numbers', {
      ...at,
      field: path,
      found: String(value),
    });
  }
  if (value !== null && typeof value === 'object') {
    for (const [key, v] of Object.entries(value)) refuseNonFinite(v, path ? `${path}.${key}` : key, at);
  }
}

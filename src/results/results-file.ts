// The results as results.json has them: the value, with the sentences that the report says of it beside what they are about.
//
// They are there for people who read the file; nothing that reads it goes by them.
import { z } from 'zod';
import { metricIds } from '../metrics/registry.js';
import { claimSchema } from './claim-result.js';
import { causeSchema, findingSchema, groupSchema } from './group-result.js';
import { resultsSchema, resultsVersion } from './results.js';
import { judgementSchema, trajectorySchema } from './trajectory-result.js';
import { truthSchema } from './truth-result.js';
import { componentsSchema } from './variance-result.js';

const sentences = z.string();

const toldTrajectorySchema = trajectorySchema.extend({
  judgements: z.array(judgementSchema.extend({ text: sentences })).readonly(),
});

const toldGroupSchema = groupSchema.extend({
  trajectory: toldTrajectorySchema.exactOptional(),
  variance: z.partialRecord(z.enum(metricIds), componentsSchema.extend({ text: sentences })).exactOptional(),
  truth: truthSchema.extend({ text: sentences }).exactOptional(),
  findings: z
    .array(findingSchema.extend({ title: sentences, summary: sentences, advice: sentences }))
    .readonly(),
  cause: z.array(causeSchema.extend({ text: sentences })).readonly(),
  /** The conclusion in a sentence. */
  verdict: sentences,
});

const { group, bound, refutedBy, shortened, ...claimed } = claimSchema.shape;
const toldClaimSchema = z.object({
  ...claimed,
  /** What the verdict rests on, where the number does not say it. */
  because: sentences.exactOptional(),
  group,
  bound,
  refutedBy,
  shortened,
});

const { config, shortened: howMuch, ...studied } = resultsSchema.shape.study.unwrap().shape;
const toldStudySchema = z.object({
  ...studied,
  /** What a quick run took, in a sentence. */
  note: sentences.exactOptional(),
  config,
  shortened: howMuch,
});

export const resultsFileSchema = resultsSchema.extend({
  study: toldStudySchema.exactOptional(),
  groups: z.array(toldGroupSchema).readonly(),
  claims: z.array(toldClaimSchema).readonly().exactOptional(),
});

export type ResultsFile = z.infer<typeof resultsFileSchema>;
export type GroupInFile = ResultsFile['groups'][number];
type ToldTrajectory = NonNullable<GroupInFile['trajectory']>;

/** JSON Schema (draft 2020-12) of results.json. */
export function resultsJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(resultsFileSchema, { target: 'draft-2020-12', io: 'input' });
  return { $schema, title: `${resultsVersion}: what reseed measured`, ...schema };
}

/**
 * JSON text, 2-space indent, newline at the end. The same results give the same bytes however their
 * keys were put in: objects follow the schema's order, open records are sorted by name.
 */
export function encodeResultsFile(results: ResultsFile): string {
  // Parsing gives every object the key order of its schema.
  const parsed = resultsFileSchema.parse(results);
  const ordered: ResultsFile = {
    ...parsed,
    ...(parsed.study ? { study: { ...parsed.study, config: sortedKeys(parsed.study.config) } } : {}),
    groups: parsed.groups.map((one) => ({
      ...one,
      metrics: inMetricOrder(one.metrics),
      ...(one.liveSplit ? { liveSplit: inMetricOrder(one.liveSplit) } : {}),
      ...(one.trajectory ? { trajectory: inOrder(one.trajectory) } : {}),
      ...(one.variance ? { variance: inMetricOrder(one.variance) } : {}),
      ...(one.truth ? { truth: { ...one.truth, planted: sortedKeys(one.truth.planted) } } : {}),
      findings: one.findings.map((f) => ({ ...f, evidence: sortedKeys(f.evidence) })),
    })),
  };
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

function inOrder({ points, judgements }: ToldTrajectory): ToldTrajectory {
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

// The study file: its schema, and reading it with line and column in every message.
import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { sitePositions } from '../activations/transformer/config.js';
import { findingIds } from '../diagnosis/finding.js';
import { ReseedError } from '../errors.js';
import { fileError } from '../formats/atomic-write.js';
import { metricIds } from '../similarity/metric.js';
import { recipeNames } from '../training/recipe.js';

const seed = z.int().nonnegative();
const siteNames = Object.keys(sitePositions) as [keyof typeof sitePositions];
const distinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length;
const list = <T extends z.ZodType>(item: T) =>
  z.array(item).min(1).refine(distinct, { error: 'the same entry stands twice' });

/** Which number of the results a claim is about. */
const measureSchema = z.union([
  z.strictObject({
    group: z.string(),
    metric: z.enum(metricIds),
    /** Statistic over the pairs, or the score of the pair of these two init seeds. */
    statistic: z.enum(['mean', 'sd', 'min', 'max', 'null', 'corrected']).default('mean'),
  }),
  z.strictObject({ group: z.string(), metric: z.enum(metricIds), pair: z.tuple([seed, seed]) }),
  z.strictObject({
    group: z.string(),
    /** Path in the record of an SAE in the results, as in `usage.deadByFiring`. */
    sae: z.string().regex(/^[a-zA-Z]+(\.[a-zA-Z0-9]+)+$/),
    /** Of one SAE, by init seed; over all of them otherwise. */
    seed: seed.optional(),
    statistic: z.enum(['mean', 'sd', 'min', 'max', 'sum']).default('mean'),
    /** Divides the number, to state a share. */
    per: z.literal('dSae').optional(),
  }),
]);
export type Measure = z.infer<typeof measureSchema>;

const claimSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]+$/),
    text: z.string(),
    /** What was published: a number to find again, or words. */
    published: z.union([z.number(), z.string()]),
    measure: measureSchema,
    /** A number holds when the measured one is this near. */
    tolerance: z.number().nonnegative().optional(),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    /** Findings that refute the claim even if its number comes out again. */
    refutedBy: z.array(z.enum(findingIds)).optional(),
  })
  .refine((c) => typeof c.published !== 'number' || c.tolerance !== undefined, {
    error: 'a published number needs a tolerance',
    path: ['tolerance'],
  })
  .refine((c) => typeof c.published === 'number' || c.atLeast !== undefined || c.atMost !== undefined, {
    error: 'a claim in words needs atLeast or atMost for its measured number',
    path: ['published'],
  });
export type Claim = z.infer<typeof claimSchema>;

const quickSchema = z.strictObject({
  epochs: z.int().positive().optional(),
  draws: z.int().min(2).optional(),
});

export const studySchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'lower-case letters, digits and hyphens only' }),
    description: z.string().optional(),
    activations: z.strictObject({
      /** The shipped transformer with this many layers, or the path of a weights file. */
      transformer: z.union([z.literal(2), z.literal(3), z.string()]),
      layers: list(z.int().nonnegative()),
      sites: list(z.enum(siteNames)),
    }),
    sae: z.strictObject({
      architecture: z.literal('topk'),
      dSae: z.int().positive(),
      k: z.int().positive(),
    }),
    training: z.strictObject({
      recipe: z.enum(recipeNames),
      epochs: z.int().positive(),
      batchSize: z.int().positive(),
      /** The recipe's own where it is left out. */
      learningRate: z.number().positive().optional(),
    }),
    seeds: z.strictObject({
      init: list(seed).min(2, { error: 'at least two seeds are needed to compare' }),
      /** `same`: each SAE's init seed also orders its data. A number: one order for all. */
      order: z.union([z.literal('same'), seed, z.array(seed)]).default('same'),
    }),
    analysis: z
      .strictObject({ seed: seed.default(0), draws: z.int().min(2).default(20) })
      .default({ seed: 0, draws: 20 }),
    /** What `--quick` changes. */
    quick: quickSchema.default({ epochs: 5, draws: 5 }),
    claims: z.array(claimSchema).default([]),
  })
  .refine(({ sae }) => sae.k <= sae.dSae, { error: 'k is larger than dSae', path: ['sae', 'k'] })
  .refine(({ seeds: { init, order } }) => !Array.isArray(order) || order.length === init.length, {
    error: 'as many order seeds as init seeds are needed',
    path: ['seeds', 'order'],
  })
  .refine(({ claims }) => distinct(claims.map((c) => c.id)), {
    error: 'two claims have one id',
    path: ['claims'],
  });

export type Study = z.infer<typeof studySchema>;

/** Reads a study file. @throws input.file; input.config naming file, line:column, key, found and expected */
export async function loadStudy(file: string): Promise<Study> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw fileError(file, 'read', cause);
  }
  return parseStudy(text, file);
}

/** Parses the text of a study file; `file` is for messages. */
export function parseStudy(text: string, file: string): Study {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken) {
    const problem = broken.message.split('\n')[0].replace(/ at line \d+, column \d+:?$/, '');
    throw new ReseedError('input.config', problem, { file: at(broken.pos[0]) });
  }
  const parsed = studySchema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  // A misspelt key also leaves the right one missing: the key is what is wrong.
  const { issues } = parsed.error;
  const first = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const { path, problem, found } = explain(first, document.toJS());
  throw new ReseedError('input.config', problem, {
    file: at(offsetOf(document, path)),
    ...(path.length > 0 ? { field: path.join('.') } : {}),
    ...(found === undefined ? {} : { found }),
  });
}

interface Explained {
  readonly path: (string | number)[];
  readonly problem: string;
  readonly found?: string;
}

/** Zod's first issue as the place that is wrong and what is wrong there. */
function explain(issue: z.core.$ZodIssue, value: unknown): Explained {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys') {
    return { path: [...path, issue.keys[0]], problem: 'no such key' };
  }
  if (issue.code === 'invalid_union') {
    // The branch that got furthest is the one that was meant.
    const branches = issue.errors.flatMap((errors) => errors.slice(0, 1));
    const meant = branches.reduce<z.core.$ZodIssue | undefined>(
      (best, b) => (best && best.path.length >= b.path.length ? best : b),
      undefined,
    );
    if (meant && meant.path.length > 0) {
      return explain({ ...meant, path: [...path, ...meant.path] } as z.core.$ZodIssue, value);
    }
    const expected = branches.map((b) => b.message.replace(/^Invalid input: expected /, '')).join(', or ');
    return { path, problem: `expected ${expected}`, ...foundAt(value, path) };
  }
  return { path, problem: issue.message, ...foundAt(value, path) };
}

function foundAt(value: unknown, path: readonly (string | number)[]): { found?: string } {
  let at = value as Record<string | number, unknown> | undefined;
  for (const key of path) at = at?.[key] as typeof at;
  return at === undefined ? {} : { found: JSON.stringify(at) };
}

/** Where the value at this path stands; where it is missing, its nearest parent. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as
      | { range?: [number, number, number] }
      | undefined;
    if (node?.range) return node.range[0];
  }
  return 0;
}

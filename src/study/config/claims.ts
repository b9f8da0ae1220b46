// The claims of a study file: what was published, and which number of the results it is held against.
import { z } from 'zod';
import { findingIds } from '../../diagnosis/checks/registry.js';
import { metricIds } from '../../metrics/registry.js';
import { seed } from './entries.js';

/** Which number of the results a claim is about. */
const measureSchema = z.union([
  z.strictObject({
    group: z.string().describe('id of a group, as layer0.plus'),
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

export const claimSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]+$/),
    text: z.string(),
    published: z.union([z.number(), z.string()]).describe('a number to find again, or words'),
    measure: measureSchema,
    tolerance: z
      .number()
      .nonnegative()
      .optional()
      .describe('a published number is found again within this distance'),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    refutedBy: z
      .array(z.enum(findingIds))
      .optional()
      .describe('findings that refute the claim even where its number comes out again'),
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

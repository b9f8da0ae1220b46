// The schema of a study file, whole.
import { z } from 'zod';
import { viewNames } from '../../features/families/view.js';
import { distinct, list } from '../../training/setting.js';
import { settingsOf } from '../settings.js';
import { activationsSchema } from './activations.js';
import { claimSchema } from './claims.js';
import { seed, shortName } from './entries.js';
import { executorSchema } from './executor.js';
import { saeSchema, trainingSchema, variantSchema } from './sae-settings.js';

/** What a study does, in order; each needs what the one before it makes. */
export const stageNames = ['train', 'compare', 'diagnose', 'report'] as const;
export type StageName = (typeof stageNames)[number];

const quickSchema = z.strictObject({
  epochs: z.int().positive().optional(),
  steps: z.int().positive().optional(),
  draws: z.int().min(2).optional(),
});

const consensusSchema = z.strictObject({
  by: z.enum(viewNames).exactOptional().describe('features are the same by these; default: directions'),
  cosine: z
    .number()
    .gt(0.5)
    .max(1)
    .exactOptional()
    .describe('between all features of a family; default: 0.7'),
  support: z
    .int()
    .min(2)
    .exactOptional()
    .describe('a family in so many SAEs is a feature of the dictionary; default: more than half of them'),
  k: z.int().positive().exactOptional().describe('features of a row that the dictionary keeps'),
  steps: z.int().nonnegative().exactOptional().describe('of fitting its encoder and biases; default: 1000'),
});

const seedsSchema = z.strictObject({
  init: list(seed).describe('draw the weights'),
  order: z
    .union([z.literal('same'), seed, z.array(seed), z.strictObject({ cross: list(seed) })])
    .default('same')
    .describe(
      'draw the order of the data. same: the init seed; a number: one order for all; a list: one each; ' +
        'cross: every init seed with each of these',
    ),
});

export const studySchema = z
  .strictObject({
    name: shortName,
    description: z.string().optional(),
    activations: activationsSchema.describe('where activations come from'),
    sae: saeSchema.describe('each a value, or a list to go through'),
    training: trainingSchema.describe('recipe, epochs and steps: each a value, or a list to go through'),
    variants: z
      .array(variantSchema)
      .min(1)
      .refine((all) => distinct(all.map(({ name }) => name)), { error: 'two variants have one name' })
      .optional(),
    seeds: seedsSchema,
    stages: z
      .array(z.enum(stageNames))
      .min(1)
      .refine(
        (all) =>
          all.every((name, i) => i === 0 || stageNames.indexOf(name) === stageNames.indexOf(all[i - 1]) + 1),
        { error: `stages follow each other without gaps: ${stageNames.join(', ')}` },
      )
      .optional()
      .describe('default: all'),
    analysis: z
      .strictObject({
        seed: seed.default(0).describe('of what the nulls draw'),
        draws: z.int().min(2).default(20).describe('for each null that is drawn'),
      })
      .default({ seed: 0, draws: 20 }),
    consensus: consensusSchema
      .optional()
      .describe(
        'write what the SAEs of each group agree on, as one dictionary, into consensus/; {}: as by default',
      ),
    executor: executorSchema
      .exactOptional()
      .describe('where units of the study are worked on; nothing of it changes results'),
    quick: quickSchema.default({ epochs: 5, steps: 500, draws: 5 }).describe('what --quick changes'),
    claims: z.array(claimSchema).default([]),
  })
  .superRefine(({ activations, sae, training, variants }, context) => {
    const astray = variants?.findIndex((variant) => variant.activations && !('planted' in activations)) ?? -1;
    if (astray >= 0) {
      const message = 'only planted activations can differ from variant to variant';
      context.addIssue({ code: 'custom', message, path: ['variants', astray, 'activations'] });
    }
    const settings = settingsOf({ sae, training, variants });
    if (Array.isArray(settings)) return;
    context.addIssue({ code: 'custom', message: settings.problem, path: [...settings.path] });
  })
  .refine(({ seeds: { init, order } }) => !Array.isArray(order) || order.length === init.length, {
    error: 'as many order seeds as init seeds are needed',
    path: ['seeds', 'order'],
  })
  .refine(({ seeds: { init, order } }) => init.length * crossed(order) >= 2, {
    error: 'at least two seeds are needed to compare',
    path: ['seeds', 'init'],
  })
  .refine(({ claims }) => distinct(claims.map((c) => c.id)), {
    error: 'two claims have one id',
    path: ['claims'],
  });

function crossed(order: z.infer<typeof seedsSchema>['order']): number {
  return typeof order === 'object' && !Array.isArray(order) ? order.cross.length : 1;
}

export type Study = z.infer<typeof studySchema>;

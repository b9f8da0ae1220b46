// The settings of SAEs and of their training as a study file gives them: each one value, or an axis.
import { z } from 'zod';
import { recipeNames } from '../../training/recipes/index.js';
import { architectureNames } from '../architectures.js';
import { plantedVariantSchema } from './activations.js';
import { axis, list, shortName } from './entries.js';

const positive = z.number().positive();
const whole = z.int().positive();

export const saeSchema = z.strictObject({
  architecture: axis(z.enum(architectureNames)).optional(),
  dSae: axis(whole).optional().describe('features'),
  k: axis(whole).optional().describe('active features per row; per row on average for batchtopk'),
  sparsity: axis(positive).optional().describe('weight of the sparsity term of relu, jumprelu and gated'),
  targetL0: axis(positive).optional().describe('active features per row that jumprelu is trained towards'),
  groups: axis(list(whole)).optional().describe('prefixes of a matryoshka dictionary, in features'),
});

export const trainingSchema = z.strictObject({
  recipe: axis(z.enum(recipeNames)).optional(),
  epochs: axis(whole).optional().describe('passes over the activations; or give steps'),
  steps: axis(whole).optional().describe('batches; or give epochs'),
  batchSize: whole.optional().describe('rows'),
  learningRate: positive.optional().describe("the recipe's own where it is left out"),
  snapshots: z
    .union([z.literal('log'), list(whole)])
    .optional()
    .describe('steps after which the SAE is kept as it is then; log: 1, 2, 4, 8 …'),
});

export const variantSchema = z
  .strictObject({
    name: shortName.describe('goes into the ids of its groups'),
    activations: plantedVariantSchema.optional().describe('only where the activations are planted'),
    sae: saeSchema.optional(),
    training: trainingSchema.optional(),
  })
  .describe('settings laid over the common ones, where several change together');

export type SaeConfig = z.infer<typeof saeSchema>;
export type TrainingConfig = z.infer<typeof trainingSchema>;
export type Variant = z.infer<typeof variantSchema>;

// The settings of a group as results have them.
import { z } from 'zod';
import { type OwnKey, ownSettings } from '../training/architectures/registry.js';
import type { Setting, ValuesOf } from '../training/setting.js';
import { saeAxes, trainingAxes, trainingSettings } from '../training/settings.js';

/** The settings that only some architectures have. */
const ownSchemas = Object.fromEntries(
  Object.entries<Setting>(ownSettings).map(([key, { schema, description }]) => [
    key,
    schema.describe(description).exactOptional(),
  ]),
) as { readonly [K in OwnKey]: z.ZodExactOptional<z.ZodType<ValuesOf<typeof ownSettings>[K]>> };

/** What the SAEs of a group have in common besides their activations; absent is absent. */
export const settingsSchema = z.object({
  variant: z.string().exactOptional(),
  architecture: z.string(),
  dSae: saeAxes.dSae.schema,
  ...ownSchemas,
  recipe: z.string(),
  epochs: trainingAxes.epochs.schema.exactOptional(),
  steps: trainingAxes.steps.schema,
  batchSize: trainingSettings.batchSize.schema,
  learningRate: trainingSettings.learningRate.schema,
});

export type GroupSettings = z.infer<typeof settingsSchema>;

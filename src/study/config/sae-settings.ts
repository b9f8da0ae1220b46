// The settings of SAEs and of their training as a study file gives them: each one value, or an axis.
import { z } from 'zod';
import { ownKeys, usersOf } from '../../training/architectures/registry.js';
import type { Settings } from '../../training/setting.js';
import { saeAxes, trainingAxes, trainingSettings } from '../../training/settings.js';
import { plantedVariantSchema } from './activations.js';
import { axis, shortName } from './entries.js';

type AxisOf<T extends z.ZodType> = ReturnType<typeof axis<T>>;
type Given<T extends Settings> = { readonly [K in keyof T]: z.ZodOptional<T[K]['schema']> };
type GivenAxes<T extends Settings> = { readonly [K in keyof T]: z.ZodOptional<AxisOf<T[K]['schema']>> };

/** Of settings, the entries of a study file: each may be left out. @param each what an entry may be */
function entries(settings: Settings, each: (schema: z.ZodType) => z.ZodType) {
  return Object.fromEntries(
    Object.entries(settings).map(([key, { schema, description }]) => [
      key,
      each(schema)
        .optional()
        .describe(`${description}${whose(key)}`),
    ]),
  );
}

/** Which architectures have it, where not all of them do. */
function whose(key: string): string {
  const own = ownKeys.find((one) => one === key);
  return own ? ` (${usersOf(own).join(', ')})` : '';
}

export const saeSchema = z.strictObject(entries(saeAxes, axis) as GivenAxes<typeof saeAxes>);

export const trainingSchema = z.strictObject({
  ...(entries(trainingAxes, axis) as GivenAxes<typeof trainingAxes>),
  ...(entries(trainingSettings, (schema) => schema) as Given<typeof trainingSettings>),
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

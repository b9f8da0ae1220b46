// Every setting of an SAE and of its training, once: study files, plans, results and reports take them from here.
import { z } from 'zod';
import { architectureNames, ownSettings, type SaeSettings } from './architectures/registry.js';
import { type RecipeName, recipeNames, recipeSettings } from './recipes/registry.js';
import { type Axis, list, type Setting, type ValuesOf, whole } from './setting.js';

const architecture = {
  schema: z.enum(architectureNames),
  description: 'how codes come about',
  prefix: '',
  words: { name: 'architecture', short: 'architecture', column: 'Architecture' },
} satisfies Axis;

const dSae = {
  schema: whole,
  description: 'features',
  prefix: 'd',
  words: { name: 'number of features', short: 'features', column: 'Features' },
} satisfies Axis;

const recipe = {
  schema: z.enum(recipeNames),
  description: 'how weights are drawn, what the loss is made of, which optimiser moves them',
  prefix: '',
  words: { name: 'recipe', short: 'recipe', column: 'Recipe' },
} satisfies Axis;

const epochs = {
  schema: whole,
  description: 'passes over the activations; or give steps',
  prefix: 'epochs',
  words: { name: 'epochs', short: 'epochs', column: 'Epochs' },
} satisfies Axis;

const steps = {
  schema: whole,
  description: 'batches; or give epochs',
  prefix: 'steps',
  words: { name: 'training steps', short: 'steps', column: 'Steps' },
} satisfies Axis;

const batchSize = { schema: whole, description: 'rows' } satisfies Setting;

const snapshots = {
  schema: z.union([z.literal('log'), list(whole)]),
  description: 'steps after which the SAE is kept as it is then; log: 1, 2, 4, 8 …',
} satisfies Setting;

/** What an SAE is to be. */
export const saeAxes = { architecture, dSae, ...ownSettings };

/** How it is trained: what groups can differ in, and the rest. */
export const trainingAxes = { recipe, epochs, steps };
export const trainingSettings = { batchSize, ...recipeSettings, snapshots };

/** Everything that a study can go through, the first one slowest. */
export const axes = { ...saeAxes, ...trainingAxes };
export type AxisKey = keyof typeof axes;

/** What an SAE is to be and how it is trained; absent: of no use to it, or the recipe's own. */
export type TrainedSettings = SaeSettings & { readonly recipe: RecipeName } & Partial<
    ValuesOf<Pick<typeof trainingAxes, 'epochs' | 'steps'>>
  > &
  ValuesOf<Pick<typeof trainingSettings, 'batchSize'>> &
  Partial<ValuesOf<Omit<typeof trainingSettings, 'batchSize'>>>;

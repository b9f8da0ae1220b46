// Where the activations of a study come from: one schema a source, told apart by the key that only it has.
import { z } from 'zod';
import { sitePositions } from '../../activations/transformer/config.js';
import { list, whole } from '../../training/setting.js';
import { axis, seed, siteName } from './entries.js';

const siteNames = Object.keys(sitePositions) as [keyof typeof sitePositions];

export const transformerSchema = z.strictObject({
  transformer: z
    .union([z.literal(2), z.literal(3), z.string()])
    .describe('layers of the shipped transformer, or a file of weights, relative to the study file'),
  layers: list(z.int().nonnegative()).describe('layers after which the residual stream is read, from 0'),
  sites: list(z.enum(siteNames)).describe('tokens at which it is read'),
});

export const fileSchema = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe('activations [rows × d]: a file, or a folder of shards in the order of their names'),
  layer: z.int().nonnegative().optional(),
  site: siteName
    .optional()
    .describe('what the results call them: resid_post, blocks.6.hook_resid_post (default: activations)'),
  tokens: z
    .string()
    .min(1)
    .optional()
    .describe('the token of each row, a .parquet or .json file: adds examples.parquet to the report'),
  dropFirst: z
    .int()
    .nonnegative()
    .optional()
    .describe('leaves out the first so many positions of each sequence, by the tokens where there are any'),
});

const amount = z.number().nonnegative();

const plantedWorlds = z.strictObject({
  features: axis(whole).describe('true features of a world'),
  dModel: axis(whole).describe('width of the activations'),
  rows: whole.describe('activations of a world'),
  active: axis(z.number().positive()).describe('true features that fire on a row'),
  firing: z
    .enum(['exactly', 'independent'])
    .optional()
    .describe('whether so many fire on each row, as by default, or on average'),
  zipf: axis(amount)
    .optional()
    .describe('exponent of how often features fire, by rank; default: 0, all equally often'),
  noise: axis(amount).optional().describe('length of the noise over that of the signal; default: 0'),
  overlap: axis(z.number().min(0).max(1))
    .optional()
    .describe(
      'share of the true features that the worlds of all init seeds have in common; default: 1, one world',
    ),
  seed: seed.optional(),
});

export const plantedSchema = z.strictObject({
  planted: plantedWorlds.describe(
    'sparse mixtures of true features that are known; each init seed reads its own world',
  ),
});

/** What a variant may say of the activations: planted ones with some settings of their own. */
export const plantedVariantSchema = z.strictObject({ planted: plantedWorlds.partial() });

export const activationsSchema = z.union([transformerSchema, fileSchema, plantedSchema]);

export type TransformerActivations = z.infer<typeof transformerSchema>;
export type FileActivations = z.infer<typeof fileSchema>;
export type PlantedActivations = z.infer<typeof plantedSchema>;
export type PlantedVariant = z.infer<typeof plantedVariantSchema>;
export type Activations = z.infer<typeof activationsSchema>;

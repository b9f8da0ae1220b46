// Where the activations of a study come from: one schema a source, told apart by the key that only it has.
import { z } from 'zod';
import { sitePositions } from '../../activations/transformer/config.js';
import { list, shortName } from './entries.js';

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
  site: shortName.optional().describe('what the results call them (default: activations)'),
});

export const activationsSchema = z.union([transformerSchema, fileSchema]);

export type TransformerActivations = z.infer<typeof transformerSchema>;
export type FileActivations = z.infer<typeof fileSchema>;
export type Activations = z.infer<typeof activationsSchema>;

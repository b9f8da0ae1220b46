// What all dictionaries of OpenMOSS share in their settings, and what of their codes no reader of rows can follow.
// Source: llamascopium 2.0.0b34, models/sparse_dictionary.py.

import { z } from 'zod';
import { defined } from '../../defined.js';
import { ReseedError } from '../../errors.js';
import type { Checkpoint } from '../checkpoint.js';
import { notEncoded } from '../not-encoded.js';
import type { SaeOrigin } from '../source.js';
import type { WeightReader } from '../weight-reader.js';

export const openmossTitle = 'OpenMOSS (Llama Scope)';

const positive = z.int().positive();

export const commonFields = {
  d_model: positive,
  expansion_factor: z.number().positive(),
  d_sae: positive.optional(),
  act_fn: z.enum(['relu', 'jumprelu', 'topk', 'batchtopk', 'layertopk', 'batchlayertopk']),
  top_k: positive.optional(),
  norm_activation: z.enum(['none', 'inference', 'token-wise', 'dataset-wise', 'batch-wise']),
  use_decoder_bias: z.boolean().default(true),
  sparsity_include_decoder_norm: z.boolean().default(true),
  seed: z.int().optional().catch(undefined),
};

const common = z.object(commonFields);

export type CommonConfig = z.infer<typeof common>;

export function featuresOf({ d_sae, d_model, expansion_factor }: CommonConfig): number {
  return d_sae ?? Math.trunc(d_model * expansion_factor);
}

/** Before the names of the mean norms of activations, by hook. */
export const storedNorm = 'dataset_average_activation_norm.';

/**
 * What activations of a hook are multiplied with: √d/(their mean norm), 1 where nothing is done to them.
 * @param file the settings @throws input.format where the factor is not in the files
 */
export async function scaleOf(
  { norm_activation: norm, d_model: d }: CommonConfig,
  hook: string,
  weights: WeightReader,
  file: string,
): Promise<number> {
  const name = storedNorm + hook;
  if (norm !== 'dataset-wise') {
    weights.leave([name], `norm_activation is ${norm}`);
    return 1;
  }
  const stored = weights.has(name) ? await weights.scalar(name, 'mean norm of activations') : 0;
  if (stored > 0) return Math.sqrt(d) / stored;
  throw unknownScale(file);
}

export function unknownScale(file: string): ReseedError {
  return new ReseedError('input.format', 'what its input is multiplied with is not in the files', {
    file,
    field: 'dataset_average_activation_norm',
    found: 'nothing',
    expected: 'the mean norms of its input and output, or norm_activation inference after they are folded in',
  });
}

/**
 * @param file the settings
 * @throws input.format for what depends on more than one row, unless directions are compared alone
 */
export function requireRows(
  { act_fn: kind, norm_activation: norm, top_k: k }: CommonConfig,
  { architecture, weightsOnly }: NonNullable<Checkpoint['stated']>,
  file: string,
): void {
  if (weightsOnly) return;
  if (norm === 'batch-wise') {
    const problem = 'the norm of its input is that of a whole batch, which no row tells';
    throw notEncoded(file, 'norm_activation', norm, problem);
  }
  const batch = !['relu', 'jumprelu', 'topk'].includes(kind);
  if (!batch || (kind === 'batchtopk' && architecture === 'topk')) return;
  const problem =
    'it chooses features over a whole batch, or over all layers, and no threshold is in the files';
  const instead = kind === 'batchtopk' ? `--architecture topk, which keeps ${k ?? 'k'} of each row; or ` : '';
  throw notEncoded(file, 'act_fn', kind, problem, instead);
}

export function originOf(
  { seed }: CommonConfig,
  layer: string | number | undefined,
): Omit<SaeOrigin, 'format' | 'path'> {
  return {
    ...(layer === undefined ? {} : { layer: Number(layer) }),
    ...defined({ initSeed: seed }),
  };
}

/** `blocks.15.hook_resid_post` is of layer 15. */
export function layerOf(hook: string): number | undefined {
  const layer = /\.(\d+)\./.exec(hook)?.[1];
  return layer === undefined ? undefined : Number(layer);
}

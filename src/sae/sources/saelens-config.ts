// The configuration of a SAELens checkpoint, with what older versions wrote under other names.
//
// Before version 6: hook_point for hook_name, activation_fn_str for activation_fn, `topk` as an activation function with
// its k in activation_fn_kwargs, normalize_activations as a boolean, hook_name beside the others and not in metadata.
// Source: sae_lens 6, loading/pretrained_sae_loaders.py.

import { dirname, join } from 'node:path';
import { z } from 'zod';
import { defined } from '../../defined.js';
import { ReseedError } from '../../errors.js';
import type { JsonObject } from '../checkpoint.js';
import { parseConfig } from '../parse-config.js';
import type { RowNorm } from '../sae.js';
import type { Assumption } from '../source.js';

export const saelensConfigName = 'cfg.json';

export const saelensArchitectures = [
  'standard',
  'topk',
  'abstopk',
  'jumprelu',
  'gated',
  'batchtopk',
  'matryoshka_batchtopk',
  'transcoder',
  'skip_transcoder',
  'jumprelu_transcoder',
  'jumprelu_skip_transcoder',
] as const;

/** What `normalize_activations` calls them. */
export const rowNorms: Readonly<Record<RowNorm, string>> = {
  'constant-norm': 'constant_norm_rescale',
  'layer-norm': 'layer_norm',
};

const positive = z.int().positive();

const schema = z
  .object({
    architecture: z.enum(saelensArchitectures),
    d_in: positive,
    d_sae: positive,
    d_out: positive.optional(),
    /** BatchTopK allows a fraction: a mean. */
    k: z.number().positive().optional(),
    apply_b_dec_to_input: z.boolean(),
    normalize_activations: z.string(),
    rescale_acts_by_decoder_norm: z.boolean().default(false),
    reshape_activations: z.enum(['none', 'hook_z']).default('none'),
    metadata: z.looseObject({
      hook_name: z.string().optional().catch(undefined),
      reseed: z.record(z.string(), z.unknown()).optional(),
    }),
  })
  .refine(
    ({ architecture, d_sae, k }) =>
      !['topk', 'abstopk'].includes(architecture) || (Number.isInteger(k) && k! <= d_sae),
    {
      path: ['k'],
      error: 'a TopK SAE needs a whole number of features for each row, no more than it has',
    },
  );

export type SaelensConfig = z.infer<typeof schema>;

/** @param weightsFile beside which the configuration stands @throws input.format naming the field */
export function parseSaelensConfig(
  json: JsonObject,
  weightsFile: string,
): { config: SaelensConfig; file: string; assumptions: Assumption[] } {
  const file = join(dirname(weightsFile), saelensConfigName);
  const assumptions: Assumption[] = [];
  requireActivation(json, file);
  const config = parseConfig(schema, withDefaults(json, assumptions), file);
  return { config, file, assumptions };
}

/** Before version 6 the activation function could be another than the architecture says. */
function requireActivation(json: JsonObject, file: string): void {
  for (const field of ['activation_fn', 'activation_fn_str']) {
    const name = json[field];
    if (name === undefined || name === 'relu' || name === 'topk') continue;
    throw new ReseedError('input.format', 'it is an activation function that cannot be read', {
      file,
      field,
      found: JSON.stringify(name),
      expected: 'relu or topk',
    });
  }
}

/** The fields of version 6, from whatever version. */
function withDefaults(json: JsonObject, assumptions: Assumption[]): JsonObject {
  const assume = (of: string, taken: string, because: string) => {
    assumptions.push({ of, taken, because });
  };
  const { activation_fn_str: oldName, activation_fn: name = oldName, activation_fn_kwargs: options } = json;
  const topk = name === 'topk';
  const metadata = (json['metadata'] ?? {}) as JsonObject;
  const hookName = metadata['hook_name'] ?? json['hook_name'] ?? json['hook_point'];
  let architecture = json['architecture'];
  if (architecture === undefined || (architecture === 'standard' && topk)) {
    architecture = topk ? 'topk' : 'standard';
    assume(
      'architecture',
      String(architecture),
      `activation function ${name ?? 'not named'}: written before version 6`,
    );
  }
  if (json['apply_b_dec_to_input'] === undefined) {
    assume('apply_b_dec_to_input', 'true', 'default of SAELens');
  }
  let norm = json['normalize_activations'] ?? 'none';
  if (typeof norm === 'boolean') norm = norm ? 'expected_average_only_in' : 'none';
  return {
    ...json,
    architecture,
    k: json['k'] ?? (options as JsonObject | undefined)?.['k'],
    apply_b_dec_to_input: json['apply_b_dec_to_input'] ?? true,
    normalize_activations: norm,
    metadata: { ...metadata, ...defined({ hook_name: hookName }) },
  };
}

// TopK SAEs in the layout of SAELens v6: sae_weights.safetensors and cfg.json in one folder.
//
// W_enc [d, F], b_enc [F], W_dec [F, d], b_dec [d]. SAELens passes the kept pre-activations through ReLU and the
// layout has no field for leaving that out; such an SAE says so in `metadata.reseed.relu`, which we read back.
// Source: sae_lens 6, saes/topk_sae.py and constants.py.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ReseedError } from '../errors.js';
import { fileError } from '../formats/atomic-write.js';
import { encodeSafetensors, readSafetensors } from '../formats/safetensors.js';
import { float32Tensor } from '../formats/tensor.js';
import { transpose } from '../tensor/matrix.js';
import { dModel, dSae, type Sae } from './sae.js';

export const saelensFiles = { weights: 'sae_weights.safetensors', config: 'cfg.json' } as const;

const configSchema = z.object({
  architecture: z.literal('topk'),
  d_in: z.int().positive(),
  d_sae: z.int().positive(),
  k: z.int().positive(),
  apply_b_dec_to_input: z.boolean().default(true),
  normalize_activations: z.literal('none').default('none'),
  rescale_acts_by_decoder_norm: z.literal(false).default(false),
  metadata: z
    .looseObject({
      hook_name: z.string().optional().catch(undefined),
      reseed: z.looseObject({ relu: z.boolean() }).optional(),
    })
    .optional(),
});

/** What a run records about an SAE beside its weights: JSON values. */
export type SaeRecord = Readonly<Record<string, unknown>>;

/** Bytes of the two files. `record` goes to `metadata.reseed` and comes back from `readSaelens`. */
export function encodeSaelens(
  sae: Sae,
  hookName: string,
  record: SaeRecord = {},
): { weights: Uint8Array; config: string } {
  const d = dModel(sae);
  const features = dSae(sae);
  const weights = encodeSafetensors({
    W_enc: { shape: [d, features], data: transpose(sae.encoder).data },
    b_enc: { shape: [features], data: sae.encoderBias },
    W_dec: { shape: [features, d], data: sae.decoder.data },
    b_dec: { shape: [d], data: sae.decoderBias },
  });
  const config = {
    architecture: sae.architecture,
    d_in: d,
    d_sae: features,
    k: sae.k,
    dtype: 'float32',
    device: 'cpu',
    apply_b_dec_to_input: sae.subtractDecoderBias,
    normalize_activations: 'none',
    reshape_activations: 'none',
    rescale_acts_by_decoder_norm: false,
    metadata: { hook_name: hookName, reseed: { relu: sae.relu, ...record } },
  };
  return { weights, config: `${JSON.stringify(config, null, 2)}\n` };
}

export interface ReadSaelens {
  readonly sae: Sae;
  readonly record: SaeRecord;
  /** Where in the model its input was read, as `blocks.0.hook_resid_post`. */
  readonly hookName?: string;
}

/**
 * Reads a folder that `encodeSaelens` or SAELens wrote.
 * @throws input.file, input.format naming file, field, what was found and what was expected
 */
export async function readSaelens(folder: string): Promise<ReadSaelens> {
  const configFile = join(folder, saelensFiles.config);
  const config = parseConfig(await readText(configFile), configFile);
  const file = join(folder, saelensFiles.weights);
  const { tensors } = await readSafetensors(file);
  const { d_in: d, d_sae: features } = config;
  const reseed = config.metadata?.reseed;
  const tensor = (name: string, shape: number[]): Float32Array => float32Tensor(tensors, name, shape, file);
  const sae: Sae = {
    architecture: 'topk',
    k: config.k,
    relu: reseed?.relu ?? true,
    subtractDecoderBias: config.apply_b_dec_to_input,
    encoder: transpose({ rows: d, cols: features, data: tensor('W_enc', [d, features]) }),
    encoderBias: tensor('b_enc', [features]),
    decoder: { rows: features, cols: d, data: tensor('W_dec', [features, d]) },
    decoderBias: tensor('b_dec', [d]),
  };
  const hookName = config.metadata?.hook_name;
  return { sae, record: reseed ?? {}, ...(hookName === undefined ? {} : { hookName }) };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw fileError(file, 'read', cause);
  }
}

function parseConfig(text: string, file: string): z.infer<typeof configSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ReseedError('input.format', 'it is not JSON', { file, cause });
  }
  const parsed = configSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ReseedError('input.format', issue.message, { file, field: issue.path.join('.') });
}

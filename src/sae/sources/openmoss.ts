// SAEs and transcoders of OpenMOSS's Language-Model-SAEs: Llama Scope and what lm_saes wrote in 2024, with hyperparams.json,
// and what lm_saes and llamascopium have written since, with config.json.
//
// 2024: encoder.{weight [F, d], bias}, decoder.{weight [d, F], bias}, one jump_relu_threshold in the settings. On loading,
// with s = √d/(mean norm of the activations): b/s_in, b_d/s_out, D·s_in/s_out; with sparsity_include_decoder_norm then
// decoder rows get length 1, W_i·n_i, b_i·n_i. z = p where p > θ, so θ is of activations as they are, and of rows of length 1.
// Since: W_E [d, F], b_E, W_D [F, d], b_D, activation_function.log_jumprelu_threshold [F] (or the names of before). The input is
// multiplied by s and stays so: z = p where p·n_i > θ_i, n_i the length of a decoder row.
// Source: OpenMOSS/Language-Model-SAEs, src/lm_saes/sae.py (November 2024); llamascopium 2.0.0b34, models/sae.py,
// models/sparse_dictionary.py; sae_lens 6, loading/pretrained_sae_loaders.py (llama_scope, llama_scope_r1_distill).
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { rowNorms, sharedFloat32 } from '../../tensor/matrix.js';
import type { Checkpoint } from '../checkpoint.js';
import { foldDecoderNorms, scaleRows } from '../fold-norms.js';
import { notEncoded, sameThreshold } from '../not-encoded.js';
import { parseConfig } from '../parse-config.js';
import { requireK } from '../require-k.js';
import type { Activation, Sae } from '../sae.js';
import type { ReadSae, SaeSource } from '../source.js';
import { WeightReader } from '../weight-reader.js';
import {
  commonFields,
  featuresOf,
  layerOf,
  openmossTitle,
  originOf,
  requireRows,
  storedNorm,
  unknownScale,
} from './openmoss-config.js';
import { readOther } from './openmoss-others.js';

export const openmoss: SaeSource = {
  id: 'openmoss',
  title: openmossTitle,
  settings: [
    'norm_activation',
    'dataset_average_activation_norm',
    'apply_decoder_bias_to_pre_encoder',
    'sparsity_include_decoder_norm',
    'use_glu_encoder',
    'jump_relu_threshold',
  ],
  recognises: ({ configs }) =>
    [...configs.values()].some((json) => 'norm_activation' in json && 'act_fn' in json),
  read,
};

const configNames = ['hyperparams.json', 'config.json'] as const;
const norms = z.object({ in: z.number().positive(), out: z.number().positive() });

const schema = z.object({
  ...commonFields,
  jump_relu_threshold: z.number().nonnegative().default(0),
  dataset_average_activation_norm: norms.nullish(),
  apply_decoder_bias_to_pre_encoder: z.boolean().optional(),
  use_glu_encoder: z.boolean().default(false),
  hook_point_in: z.string(),
  hook_point_out: z.string().nullish(),
});

type Config = z.infer<typeof schema>;

async function read(checkpoint: Checkpoint): Promise<ReadSae> {
  const { configs, tensors, stated = {} } = checkpoint;
  const name = configNames.find((one) => 'norm_activation' in (configs.get(one) ?? {})) ?? configNames[1];
  const file = join(dirname(tensors.file), name);
  const json = configs.get(name) ?? {};
  if (!['sae', undefined].includes(json['sae_type'] as string)) return readOther(checkpoint, json, file);
  const config = parseConfig(schema, json, file);
  requireRows(config, stated, file);
  if (config.use_glu_encoder && !stated.weightsOnly) {
    const problem = 'a gate multiplies its pre-activations, which is not read';
    throw notEncoded(file, 'use_glu_encoder', 'true', problem);
  }
  const weights = new WeightReader(tensors, openmoss.title);
  const folded = name === 'hyperparams.json';
  const scales = await scalesOf(config, weights, file, stated);
  // Since 2025 no bias is subtracted; before it was, unless the settings said otherwise.
  const subtract = config.apply_decoder_bias_to_pre_encoder ?? folded;
  const given = { ...config, apply_decoder_bias_to_pre_encoder: subtract };
  const stored = await readWeights(given, weights, file, stated);
  weights.leave(
    ['W_E_glu', 'b_E_glu', 'encoder_glu.weight', 'encoder_glu.bias'],
    'directions are compared alone',
  );
  weights.requireAllTaken();
  const sae = folded
    ? inRawUnits(stored, scales, config, weights)
    : inOwnUnits(stored, scales, config, weights);
  const { hook_point_in: hookName } = config;
  return {
    sae: config.norm_activation === 'token-wise' ? { ...sae, inputNorm: 'constant-norm' } : sae,
    assumptions: weights.assumptions,
    hookName,
    origin: originOf(config, layerOf(hookName)),
  };
}

/** What input and output are multiplied with. */
interface Scales {
  readonly input: number;
  readonly output: number;
}

async function scalesOf(
  config: Config,
  weights: WeightReader,
  file: string,
  { weightsOnly }: NonNullable<Checkpoint['stated']>,
): Promise<Scales> {
  const { norm_activation: norm, hook_point_in: from, hook_point_out: to, d_model: d } = config;
  const hooks = { in: from, out: to ?? from };
  const stored: Partial<Record<'in' | 'out', number>> = {};
  for (const [side, hook] of Object.entries(hooks) as ['in' | 'out', string][]) {
    if (!weights.has(storedNorm + hook)) continue;
    if (norm === 'dataset-wise')
      stored[side] = await weights.scalar(storedNorm + hook, 'mean norm of activations');
    else weights.leave([storedNorm + hook], `norm_activation is ${norm}`);
  }
  if (norm !== 'dataset-wise') return { input: 1, output: 1 };
  const { in: input, out: output } = { ...stored, ...config.dataset_average_activation_norm };
  if (input !== undefined && output !== undefined && input > 0 && output > 0)
    return { input: Math.sqrt(d) / input, output: Math.sqrt(d) / output };
  // One factor for all rows leaves directions as they are.
  if (weightsOnly) return { input: 1, output: 1 };
  throw unknownScale(file);
}

async function readWeights(
  config: Config,
  weights: WeightReader,
  file: string,
  stated: NonNullable<Checkpoint['stated']>,
): Promise<Sae> {
  const { d_model: d, use_decoder_bias: biased, hook_point_in: from, hook_point_out: to } = config;
  const features = featuresOf(config);
  const layers = weights.has('encoder.weight');
  const bias = layers ? 'decoder.bias' : 'b_D';
  return {
    architecture: stated.architecture === 'topk' ? 'topk' : config.act_fn,
    encoder: layers
      ? await weights.rows('encoder.weight', features, d, 'encoder')
      : await weights.columns('W_E', features, d, 'encoder'),
    encoderBias: await weights.vector(layers ? 'encoder.bias' : 'b_E', features, 'encoder bias'),
    decoder: layers
      ? await weights.columns('decoder.weight', features, d, 'decoder')
      : await weights.rows('W_D', features, d, 'decoder'),
    decoderBias: biased ? await weights.vector(bias, d, 'decoder bias') : sharedFloat32(d),
    activation: await activationOf(config, features, weights, file, stated),
    subtractDecoderBias: biased && config.apply_decoder_bias_to_pre_encoder === true,
    ...(to === undefined || to === null || to === from ? {} : { transcoder: true }),
  };
}

async function activationOf(
  { act_fn: kind, top_k: k, jump_relu_threshold: threshold }: Config,
  features: number,
  weights: WeightReader,
  file: string,
  { weightsOnly, k: statedK }: NonNullable<Checkpoint['stated']>,
): Promise<Activation> {
  const logs = ['activation_function.log_jumprelu_threshold', 'log_jumprelu_threshold'].find((name) =>
    weights.has(name),
  );
  if (logs !== undefined) {
    const values = await weights.vector(logs, features, 'log of the threshold of each feature');
    return { kind: 'jumprelu', threshold: values.map(Math.exp) };
  }
  if (kind === 'relu') return { kind: 'relu' };
  if (kind === 'batchtopk' && weightsOnly) return { kind: 'unknown' };
  if (kind === 'batchtopk') weights.assume('act_fn batchtopk', 'the k largest of each row', 'stated');
  if (kind === 'batchtopk' || (kind === 'topk' && threshold === 0)) {
    return { kind: 'topk', k: requireK(k ?? statedK, features, file, 'top_k'), relu: true };
  }
  // With a threshold, topk is read so too.
  weights.assume(`jump_relu_threshold ${threshold}`, 'threshold of all features', openmoss.title);
  return sameThreshold(threshold, features);
}

/** As lm_saes loads it: codes and threshold are of activations as they are, and of decoder rows of length 1. */
function inRawUnits(sae: Sae, { input, output }: Scales, config: Config, weights: WeightReader): Sae {
  if (input !== 1 || output !== 1) {
    weights.assume(
      `dataset_average_activation_norm, factors ${input} and ${output}`,
      'folded into biases and decoder',
      'as lm_saes does on loading',
    );
  }
  const raw: Sae = {
    ...sae,
    encoderBias: sae.encoderBias.map((value) => value / input),
    decoder: scaleRows(sae.decoder, () => input / output),
    decoderBias: sae.decoderBias.map((value) => value / output),
  };
  if (!config.sparsity_include_decoder_norm) return raw;
  weights.assume(
    'sparsity_include_decoder_norm true',
    'decoder rows of length 1',
    'as lm_saes does on loading',
  );
  return foldDecoderNorms(raw);
}

/** Codes stay those of scaled activations; a threshold that is held against p·n is one of p over n. */
function inOwnUnits(sae: Sae, { input, output }: Scales, config: Config, weights: WeightReader): Sae {
  const { activation } = sae;
  const byLength = config.sparsity_include_decoder_norm;
  // Only the outline of the file is read: the lengths are not known.
  const lengths = sae.decoder.data.length === 0 ? undefined : rowNorms(sae.decoder);
  const scaled: Sae = {
    ...sae,
    encoder: scaleRows(sae.encoder, () => input),
    decoder: scaleRows(sae.decoder, () => 1 / output),
    decoderBias: sae.decoderBias.map((value) => value / output),
  };
  if (input !== 1) {
    weights.assume(
      `factor ${input} of the input`,
      'folded into encoder and decoder',
      'norm_activation dataset-wise',
    );
  }
  if (!byLength || activation.kind === 'relu' || !lengths) return scaled;
  if (activation.kind === 'jumprelu') {
    const threshold = activation.threshold.map((value, i) => value / lengths[i]);
    return { ...scaled, activation: { ...activation, threshold } };
  }
  weights.assume(
    'sparsity_include_decoder_norm true',
    'decoder rows of length 1, their lengths in the encoder',
    'features are chosen by activation times length',
  );
  return foldDecoderNorms(scaled);
}

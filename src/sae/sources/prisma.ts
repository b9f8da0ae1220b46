// SAEs of ViT-Prisma, as they are published on Hugging Face: weights.pt and config.json; and what its trainer saves.
//
// W_enc [d, F], b_enc [F], W_dec [F, d], b_dec [d]; gated ones have b_gate, r_mag, b_mag [F] too, and a b_enc that they do not
// use. b_dec is always subtracted from the input, after it was normalised: layer_norm and constant_norm_rescale are those of
// SAELens. z = max(W·(x − b_dec) + b, 0), or the k largest of these.
// Source: soniajoseph/ViT-Prisma, src/vit_prisma/sae/sae.py, config.py.

import { dirname, join } from 'node:path';
import { z } from 'zod';
import { defined } from '../../defined.js';
import type { Checkpoint, JsonObject } from '../checkpoint.js';
import { gatedActivation } from '../gated-activation.js';
import { mapOf, prefixesOf } from '../nested-state.js';
import { parseConfig } from '../parse-config.js';
import { requireK } from '../require-k.js';
import type { Activation, InputNorm, Sae } from '../sae.js';
import type { ReadSae, SaeSource } from '../source.js';
import { WeightReader } from '../weight-reader.js';

export const prisma: SaeSource = {
  id: 'prisma',
  title: 'ViT-Prisma',
  settings: ['normalize_activations'],
  recognises: (checkpoint) =>
    prefixesOf(checkpoint.tensors, ['W_enc']).length === 1 && settingsOf(checkpoint) !== undefined,
  read,
};

const configName = 'config.json';
/** Fields that other tools with W_enc and activation_fn_str do not have. */
const own = ['cls_token_only', 'layer_subtype', 'hook_point_layer', 'vit_model_cfg'];

function settingsOf({ configs, tensors }: Checkpoint): JsonObject | undefined {
  const within = mapOf(tensors.values);
  return [configs.get(configName), mapOf(within['config']), mapOf(within['cfg'])].find(
    (json) => json !== undefined && 'activation_fn_str' in json && own.some((name) => name in json),
  );
}

const norms = {
  layer_norm: 'layer-norm',
  constant_norm_rescale: 'constant-norm',
} as const satisfies Record<string, InputNorm>;

const schema = z.object({
  architecture: z.enum(['standard', 'gated']).default('standard'),
  activation_fn_str: z.enum(['relu', 'topk']),
  activation_fn_kwargs: z.looseObject({ k: z.int().positive().optional() }).nullish(),
  normalize_activations: z
    .enum(['none', 'layer_norm', 'constant_norm_rescale'])
    .nullish()
    .or(z.literal(false)),
  hook_point_layer: z.int().nonnegative().optional().catch(undefined),
  layer_subtype: z.string().optional().catch(undefined),
  seed: z.int().optional().catch(undefined),
});

async function read(checkpoint: Checkpoint): Promise<ReadSae> {
  const { tensors, configs } = checkpoint;
  const settings = settingsOf(checkpoint) ?? {};
  const file = settings === configs.get(configName) ? join(dirname(tensors.file), configName) : tensors.file;
  const config = parseConfig(schema, settings, file);
  const [prefix] = prefixesOf(tensors, ['W_enc']);
  const weights = new WeightReader(tensors, prisma.title, prefix);
  const [d, features] = weights.shape('W_enc', 2);
  const gated = config.architecture === 'gated';
  const sae: Sae = {
    architecture: gated ? 'gated' : config.activation_fn_str,
    encoder: await weights.columns('W_enc', features, d, 'encoder'),
    encoderBias: await weights.vector(
      gated ? 'b_gate' : 'b_enc',
      features,
      gated ? 'bias of the gate' : 'encoder bias',
    ),
    decoder: await weights.rows('W_dec', features, d, 'decoder'),
    decoderBias: await weights.vector('b_dec', d, 'decoder bias'),
    activation: await activationOf(config, weights, features, file),
    subtractDecoderBias: true,
  };
  if (gated) weights.leave(['b_enc'], 'a gated SAE has it and does not use it');
  weights.requireAllTaken();
  const norm = config.normalize_activations;
  const { hook_point_layer: layer, layer_subtype: stream, seed } = config;
  return {
    sae: norm && norm !== 'none' ? { ...sae, inputNorm: norms[norm] } : sae,
    assumptions: weights.assumptions,
    ...(layer === undefined || stream === undefined ? {} : { hookName: `blocks.${layer}.${stream}` }),
    origin: defined({ layer, initSeed: seed }),
  };
}

async function activationOf(
  { architecture, activation_fn_str: name, activation_fn_kwargs: options }: z.infer<typeof schema>,
  weights: WeightReader,
  features: number,
  file: string,
): Promise<Activation> {
  if (architecture === 'gated') return gatedActivation(weights, features, 'b_mag');
  if (name === 'relu') return { kind: 'relu' };
  return { kind: 'topk', k: requireK(options?.k, features, file, 'activation_fn_kwargs.k'), relu: true };
}

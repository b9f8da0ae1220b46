// JumpReLU SAEs and transcoders of Gemma Scope (params.npz) and Gemma Scope 2 (params.safetensors and config.json).
//
// W_enc [d, F], b_enc [F], threshold [F], W_dec [F, d′], b_dec [d′], in small letters too; in transcoders of the second
// maybe affine_skip_connection [d, d′]. p = W_enc·x + b_enc, without b_dec; z = p where p > θ and p > 0;
// x̂ = Σ z_i W_dec,i + b_dec + x·affine_skip_connection.
// SAEs of the embedding were trained on x/√d, where x is what enters the first layer: W_enc/√d and W_dec·√d are for x.
// Source: sae_lens 6, loading/pretrained_sae_loaders.py (gemma_2 and gemma_3, SAEs and transcoders), also for the
// places that names of folders stand for.

import { dirname, join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { defined } from '../../defined.js';
import type { Checkpoint } from '../checkpoint.js';
import { parseConfig } from '../parse-config.js';
import type { Sae } from '../sae.js';
import type { ReadSae, SaeSource } from '../source.js';
import { WeightReader } from '../weight-reader.js';

export const gemmaScope: SaeSource = {
  id: 'gemma-scope',
  title: 'Gemma Scope',
  settings: ['affine_connection'],
  // Under the names in capitals SAELens keeps SAEs too, in safetensors.
  recognises({ tensors: { format, tensors } }) {
    const has = (...names: string[]) => names.every((name) => tensors.has(name));
    return has('w_enc', 'w_dec', 'threshold') || (format === 'npz' && has('W_enc', 'W_dec', 'threshold'));
  },
  read,
};

const configName = 'config.json';

const schema = z.object({
  architecture: z.literal('jump_relu').optional(),
  hf_hook_point_in: z.string().nullish(),
  hf_hook_point_out: z.string().nullish(),
  affine_connection: z.boolean().optional(),
});

type Config = z.infer<typeof schema>;

async function read({ configs, tensors, stated }: Checkpoint): Promise<ReadSae> {
  const config = parseConfig(schema, configs.get(configName) ?? {}, join(dirname(tensors.file), configName));
  const folders = resolve(dirname(tensors.file)).split(sep);
  const weights = new WeightReader(tensors, gemmaScope.title);
  const place = placeOf(config, folders);
  const sae = await readWeights(config, weights, place.transcoder ?? stated?.transcoder);
  weights.requireAllTaken();
  const { hookName, layer } = place;
  return {
    sae: place.embedding ? scaledForEmbedding(sae, weights) : sae,
    assumptions: weights.assumptions,
    ...defined({ hookName }),
    origin: layer === undefined ? {} : { layer },
  };
}

async function readWeights(
  { affine_connection: affine }: Config,
  weights: WeightReader,
  toldTranscoder: boolean | undefined,
): Promise<Sae> {
  const [encoderName, decoderName] = ['W_enc', 'W_dec'].map((name) =>
    weights.has(name) ? name : name.toLowerCase(),
  );
  const [d, features] = weights.shape(encoderName, 2);
  const skips = affine ?? weights.has('affine_skip_connection');
  const transcoder = toldTranscoder ?? skips;
  const dOut = transcoder ? weights.shape(decoderName, 2)[1] : d;
  if (toldTranscoder === undefined && !skips)
    weights.assume(
      'what it reconstructs',
      'its input',
      'neither its path nor a configuration says otherwise',
    );
  return {
    architecture: transcoder ? 'jumprelu_transcoder' : 'jumprelu',
    encoder: await weights.columns(encoderName, features, d, 'encoder'),
    encoderBias: await weights.vector('b_enc', features, 'encoder bias'),
    decoder: await weights.rows(decoderName, features, dOut, 'decoder'),
    decoderBias: await weights.vector('b_dec', dOut, 'decoder bias, not subtracted from the input'),
    activation: {
      kind: 'jumprelu',
      threshold: await weights.vector('threshold', features, 'threshold of each feature'),
    },
    subtractDecoderBias: false,
    ...(transcoder ? { transcoder } : {}),
    ...(skips
      ? {
          skip: await weights.columns(
            'affine_skip_connection',
            dOut,
            d,
            'skip connection',
            'coordinate that it writes',
          ),
        }
      : {}),
  };
}

/** The bias of the decoder stays as it is, as it does in SAELens. */
function scaledForEmbedding(sae: Sae, weights: WeightReader): Sae {
  const scale = Math.sqrt(sae.encoder.cols);
  weights.assume(
    'folder embedding',
    'encoder over √d, decoder times √d',
    'trained before the embedding is multiplied by √d',
  );
  return {
    ...sae,
    encoder: { ...sae.encoder, data: sae.encoder.data.map((value) => value / scale) },
    decoder: { ...sae.decoder, data: sae.decoder.data.map((value) => value * scale) },
  };
}

/** Where an SAE reads, as far as it is known. */
interface Place {
  readonly hookName?: string;
  readonly layer?: number;
  /** Undefined where nothing tells. */
  readonly transcoder?: boolean;
  readonly embedding: boolean;
}

/** Names of folders that are published, and the place in TransformerLens that each stands for. */
const places: readonly { readonly of: RegExp; readonly hook: string; readonly transcoder?: true }[] = [
  { of: /(?:gemma-scope-.*-res|^resid_post\w*)$/, hook: 'hook_resid_post' },
  { of: /(?:gemma-scope-.*-att|^attn_out\w*)$/, hook: 'attn.hook_z' },
  { of: /(?:gemma-scope-.*-mlp|^mlp_out\w*)$/, hook: 'hook_mlp_out' },
  { of: /gemma-scope-.*-transcoders$/, hook: 'ln2.hook_normalized', transcoder: true },
  { of: /^transcoder\w*$/, hook: 'hook_mlp_in', transcoder: true },
];

/** The same for hook points of the configuration. */
const hookPoints = new Map([
  ['output', 'hook_resid_post'],
  ['self_attn.o_proj.input', 'attn.hook_z'],
  ['post_feedforward_layernorm.output', 'hook_mlp_out'],
  ['pre_feedforward_layernorm.output', 'hook_mlp_in'],
]);

/**
 * What `gemma-scope-<model>-<place>/…/layer_<n>/width_<F>/average_l0_<l>` and `<place>/layer_<n>_width_<F>_l0_<l>` tell,
 * and a configuration, which comes first for the hook point.
 */
function placeOf(
  { hf_hook_point_in: from, hf_hook_point_out: to }: Config,
  folders: readonly string[],
): Place {
  const layerAt = folders.findLastIndex((folder) => /^layer_\d+/.test(folder));
  const names = folders.filter((folder, i) => i === layerAt - 1 || folder.includes('gemma-scope-'));
  const found = places.find(({ of }) => names.some((name) => of.test(name)));
  const [, hookLayer, hookPoint] = /^model\.layers\.(\d+)\.(.+)$/.exec(from ?? '') ?? [];
  const layer = hookLayer ?? /\d+/.exec(folders[layerAt] ?? '')?.[0];
  const point = hookPoint === undefined ? found?.hook : hookPoints.get(hookPoint);
  const embedding = folders.at(-3) === 'embedding';
  const transcoder = found ? found.transcoder === true : from && to ? from !== to : undefined;
  return {
    embedding,
    ...(layer === undefined ? {} : { layer: Number(layer) }),
    ...(layer === undefined || point === undefined ? {} : { hookName: `blocks.${layer}.${point}` }),
    ...(embedding ? { hookName: 'hook_embed' } : {}),
    ...defined({ transcoder }),
  };
}

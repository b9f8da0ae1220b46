// Crosscoders: one set of features that reads and writes the activations of several models, or of several layers.
//
// W_enc [m, d, F], b_enc [F], W_dec [F, m, d], b_dec [m, d], with cfg.json beside them. z = max(Σ_m W_enc,m·x_m + b_enc, 0),
// x̂_m = Σ z_i W_dec,i,m + b_dec,m. That is an SAE of the m·d activations side by side, model by model, as which it is read.
// Source: ckkissane/crosscoder-model-diff-replication, crosscoder.py; Lindsey et al. 2024, Sparse Crosscoders.
import { type Matrix, transpose } from '../../tensor/matrix.js';
import type { Checkpoint } from '../checkpoint.js';
import { prefixesOf } from '../nested-state.js';
import type { ReadSae, SaeSource } from '../source.js';
import { WeightReader } from '../weight-reader.js';

export const crosscoder: SaeSource = {
  id: 'crosscoder',
  title: 'a crosscoder',
  settings: [],
  recognises: ({ tensors }) => {
    const [prefix] = prefixesOf(tensors, ['W_enc']);
    const shapeOf = (name: string) => tensors.tensors.get(prefix + name)?.shape ?? [];
    const [encoder, decoder, bias] = ['W_enc', 'W_dec', 'b_enc'].map(shapeOf);
    if (prefix === undefined || encoder.length !== 3 || decoder.length !== 3 || bias.length !== 1)
      return false;
    return encoder[0] === decoder[1] && encoder[2] === decoder[0];
  },
  read,
};

async function read({ tensors, configs }: Checkpoint): Promise<ReadSae> {
  const [prefix] = prefixesOf(tensors, ['W_enc']);
  const weights = new WeightReader(tensors, crosscoder.title, prefix);
  const [models, d, features] = weights.shape('W_enc', 3);
  const width = models * d;
  const encoder = await weights.values(
    'W_enc',
    [models, d, features],
    `encoder, of ${width} activations side by side, model by model`,
  );
  const sae = {
    architecture: 'crosscoder',
    activation: { kind: 'relu' },
    encoder: turned(encoder, features, width),
    encoderBias: await weights.vector('b_enc', features, 'encoder bias'),
    decoder: {
      rows: features,
      cols: width,
      data: await weights.values('W_dec', [features, models, d], 'decoder, one row a feature'),
    },
    decoderBias: await weights.values('b_dec', [models, d], 'decoder bias, not subtracted from the input'),
    subtractDecoderBias: false,
    parts: Array.from({ length: models }, (_, m) => `model ${m}`),
  } as const;
  weights.requireAllTaken();
  const { seed, hook_point: hook } = configs.get('cfg.json') ?? {};
  const layer = typeof hook === 'string' ? /^blocks\.(\d+)\./.exec(hook)?.[1] : undefined;
  return {
    sae,
    assumptions: weights.assumptions,
    ...(typeof hook === 'string' ? { hookName: hook } : {}),
    origin: {
      ...(Number.isSafeInteger(seed) ? { initSeed: seed as number } : {}),
      ...(layer === undefined ? {} : { layer: Number(layer) }),
    },
  };
}

/** [m·d × F] as [F × m·d]. */
function turned(data: Float32Array, features: number, width: number): Matrix {
  // Only the outline of the file is read: there is nothing to turn round.
  if (data.length === 0) return { rows: features, cols: width, data };
  return transpose({ rows: width, cols: features, data });
}

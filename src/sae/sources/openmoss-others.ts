// OpenMOSS's dictionaries of more than one place: crosscoders, cross-layer transcoders (CLTs), and low-rank sparse attention.
//
// Crosscoder: W_E [m, d, F], b_E [m, F], W_D [m, F, d], b_D [m, d]. p = Σ_m (x_m·W_E,m + b_E,m), and in model m feature i writes
// p where the activation keeps p·‖W_D,m,i‖: with ReLU that is one code for all models, else one a model, which is none of ours.
// CLT: W_E [L, d, F], b_E [L, F], W_D.<to> [to + 1, F, d], b_D.<to> [d]: feature i of layer l writes W_D.<to>_l,i into each layer
// from l on. p = x_l·W_E,l + b_E,l, kept where the activation keeps p·n_i, n_i the length of all that it writes. Each layer is an
// SAE, as circuit-tracer's are: decoder rows are joined, and biases belong to all layers together.
// Lorsa: W_V, W_O [F, d], b_V, b_D: what feature i reads and writes, with attention (W_Q, W_K) over positions between.
// With norm_activation dataset-wise activations of each hook are multiplied by its own factor.
// Source: llamascopium 2.0.0b34, models/{crosscoder,clt,lorsa}.py.
import { z } from 'zod';
import { ReseedError } from '../../errors.js';
import { type Matrix, rowNorms, sharedFloat32 } from '../../tensor/matrix.js';
import type { Checkpoint, JsonObject } from '../checkpoint.js';
import { foldDecoderNorms, scaleRows } from '../fold-norms.js';
import { notEncoded } from '../not-encoded.js';
import { parseConfig } from '../parse-config.js';
import { requireK } from '../require-k.js';
import type { Activation, Sae } from '../sae.js';
import type { ReadSae } from '../source.js';
import { WeightReader } from '../weight-reader.js';
import {
  type CommonConfig,
  commonFields,
  featuresOf,
  layerOf,
  openmossTitle,
  originOf,
  requireRows,
  scaleOf,
  storedNorm,
} from './openmoss-config.js';

const hooks = z.array(z.string()).nonempty();

const crosscoderSchema = z.object({ ...commonFields, hook_points: hooks });
const cltSchema = z.object({ ...commonFields, hook_points_in: hooks, hook_points_out: hooks });
const lorsaSchema = z.object({ ...commonFields, hook_point_in: z.string(), hook_point_out: z.string() });

const thresholdName = 'activation_function.log_jumprelu_threshold';

/** By `sae_type`. */
const readers: Readonly<Record<string, (given: Given) => Promise<ReadSae>>> = {
  crosscoder: readCrosscoder,
  clt: readLayer,
  lorsa: readLorsa,
};

interface Given {
  readonly json: JsonObject;
  /** The settings, for messages. */
  readonly file: string;
  readonly weights: WeightReader;
  readonly checkpoint: Checkpoint;
  readonly stated: NonNullable<Checkpoint['stated']>;
}

/** @param file the settings @throws as `SaeSource.read`; also for kinds that have no directions to compare */
export function readOther(checkpoint: Checkpoint, json: JsonObject, file: string): Promise<ReadSae> {
  const type = String(json['sae_type']);
  if (!Object.hasOwn(readers, type)) {
    throw new ReseedError('input.format', 'its features are no directions, which could be compared', {
      file,
      field: 'sae_type',
      found: type,
      expected: `sae, ${Object.keys(readers).join(', ')}`,
    });
  }
  const weights = new WeightReader(checkpoint.tensors, openmossTitle);
  return readers[type]({ json, file, weights, checkpoint, stated: checkpoint.stated ?? {} });
}

async function readCrosscoder({ json, file, weights, stated }: Given): Promise<ReadSae> {
  const config = parseConfig(crosscoderSchema, json, file);
  const { hook_points: places, d_model: d } = config;
  requireRows(config, stated, file);
  if (!stated.weightsOnly && config.act_fn !== 'relu') {
    const problem =
      'each of its models keeps or drops a feature by itself, so that features have more codes than one';
    throw notEncoded(file, 'act_fn', config.act_fn, problem);
  }
  if (!stated.weightsOnly && config.norm_activation === 'token-wise') {
    const problem =
      'activations of each model are normalised by themselves, and here they stand side by side';
    throw notEncoded(file, 'norm_activation', config.norm_activation, problem);
  }
  const [models, features] = [places.length, featuresOf(config)];
  const scales: number[] = [];
  for (const place of places)
    scales.push(stated.weightsOnly ? 1 : await scaleOf(config, place, weights, file));
  weights.leave(
    places.map((place) => storedNorm + place),
    'directions are compared alone',
  );
  const width = models * d;
  const encoder = await weights.values(
    'W_E',
    [models, d, features],
    `encoder, of ${width} activations side by side`,
  );
  const biases = await weights.values('b_E', [models, features], 'encoder biases, which add up');
  const decoder = await weights.values('W_D', [models, features, d], 'decoder, joined over models');
  const decoderBias = await weights.values('b_D', [models, d], 'decoder bias, not subtracted from the input');
  weights.leave([thresholdName], 'directions are compared alone');
  weights.requireAllTaken();
  const side = (data: Float32Array, at: (m: number, j: number, i: number) => number): Matrix => {
    // Only the outline of the file is read: there is nothing to join.
    if (data.length === 0) return { rows: features, cols: width, data };
    const out = sharedFloat32(features * width);
    for (let i = 0, e = 0; i < features; i++)
      for (let m = 0; m < models; m++) for (let j = 0; j < d; j++, e++) out[e] = at(m, j, i);
    return { rows: features, cols: width, data: out };
  };
  return {
    sae: {
      architecture: 'crosscoder',
      activation: stated.weightsOnly && config.act_fn !== 'relu' ? { kind: 'unknown' } : { kind: 'relu' },
      encoder: side(encoder, (m, j, i) => encoder[(m * d + j) * features + i] * scales[m]),
      encoderBias: Float32Array.from({ length: features }, (_, i) =>
        scales.reduce((sum, _scale, m) => sum + biases[m * features + i], 0),
      ),
      decoder: side(decoder, (m, j, i) => decoder[(m * features + i) * d + j] / scales[m]),
      decoderBias: decoderBias.map((value, e) => value / scales[Math.floor(e / d)]),
      subtractDecoderBias: false,
      parts: places,
    },
    assumptions: weights.assumptions,
    origin: originOf(config, undefined),
  };
}

async function readLayer({ json, file, weights, checkpoint, stated }: Given): Promise<ReadSae> {
  const config = parseConfig(cltSchema, json, file);
  const { hook_points_in: from, hook_points_out: to, d_model: d } = config;
  requireRows(config, stated, file);
  const [layers, features] = [from.length, featuresOf(config)];
  const targets = Array.from({ length: layers }, (_, l) => l).filter((l) => weights.has(`W_D.${l}`));
  const [layer = 0] = targets;
  const names = [...checkpoint.tensors.tensors.keys()];
  weights.leave(
    names.filter((name) => name.startsWith('b_D.')),
    'what all layers write into one is added up before it',
  );
  const input = stated.weightsOnly ? 1 : await scaleOf(config, from[layer], weights, file);
  const outputs: number[] = [];
  const written: Float32Array[] = [];
  for (const target of targets) {
    outputs.push(stated.weightsOnly ? 1 : await scaleOf(config, to[target], weights, file));
    written.push(
      await weights.values(`W_D.${target}`, [features, d], `decoder, what it writes into layer ${target}`),
    );
  }
  weights.leave(
    names.filter((name) => name.startsWith(storedNorm)),
    'of another layer, or of directions that are compared alone',
  );
  const sae: Sae = {
    architecture: config.act_fn,
    encoder: await weights.columns('W_E', features, d, 'encoder'),
    encoderBias: await weights.vector('b_E', features, 'encoder bias'),
    decoder: joined(written, features, d),
    decoderBias: sharedFloat32(targets.length * d),
    activation: await layerActivation(config, features, weights, file, stated),
    subtractDecoderBias: false,
    transcoder: true,
    ...(targets.length > 1 ? { parts: targets.map((target) => `layer ${target}`) } : {}),
  };
  weights.requireAllTaken();
  const told = byLength(sae, config);
  const decoder = scaleColumns(told.decoder, (j) => 1 / outputs[Math.floor(j / d)]);
  return {
    sae: { ...told, encoder: scaleRows(told.encoder, () => input), decoder },
    assumptions: weights.assumptions,
    hookName: from[layer],
    origin: originOf(config, layerOf(from[layer]) ?? layer),
  };
}

function joined(written: readonly Float32Array[], features: number, d: number): Matrix {
  const cols = written.length * d;
  if (written.some(({ length }) => length === 0)) return { rows: features, cols, data: new Float32Array(0) };
  const data = sharedFloat32(features * cols);
  written.forEach((part, p) => {
    for (let i = 0; i < features; i++) data.set(part.subarray(i * d, (i + 1) * d), i * cols + p * d);
  });
  return { rows: features, cols, data };
}

async function layerActivation(
  { act_fn: kind, top_k: k }: CommonConfig,
  features: number,
  weights: WeightReader,
  file: string,
  { weightsOnly, k: statedK }: Given['stated'],
): Promise<Activation> {
  if (kind === 'relu') return { kind };
  if (kind === 'jumprelu') {
    const logs = await weights.vector(thresholdName, features, 'log of the threshold of each feature');
    return { kind, threshold: logs.map(Math.exp) };
  }
  if (weightsOnly && kind !== 'topk') return { kind: 'unknown' };
  return { kind: 'topk', k: requireK(k ?? statedK, features, file, 'top_k'), relu: true };
}

/** Features are kept by p·n: a threshold becomes one of p, and of TopK decoder rows get length 1. */
function byLength(sae: Sae, { sparsity_include_decoder_norm: included }: CommonConfig): Sae {
  const { activation, decoder } = sae;
  // Only the outline of the file is read: the lengths are not known.
  if (!included || decoder.data.length === 0) return sae;
  if (activation.kind === 'topk') return foldDecoderNorms(sae);
  if (activation.kind !== 'jumprelu') return sae;
  const lengths = rowNorms(decoder);
  return {
    ...sae,
    activation: { ...activation, threshold: activation.threshold.map((value, i) => value / lengths[i]) },
  };
}

/** In place. */
function scaleColumns({ rows, cols, data }: Matrix, factor: (column: number) => number): Matrix {
  for (let e = 0; e < data.length; e++) data[e] *= factor(e % cols);
  return { rows, cols, data };
}

async function readLorsa({ json, file, weights, checkpoint, stated }: Given): Promise<ReadSae> {
  const config = parseConfig(lorsaSchema, json, file);
  if (!stated.weightsOnly) {
    const problem = 'its codes come from all positions of a sequence by attention, and not from rows';
    throw notEncoded(file, 'sae_type', 'lorsa', problem);
  }
  const { d_model: d, use_decoder_bias: biased, hook_point_in: hookName } = config;
  const features = featuresOf(config);
  const sae: Sae = {
    architecture: 'lorsa',
    activation: { kind: 'unknown' },
    encoder: await weights.rows('W_V', features, d, 'what it reads'),
    encoderBias: await weights.vector('b_V', features, 'bias of what it reads'),
    decoder: await weights.rows('W_O', features, d, 'decoder'),
    decoderBias: biased ? await weights.vector('b_D', d, 'decoder bias') : sharedFloat32(d),
    subtractDecoderBias: false,
    transcoder: true,
  };
  const attention =
    /^(?:[Wb]_[QK]|mask|IGNORE|rotary_(?:sin|cos)|ln_[qk]\..*|activation_function\..*|dataset_average_activation_norm\..*)$/;
  const others = [...checkpoint.tensors.tensors.keys()].filter((name) => attention.test(name));
  weights.leave(others, 'attention between positions; directions are compared alone');
  weights.requireAllTaken();
  return { sae, assumptions: weights.assumptions, hookName, origin: originOf(config, layerOf(hookName)) };
}

// The small transformer's weights: named tensors, kept in a safetensors file with the shape in its metadata.
import { ReseedError } from '../../errors.js';
import { readSafetensors } from '../../formats/read-safetensors.js';
import { encodeSafetensors } from '../../formats/safetensors.js';
import { float32Tensor, type Tensor } from '../../formats/tensor.js';
import { checkConfig, positions, type TransformerConfig, vocabularySize } from './config.js';

/** Weights by name; matrices are [in × out], row-major. */
export type TransformerWeights = Readonly<Record<string, Float32Array>>;

export interface Transformer {
  readonly config: TransformerConfig;
  readonly weights: TransformerWeights;
}

/** What a weight is for; it decides how it is drawn (see init.ts). */
export type WeightRole = 'embedding' | 'linear' | 'linear-bias' | 'norm-scale' | 'norm-bias';

export interface WeightSpec {
  readonly shape: readonly number[];
  readonly role: WeightRole;
  /** Inputs of the linear map that it belongs to. */
  readonly fanIn?: number;
}

/** Every weight of a model of this shape, by name. */
export function weightSpecs(config: TransformerConfig): Readonly<Record<string, WeightSpec>> {
  const { dModel: d, dMlp: m, modulus } = config;
  const norm = (name: string): Record<string, WeightSpec> => ({
    [`${name}.scale`]: { shape: [d], role: 'norm-scale' },
    [`${name}.bias`]: { shape: [d], role: 'norm-bias' },
  });
  const linear = (name: string, fanIn: number, fanOut: number): Record<string, WeightSpec> => ({
    [name]: { shape: [fanIn, fanOut], role: 'linear', fanIn },
  });
  const bias = (name: string, fanIn: number, fanOut: number): Record<string, WeightSpec> => ({
    [name]: { shape: [fanOut], role: 'linear-bias', fanIn },
  });
  const specs: Record<string, WeightSpec> = {
    'embedding.token': { shape: [vocabularySize(config), d], role: 'embedding' },
    'embedding.position': { shape: [positions, d], role: 'embedding' },
  };
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `layer${layer}`;
    Object.assign(specs, norm(`${at}.attention.norm`));
    for (const part of ['query', 'key', 'value', 'output']) {
      Object.assign(specs, linear(`${at}.attention.${part}`, d, d));
    }
    Object.assign(specs, norm(`${at}.mlp.norm`));
    Object.assign(specs, linear(`${at}.mlp.in`, d, m), bias(`${at}.mlp.in.bias`, d, m));
    Object.assign(specs, linear(`${at}.mlp.out`, m, d), bias(`${at}.mlp.out.bias`, m, d));
  }
  return Object.assign(specs, norm('final.norm'), linear('unembedding', d, modulus));
}

/** The bytes of the model's safetensors file. */
export function encodeTransformer({ config, weights }: Transformer): Uint8Array {
  const tensors: Record<string, Tensor> = {};
  for (const [name, { shape }] of Object.entries(weightSpecs(config)))
    tensors[name] = { shape, data: weights[name] };
  return encodeSafetensors(tensors, { config: JSON.stringify(config) });
}

/** @throws input.file, input.format or input.shape when the file is not a small transformer */
export async function loadTransformerFile(file: string): Promise<Transformer> {
  const { tensors, metadata } = await readSafetensors(file);
  const config = checkConfig(parseConfig(metadata['config'], file), file);
  const weights: Record<string, Float32Array> = {};
  for (const [name, { shape }] of Object.entries(weightSpecs(config))) {
    weights[name] = float32Tensor(tensors, name, shape, file);
    if (!weights[name].every(Number.isFinite)) {
      throw new ReseedError('input.non-finite', 'it holds NaN or Inf', { file, field: `tensor ${name}` });
    }
  }
  return { config, weights };
}

function parseConfig(text: string | undefined, file: string): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch (cause) {
    throw new ReseedError('input.format', 'it is not a transformer of this kind', {
      file,
      field: 'metadata config',
      found: text ?? 'nothing',
      expected: 'its shape as JSON',
      cause,
    });
  }
}

// The state of a training run: weights, optimiser moments, steps and losses so far; and its snapshot file.

import { ReseedError } from '../errors.js';
import { encodeSafetensors, readSafetensors } from '../formats/safetensors.js';
import { float32Tensor } from '../formats/tensor.js';
import { firstNonFinite } from '../kernel/arguments.js';
import type { TopKState, TopKWeights } from '../kernel/interface.js';
import type { SaeWeights } from '../sae/sae.js';
import { sharedFloat32 } from '../tensor/matrix.js';

/** A run between two epochs. */
export interface TrainingState {
  readonly adam: TopKState;
  /** Mean loss of each finished epoch. */
  readonly losses: number[];
}

const parts = ['encoder', 'encoderBias', 'decoder', 'decoderBias'] as const;
const blocks = ['weights', 'first', 'second'] as const;

/** Shapes of the parts: F features, width d. */
function shapes(features: number, width: number): Record<keyof TopKWeights, number[]> {
  return {
    encoder: [features, width],
    encoderBias: [features],
    decoder: [features, width],
    decoderBias: [width],
  };
}

/** A run before its first step. The initial weights are copied. */
export function startState(init: SaeWeights): TrainingState {
  const { rows: features, cols: width } = init.decoder;
  const blank = (): TopKWeights => ({
    encoder: sharedFloat32(features * width),
    encoderBias: sharedFloat32(features),
    decoder: sharedFloat32(features * width),
    decoderBias: sharedFloat32(width),
  });
  const weights = blank();
  weights.encoder.set(init.encoder.data);
  weights.encoderBias.set(init.encoderBias);
  weights.decoder.set(init.decoder.data);
  weights.decoderBias.set(init.decoderBias);
  return { adam: { features, width, weights, first: blank(), second: blank(), step: 0 }, losses: [] };
}

/** The weights of a run as an SAE has them; nothing is copied. */
export function weightsOf({ adam }: TrainingState): SaeWeights {
  const { features, width, weights } = adam;
  return {
    encoder: { rows: features, cols: width, data: weights.encoder },
    encoderBias: weights.encoderBias,
    decoder: { rows: features, cols: width, data: weights.decoder },
    decoderBias: weights.decoderBias,
  };
}

/** Whether every weight is a number that a step can be taken from. */
export function isTrainable({ adam: { weights } }: TrainingState): boolean {
  return parts.every((part) => firstNonFinite(weights[part]) < 0);
}

/** A snapshot that `readSnapshot` turns back into the same state, to the bit. */
export function encodeSnapshot({ adam, losses }: TrainingState, key: string): Uint8Array {
  const shape = shapes(adam.features, adam.width);
  const tensors = Object.fromEntries(
    blocks.flatMap((block) =>
      parts.map((part) => [`${block}.${part}`, { shape: shape[part], data: adam[block][part] }]),
    ),
  );
  const progress = JSON.stringify({ step: adam.step, losses });
  return encodeSafetensors(tensors, { key, progress });
}

/**
 * Reads a snapshot of a run with this key.
 * @throws input.format when it is of another run, or damaged; input.file when it cannot be read
 */
export async function readSnapshot(
  file: string,
  key: string,
  features: number,
  width: number,
): Promise<TrainingState> {
  const { tensors, metadata } = await readSafetensors(file);
  if (metadata['key'] !== key) {
    throw new ReseedError('input.format', 'the snapshot is of another run', {
      file,
      field: 'key',
      found: String(metadata['key']),
      expected: key,
    });
  }
  const shape = shapes(features, width);
  const read = (block: string): TopKWeights => {
    const part = (name: keyof TopKWeights): Float32Array =>
      float32Tensor(tensors, `${block}.${name}`, shape[name], file);
    return {
      encoder: part('encoder'),
      encoderBias: part('encoderBias'),
      decoder: part('decoder'),
      decoderBias: part('decoderBias'),
    };
  };
  const { step, losses } = JSON.parse(metadata['progress']) as { step: number; losses: number[] };
  const adam = {
    features,
    width,
    weights: read('weights'),
    first: read('first'),
    second: read('second'),
    step,
  };
  return { adam, losses };
}

// The state of a training run: weights, optimiser moments, steps and losses so far; and the file that it goes on from.
import { ReseedError } from '../errors.js';
import { readSafetensors } from '../formats/read-safetensors.js';
import { type SafetensorsPieces, safetensorsPieces } from '../formats/safetensors.js';
import { float32Tensor, type Tensor } from '../formats/tensor.js';
import { firstNonFinite } from '../kernel/arguments.js';
import type { SaeWeights } from '../sae/sae.js';
import { sharedFloat32, sharedInt32 } from '../tensor/matrix.js';

/** One array for each parameter: encoder and decoder [F×d], decoderBias [d], the others [F]. In shared memory. */
export interface Parameters extends Readonly<Record<string, Float32Array>> {
  readonly encoder: Float32Array;
  readonly decoder: Float32Array;
  readonly decoderBias: Float32Array;
}

/** What the optimiser carries from step to step, of any architecture. */
export interface AdamState {
  /** F */
  readonly features: number;
  /** d */
  readonly width: number;
  readonly weights: Parameters;
  /** First moments, same names and shapes. */
  readonly first: Parameters;
  /** Second moments. */
  readonly second: Parameters;
  /** [F] Steps or rows since each feature fired, where the recipe counts them. */
  readonly sinceFired: Int32Array;
  /** The running threshold of a BatchTopK SAE; below 0: none yet. */
  threshold: number;
  /** Optimiser steps taken so far. */
  step: number;
}

/** A run between two epochs. */
export interface TrainingState {
  readonly adam: AdamState;
  /** Mean reconstruction loss of each finished epoch, so that it says the same under every recipe. */
  readonly losses: number[];
}

/** What the file says in JSON. */
type Progress = Pick<AdamState, 'step' | 'threshold'> & Pick<TrainingState, 'losses'> & { names: string[] };

const blocks = ['weights', 'first', 'second'] as const;

export interface StartOptions {
  /** Parameters with one entry a feature besides the encoder's bias. */
  readonly perFeature?: Readonly<Record<string, Float32Array>>;
  /** The encoder's bias goes by this name. */
  readonly encoderBias?: string;
  readonly threshold?: number;
}

/** A run before its first step. The initial weights are copied. */
export function startState(
  init: SaeWeights,
  { perFeature = {}, encoderBias = 'encoderBias', threshold = -1 }: StartOptions = {},
): TrainingState {
  const given: Parameters = {
    encoder: init.encoder.data,
    decoder: init.decoder.data,
    decoderBias: init.decoderBias,
    [encoderBias]: init.encoderBias,
    ...perFeature,
  };
  const { rows: features, cols: width } = init.decoder;
  const weights = mapped(given, copyShared);
  const blank = () => mapped(given, ({ length }) => sharedFloat32(length));
  const sinceFired = sharedInt32(features);
  return {
    adam: { features, width, weights, first: blank(), second: blank(), sinceFired, threshold, step: 0 },
    losses: [],
  };
}

function mapped(parameters: Parameters, map: (values: Float32Array) => Float32Array): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, values]) => [name, map(values)]),
  ) as unknown as Parameters;
}

function copyShared(values: Float32Array): Float32Array {
  const copy = sharedFloat32(values.length);
  copy.set(values);
  return copy;
}

/** The weights of a run as an SAE has them; nothing is copied. @param bias name of the encoder's bias */
export function weightsOf({ adam }: TrainingState, bias = 'encoderBias'): SaeWeights {
  const { features, width, weights } = adam;
  return {
    encoder: { rows: features, cols: width, data: weights.encoder },
    encoderBias: weights[bias],
    decoder: { rows: features, cols: width, data: weights.decoder },
    decoderBias: weights.decoderBias,
  };
}

/** Whether every weight is a number that a step can be taken from. */
export function isTrainable({ adam: { weights } }: TrainingState): boolean {
  return Object.values(weights).every((values) => firstNonFinite(values) < 0);
}

/** A file that `readTrainingState` turns back into the same state, to the bit; the state must not change before it is written. */
export function trainingStatePieces({ adam, losses }: TrainingState, key: string): SafetensorsPieces {
  const { features, width, sinceFired, threshold, step } = adam;
  const tensors: Record<string, Tensor> = { sinceFired: { shape: [features], data: sinceFired } };
  for (const block of blocks) {
    for (const [name, data] of Object.entries(adam[block])) {
      tensors[`${block}.${name}`] = { shape: shapeOf(name, features, width), data };
    }
  }
  const progress: Progress = { names: Object.keys(adam.weights), step, threshold, losses };
  return safetensorsPieces(tensors, { key, progress: JSON.stringify(progress) });
}

function shapeOf(name: string, features: number, width: number): number[] {
  if (name === 'encoder' || name === 'decoder') return [features, width];
  return [name === 'decoderBias' ? width : features];
}

/**
 * Reads the saved state of a run with this key.
 * @throws input.format when it is of another run, or damaged; input.file when it cannot be read
 */
export async function readTrainingState(
  file: string,
  key: string,
  features: number,
  width: number,
): Promise<TrainingState> {
  const { tensors, metadata } = await readSafetensors(file);
  if (metadata['key'] !== key) {
    throw new ReseedError('input.format', 'the saved state of training is of another run', {
      file,
      field: 'key',
      found: String(metadata['key']),
      expected: key,
    });
  }
  const { names, step, threshold, losses } = JSON.parse(metadata['progress']) as Progress;
  const read = (block: string): Parameters =>
    Object.fromEntries(
      names.map((name) => [
        name,
        copyShared(float32Tensor(tensors, `${block}.${name}`, shapeOf(name, features, width), file)),
      ]),
    ) as unknown as Parameters;
  const counts = tensors.get('sinceFired')?.data;
  if (!(counts instanceof Int32Array) || counts.length !== features) {
    throw new ReseedError('input.format', 'the saved state of training has no counts since features fired', {
      file,
      field: 'sinceFired',
    });
  }
  const sinceFired = sharedInt32(features);
  sinceFired.set(counts);
  const [weights, first, second] = blocks.map(read);
  return { adam: { features, width, weights, first, second, sinceFired, threshold, step }, losses };
}

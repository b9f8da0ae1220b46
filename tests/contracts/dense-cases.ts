// Problems of ReLU, JumpReLU and Gated autoencoders: small ones, and tasks of some steps on random weights.
import fc from 'fast-check';
import {
  arrayList,
  type DenseArchitecture,
  type DenseArrays,
  type DenseLoss,
  type DenseTask,
  denseArrays,
  startDenseState,
} from '../../src/kernel/dense.js';
import { type Matrix, Rng, sharedFloat32, zeros } from '../../src/tensor/index.js';
import { randomBatches } from './training-cases.js';

export const plain: DenseLoss = {
  architecture: 'relu',
  subtractDecoderBias: false,
  sparsity: 0,
  weighByDecoderNorm: false,
  meanOverWidth: false,
  bandwidth: 1,
};

export interface Tiny {
  readonly x: Matrix;
  readonly weights: DenseArrays<Float32Array>;
  readonly loss: DenseLoss;
}

export const tiny = fc
  .record({
    architecture: fc.constantFrom<DenseArchitecture>('relu', 'jumprelu', 'gated'),
    subtractDecoderBias: fc.boolean(),
    weighByDecoderNorm: fc.boolean(),
    meanOverWidth: fc.boolean(),
    features: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 1, max: 5 }),
    rows: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(),
  })
  .map(({ features, width, rows, seed, ...options }): Tiny => {
    const rng = new Rng(seed, 'tiny');
    const x = zeros(rows, width);
    rng.fillNormal(x.data);
    const weights = denseArrays(options.architecture, features, width, (n) => new Float64Array(n));
    const draw = (like: Float64Array) => Float32Array.from(like, () => 0.5 * rng.normal());
    return {
      x,
      weights: {
        encoder: draw(weights.encoder),
        decoder: draw(weights.decoder),
        decoderBias: draw(weights.decoderBias),
        perFeature: weights.perFeature.map(draw),
      },
      loss: { ...plain, ...options, sparsity: 0.3 },
    };
  });

export const optimiser = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  projectGradient: true,
  normaliseDecoder: true,
};

/** A fresh task of `steps` steps on random weights and shuffled rows of X. */
export function randomTask(
  architecture: DenseArchitecture,
  rows: number,
  features: number,
  width: number,
  steps: number,
  seed: number,
): DenseTask {
  const rng = new Rng(seed, 'dense');
  const weights = denseArrays(architecture, features, width, sharedFloat32);
  for (const array of arrayList(weights))
    for (let i = 0; i < array.length; i++) array[i] = 0.3 * rng.normal();
  return {
    state: startDenseState(architecture, weights),
    batches: randomBatches(rows, 70, steps, seed),
    learningRates: Float64Array.from({ length: steps }, (_, s) => 1e-2 / (s + 1)),
    sparsities: Float64Array.from({ length: steps }, (_, s) => 0.01 * s),
  };
}

// Small problems of ReLU, JumpReLU and Gated autoencoders.
import fc from 'fast-check';
import {
  type DenseArchitecture,
  type DenseArrays,
  type DenseLoss,
  denseArrays,
} from '../../src/kernel/dense.js';
import { type Matrix, Rng, zeros } from '../../src/tensor/index.js';

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

// Autoencoders whose codes have no fixed number: ReLU, JumpReLU and Gated; their parameters, losses and steps.
//
// With c = x − b_d (or x), π = W·c and D the decoder, codes z of one row are
//   relu      p = π + b,                 z = max(p, 0)
//   jumprelu  p = π + b,                 z = p where p > θ and p > 0, else 0
//   gated     y = max(π + b_g, 0),       z = max(eʳ·π + b_m, 0) where y > 0, else 0
// and x̂ = Σ z_i D_i + b_d. Loss, means over the B rows of a batch, w_i = ‖D_i‖ or 1:
//   relu      ‖x̂ − x‖² + λ·Σ w_i z_i
//   jumprelu  ‖x̂ − x‖² + λ·L0, or + λ·(L0/target − 1)² with L0 the mean number of active features
//   gated     ‖x̂ − x‖² + λ·Σ w_i y_i + ‖Σ y_i D_i + b_d − x‖², the last with D and b_d held fixed
// Gradients of θ are straight-through with a rectangle of width ε around θ: ∂z/∂θ = −θ/ε and ∂L0/∂θ = −1/ε where
// |p − θ| < ε/2. λ·L0 is SAELens's loss; the target form is dictionary_learning's, which takes that rectangle of the
// code z instead of p. Sources: Bricken et al. 2023 (relu), Rajamanoharan et al. 2407.14435 (jumprelu) and
// 2404.16014 (gated).
import { type Matrix, sharedFloat32 } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';
import type { WorkOptions } from './work-options.js';

export type DenseArchitecture = 'relu' | 'jumprelu' | 'gated';

/** Names of the parameters with one entry a feature, in the order of `DenseArrays.perFeature`. */
export const perFeatureNames = {
  relu: ['encoderBias'],
  jumprelu: ['encoderBias', 'threshold'],
  gated: ['gateBias', 'magnitudeBias', 'magnitudeLogScale'],
} as const satisfies Record<DenseArchitecture, readonly string[]>;

/** One array for each parameter: the parameters themselves, their moments or their gradients. */
export interface DenseArrays<T extends Float32Array | Float64Array> {
  /** [F × d] W, row i is the direction that feature i reads */
  readonly encoder: T;
  /** [F × d] D, row i is the direction that feature i writes */
  readonly decoder: T;
  /** [d] b_d */
  readonly decoderBias: T;
  /** [F] each; b | b, θ | b_g, b_m, r */
  readonly perFeature: readonly T[];
}

export interface DenseEncoding {
  readonly architecture: DenseArchitecture;
  /** c = x − b_d instead of x */
  readonly subtractDecoderBias: boolean;
}

export interface DenseLoss extends DenseEncoding {
  /** λ */
  readonly sparsity: number;
  /** w_i = ‖D_i‖ instead of 1 (relu, gated) */
  readonly weighByDecoderNorm: boolean;
  /** Squared errors are divided by d: the mean over all entries instead of the sum over each row. */
  readonly meanOverWidth: boolean;
  /** ε (jumprelu) */
  readonly bandwidth: number;
  /** Target of L0 (jumprelu); without it the loss is λ·L0. */
  readonly targetL0?: number;
}

/** The parts of a loss; `total` is the sum of the first three. */
export interface DenseLossParts {
  readonly reconstruction: number;
  readonly sparsity: number;
  /** 0 unless gated */
  readonly auxiliary: number;
  readonly total: number;
  /** Mean number of active features per row. */
  readonly l0: number;
}

export interface DenseOptimiser {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Take from ∂D_i its part along D_i before the step. */
  readonly projectGradient: boolean;
  /** Scale each D_i to length 1 after the step; rows of length 0 stay. */
  readonly normaliseDecoder: boolean;
  /** Scale all gradients together by min(1, clipNorm/(their norm + 1e-6)), as torch's clip_grad_norm_. */
  readonly clipNorm?: number;
}

/** Parameters with their Adam moments; training changes the arrays in place, which must be shared memory. */
export interface DenseState {
  readonly features: number;
  readonly width: number;
  readonly weights: DenseArrays<Float32Array>;
  readonly first: DenseArrays<Float32Array>;
  readonly second: DenseArrays<Float32Array>;
  /** Optimiser steps taken so far. */
  step: number;
}

/** One autoencoder to advance: for each step the rows of X in its batch, its learning rate and its λ. */
export interface DenseTask {
  readonly state: DenseState;
  readonly batches: readonly Int32Array[];
  /** [steps] */
  readonly learningRates: Float64Array;
  /** [steps] */
  readonly sparsities: Float64Array;
}

export type DenseHyper = Omit<DenseLoss, 'sparsity'> & DenseOptimiser;

/** A loss and its gradient by every parameter. */
export interface DenseGradients {
  readonly parts: DenseLossParts;
  readonly gradients: DenseArrays<Float64Array>;
}

/** The operations on these autoencoders, as every kernel offers them. @throws input.shape, input.non-finite */
export interface DenseKernel {
  /** Codes of X [N×d]. */
  encodeDense(
    weights: DenseArrays<Float32Array>,
    x: Matrix,
    encoding: DenseEncoding,
    options?: WorkOptions,
  ): Promise<SparseCodes>;

  /** The loss on the rows `batch` of X, and its gradient by every parameter. */
  forwardBackward(
    weights: DenseArrays<Float32Array>,
    x: Matrix,
    batch: Int32Array,
    loss: DenseLoss,
    options?: WorkOptions,
  ): Promise<DenseGradients>;

  /** Takes the steps of each task, in place. Returns the loss before each step, per task [tasks][steps]. */
  trainDense(
    x: Matrix,
    tasks: readonly DenseTask[],
    hyper: DenseHyper,
    options?: WorkOptions,
  ): Promise<DenseLossParts[][]>;
}

/** Zeros in the shapes of an architecture's parameters. @param make an array of n zeros */
export function denseArrays<T extends Float32Array | Float64Array>(
  architecture: DenseArchitecture,
  features: number,
  width: number,
  make: (n: number) => T,
): DenseArrays<T> {
  return {
    encoder: make(features * width),
    decoder: make(features * width),
    decoderBias: make(width),
    perFeature: perFeatureNames[architecture].map(() => make(features)),
  };
}

/** The arrays in a fixed order, that of `namedArrays`. */
export function arrayList<T extends Float32Array | Float64Array>(arrays: DenseArrays<T>): T[] {
  return [arrays.encoder, arrays.decoder, arrays.decoderBias, ...arrays.perFeature];
}

/** The arrays with their names. */
export function namedArrays<T extends Float32Array | Float64Array>(
  architecture: DenseArchitecture,
  arrays: DenseArrays<T>,
): [string, T][] {
  const names = ['encoder', 'decoder', 'decoderBias', ...perFeatureNames[architecture]];
  return arrayList(arrays).map((array, a): [string, T] => [names[a], array]);
}

/** A state before its first step; the weights are copied into shared memory. */
export function startDenseState(
  architecture: DenseArchitecture,
  weights: DenseArrays<Float32Array>,
): DenseState {
  const width = weights.decoderBias.length;
  const features = weights.perFeature[0].length;
  const blank = () => denseArrays(architecture, features, width, sharedFloat32);
  const copy = blank();
  arrayList(copy).forEach((to, a) => {
    to.set(arrayList(weights)[a]);
  });
  return { features, width, weights: copy, first: blank(), second: blank(), step: 0 };
}

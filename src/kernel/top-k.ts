// TopK autoencoders and their like (BatchTopK, Matryoshka, with AuxK): parameters, losses, optimiser, state.
//
// With c = x − b_d (or x), p = W·c + b and D the decoder, features are ranked by p_i, or by ‖D_i‖·p_i:
//   row    the k that rank highest in each row; z = p, or max(p, 0) with `relu`
//   batch  of all B·F pairs of the batch with p > 0 the k·B that rank highest (Bussmann et al. 2412.06410)
// Ties go to the lower feature, and in a batch to the lower row before it. Levels are nested prefixes of the features:
//   x̂_l = Σ_{i < n_l} z_i·D_i + b_d,   loss = Σ_l w_l·L(x̂_l) + auxiliary,   L(x̂) = ‖x̂ − x‖²/B, or /(B·d)
// (Matryoshka, Bussmann et al. 2503.17547; one level of all features is the plain loss). The auxiliary term (AuxK, Gao
// et al. 2406.04093, A.2) has the dead features that rank highest in each row rebuild the residual e = x − x̂ of the last
// level, which is held fixed: ê = Σ z_i·D_i, and α·L(ê, e), or α·Σ‖ê − e‖²/Σ‖e − mean(e)‖² when normalised.
// Then, in this order: D normalised (`before`), ∂D projected, all gradients clipped, Adam, D normalised (`after`).
// Rescaling the activations by ‖D_i‖ (SAELens) is ranking by ‖D_i‖·p_i: in the reconstruction the norms cancel.
import { type Matrix, sharedFloat32, sharedInt32 } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';
import type { WorkOptions } from './work-options.js';

/** Weights of a TopK autoencoder, feature-major: F features, input width d. */
export interface TopKWeights {
  /** [F × d] row i is the direction that feature i reads */
  readonly encoder: Float32Array;
  /** [F] */
  readonly encoderBias: Float32Array;
  /** [F × d] row i is the direction that feature i writes */
  readonly decoder: Float32Array;
  /** [d] */
  readonly decoderBias: Float32Array;
}

export interface EncodeOptions {
  readonly k: number;
  /** Pass the kept pre-activations through ReLU; without it codes can be negative. */
  readonly relu: boolean;
  /** Subtract the decoder bias from the input before encoding. */
  readonly subtractDecoderBias: boolean;
}

/** A prefix of the features, and what its reconstruction loss weighs. */
export interface TopKLevel {
  /** n_l, ascending over the levels; that of the last is F */
  readonly features: number;
  /** w_l */
  readonly weight: number;
}

/** When a feature is dead. Counts since it last fired are in the state. */
export interface DeadRule {
  /** What is counted: optimiser steps, or rows of X (SAELens and OpenAI: steps, dictionary_learning: rows). */
  readonly unit: 'steps' | 'rows';
  /** Dead from this count on. A feature that fired in a step stands at 0 after it, one that did not at 1 (or B) more. */
  readonly window: number;
  /** By the counts before the step or after its selection (SAELens: before, the others: after). */
  readonly judged: 'before' | 'after';
  /** A feature fires where it is selected with a code above this: OpenAI 1e-3; 0; −1 if being selected is enough. */
  readonly firedAbove: number;
}

/** AuxK. */
export interface TopKAuxiliary {
  /** Dead features that take part in each row, at most. */
  readonly k: number;
  /** α */
  readonly coefficient: number;
  /** Pass their pre-activations through ReLU (OpenAI, dictionary_learning: yes, SAELens: no). */
  readonly relu: boolean;
  /** Divide by the variance of e over the batch (OpenAI, dictionary_learning). Where e does not vary the term is 0. */
  readonly normalise: boolean;
  /** Multiply by min(number of dead features / k, 1) (SAELens, sparsify). */
  readonly scaleByDead: boolean;
  /**
   * Where b_d takes part: `none`; ê = … + b_d (`reconstruction`, SAELens before 6.36.2); or in ê and, held fixed, in
   * its target (`both`, OpenAI): then it has a gradient, also while no feature is dead.
   */
  readonly bias: 'none' | 'reconstruction' | 'both';
  readonly dead: DeadRule;
}

/** θ ← keep·θ + (1 − keep)·m, m the lowest rank (p_i or ‖D_i‖·p_i) that the batch kept; one that kept none changes nothing. */
export interface RunningThreshold {
  /** dictionary_learning 0.999, SAELens 0.99 */
  readonly keep: number;
  /** The first step that changes it; steps count from 0 (dictionary_learning 1001, SAELens 0). */
  readonly from: number;
}

export interface TopKHyper extends EncodeOptions {
  readonly selection: 'row' | 'batch';
  /** Rank features by ‖D_i‖·p_i instead of p_i. */
  readonly rankByDecoderNorm: boolean;
  /** Squared errors are divided by d: the mean over all entries instead of the sum over each row. */
  readonly meanOverWidth: boolean;
  /** None: all features, weight 1. */
  readonly levels: readonly TopKLevel[];
  readonly auxiliary?: TopKAuxiliary;
  /** With `batch` only. */
  readonly threshold?: RunningThreshold;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Take from ∂D_i its part along D_i. */
  readonly projectGradient: boolean;
  /** Scale each D_i to length 1 before or after the step. Rows of length 0, and of 1 within rounding, stay as they are. */
  readonly normaliseDecoder: 'never' | 'before' | 'after';
  /** Scale all gradients together by min(1, clipNorm/(their norm + 1e-6)), as torch's clip_grad_norm_. */
  readonly clipNorm?: number;
}

/** What plain training has: everything on top left out. */
export const plainTopK = {
  selection: 'row',
  rankByDecoderNorm: false,
  meanOverWidth: true,
  levels: [],
  projectGradient: false,
  normaliseDecoder: 'never',
} as const satisfies Partial<TopKHyper>;

/** All that training carries from step to step; its arrays change in place and must be shared memory. */
export interface TopKState {
  readonly features: number;
  readonly width: number;
  readonly weights: TopKWeights;
  /** First moments, same shapes. */
  readonly first: TopKWeights;
  /** Second moments, same shapes. */
  readonly second: TopKWeights;
  /** [F] steps or rows since each feature fired, kept with `auxiliary` only, at most 2³⁰. OpenAI's start at −1. */
  readonly sinceFired: Int32Array;
  /** The running threshold. Below 0: none yet, the first value sets it. (dictionary_learning −1, SAELens 0) */
  threshold: number;
  /** Optimiser steps taken so far. */
  step: number;
}

/** One SAE to advance: a state, and for each step the rows of X in its batch and its learning rate. */
export interface TopKTask {
  readonly state: TopKState;
  readonly batches: readonly Int32Array[];
  /** [steps] */
  readonly learningRates: Float64Array;
}

/** The loss before each step, and the number of dead features that it counted with [steps] each. */
export interface TopKLosses {
  /** Σ_l w_l·L(x̂_l) */
  readonly reconstruction: Float64Array;
  /** With its coefficient; 0 without an auxiliary term. */
  readonly auxiliary: Float64Array;
  readonly dead: Int32Array;
}

/** The operations on these autoencoders, as every kernel offers them. @throws input.shape, input.non-finite */
export interface TopKKernel {
  /** Codes of X [N×d]: the k largest pre-activations of each row, ties to the lower index. */
  encodeTopK(
    weights: TopKWeights,
    x: Matrix,
    encode: EncodeOptions,
    options?: WorkOptions,
  ): Promise<SparseCodes>;

  /** Takes the steps of each task, in place. Returns the losses before each step, per task. */
  trainTopK(
    x: Matrix,
    tasks: readonly TopKTask[],
    hyper: TopKHyper,
    options?: WorkOptions,
  ): Promise<TopKLosses[]>;
}

/** The levels that count, with all features as the one level where none is given. */
export function levelsOf({ levels }: Pick<TopKHyper, 'levels'>, features: number): readonly TopKLevel[] {
  return levels.length > 0 ? levels : [{ features, weight: 1 }];
}

/** Zeros in the shapes of a TopK autoencoder's weights, in shared memory. */
export function topKWeights(features: number, width: number): TopKWeights {
  return {
    encoder: sharedFloat32(features * width),
    encoderBias: sharedFloat32(features),
    decoder: sharedFloat32(features * width),
    decoderBias: sharedFloat32(width),
  };
}

export interface TopKStart {
  /** Count since firing that every feature starts from. */
  readonly sinceFired?: number;
  readonly threshold?: number;
}

/** A state before its first step; the weights are copied into shared memory. */
export function startTopKState(
  weights: TopKWeights,
  { sinceFired = 0, threshold = -1 }: TopKStart = {},
): TopKState {
  const features = weights.encoderBias.length;
  const width = weights.decoderBias.length;
  const copy = topKWeights(features, width);
  for (const name of ['encoder', 'encoderBias', 'decoder', 'decoderBias'] as const)
    copy[name].set(weights[name]);
  return {
    features,
    width,
    weights: copy,
    first: topKWeights(features, width),
    second: topKWeights(features, width),
    sinceFired: sharedInt32(features).fill(sinceFired),
    threshold,
    step: 0,
  };
}

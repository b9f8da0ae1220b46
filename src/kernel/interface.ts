// The kernel: the few operations that take all the time. Two implementations, one contract.
import type { Matrix } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';
import type { AssignmentKernel } from './assignment.js';
import type { DenseKernel } from './dense.js';
import type { SpectrumKernel } from './spectrum.js';

/** Best and second-best partner of each of n rows; index −1 and value 0 where there is no such partner. */
export interface Best {
  /** [n] ties go to the lowest index */
  readonly index: Int32Array;
  /** [n] cosine (or its absolute value) with that partner */
  readonly value: Float64Array;
  /** [n] */
  readonly secondIndex: Int32Array;
  /** [n] */
  readonly secondValue: Float64Array;
}

/** Partners by signed and by absolute value, seen from the rows of A and from the rows of B. */
export interface BestMatches {
  readonly aToB: { readonly signed: Best; readonly abs: Best };
  readonly bToA: { readonly signed: Best; readonly abs: Best };
}

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

/** Weights with their Adam moments; training changes the arrays in place, which must be shared memory. */
export interface TopKState {
  readonly features: number;
  readonly width: number;
  readonly weights: TopKWeights;
  /** First moments, same shapes. */
  readonly first: TopKWeights;
  /** Second moments, same shapes. */
  readonly second: TopKWeights;
  /** Optimiser steps taken so far. */
  step: number;
}

export interface TopKHyper extends EncodeOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** One SAE to advance: a state, and for each step the rows of X that make its batch. */
export interface TopKTask {
  readonly state: TopKState;
  readonly batches: readonly Int32Array[];
}

export interface WorkOptions {
  readonly signal?: AbortSignal;
}

/**
 * All operations; those of a family are described in its own file. Everything runs off the event loop, is deterministic at any
 * thread count, and refuses NaN and Inf.
 */
export interface Kernel extends AssignmentKernel, SpectrumKernel, DenseKernel {
  readonly id: 'portable' | 'native';
  /** Why this kernel was chosen, one line for people. */
  readonly reason: string;
  readonly threads: number;

  /**
   * Largest products between the rows of A [F×d] and of B [G×d], exact float64 arithmetic on the float32
   * inputs. Rows are meant to be unit rows, so that products are cosines.
   */
  bestMatches(a: Matrix, b: Matrix, options?: WorkOptions): Promise<BestMatches>;

  /** Codes of X [N×d]: the k largest pre-activations of each row, ties to the lower index. */
  encodeTopK(
    weights: TopKWeights,
    x: Matrix,
    encode: EncodeOptions,
    options?: WorkOptions,
  ): Promise<SparseCodes>;

  /**
   * Takes `batches.length` Adam steps of each task on the mean squared error of the reconstruction of X.
   * Returns the loss before each step, per task [tasks][steps].
   */
  trainTopK(
    x: Matrix,
    tasks: readonly TopKTask[],
    hyper: TopKHyper,
    options?: WorkOptions,
  ): Promise<Float64Array[]>;

  /**
   * Best partners between the code columns of A [N×F] and of B [N×G] by cosine over the rows, not centred.
   * Columns that never fire have no partner (index −1, value 0).
   */
  coFiring(a: SparseCodes, b: SparseCodes, options?: WorkOptions): Promise<BestMatches>;

  /** Ends the threads; running work is abandoned. */
  close(): Promise<void>;
}

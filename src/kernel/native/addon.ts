// The addon as JavaScript sees it: its functions and what they take; and how it is loaded.
import { createRequire } from 'node:module';
import type { Matrix } from '../../tensor/index.js';
import type { AssignState, ColumnLists, Pairs } from '../assignment.js';
import type { DenseArchitecture, DenseArrays, DenseOptimiser } from '../dense.js';
import type { BestMatches } from '../interface.js';
import type { EncodeOptions, TopKHyper, TopKLosses, TopKWeights } from '../top-k.js';

/** How the addon is to work: on which threads and code path, and the word that stops it when it is not 0. */
export interface Orders {
  readonly threads: number;
  readonly path: string;
  readonly stop: Int32Array;
}

interface Codes {
  readonly rows: number;
  readonly features: number;
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** The functions of the addon; each resolves when its results are in the arrays that it was given. */
export interface Addon {
  /** Code paths that this machine can run, the fastest first. */
  readonly paths: readonly string[];
  /** Of the package that it was built for. */
  readonly version: string;
  allFinite(values: Float32Array): boolean;
  bestMatches(orders: Orders, a: Matrix, b: Matrix, out: BestMatches): Promise<void>;
  coFiring(orders: Orders, a: Codes, b: Codes, out: BestMatches): Promise<void>;
  encodeTopK(orders: Orders, job: EncodeJob): Promise<void>;
  trainTopK(orders: Orders, job: TrainJob): Promise<void>;
  assignDense(orders: Orders, job: DenseAssignJob): Promise<void>;
  assignOnLists(orders: Orders, job: ListAssignJob): Promise<void>;
  topMatches(orders: Orders, job: TopMatchesJob): Promise<void>;
  columnMeans(orders: Orders, job: { readonly x: Matrix; readonly means: Float64Array }): Promise<void>;
  addGram(orders: Orders, job: GramJob): Promise<void>;
  eigen(orders: Orders, job: EigenJob): Promise<void>;
  multiply(orders: Orders, job: MultiplyJob): Promise<void>;
  encodeDense(orders: Orders, job: DenseEncodeJob): Promise<void>;
  forwardBackward(orders: Orders, job: DensePassJob): Promise<void>;
  trainDense(orders: Orders, job: DenseTrainJob): Promise<void>;
  reconstructionErrors(orders: Orders, job: ReconstructionJob): Promise<void>;
}

interface EncodeJob {
  readonly x: Matrix;
  readonly features: number;
  readonly weights: TopKWeights;
  readonly k: number;
  readonly relu: boolean;
  readonly subtractDecoderBias: boolean;
  /** [rows × k] results; a slot holds 0 where ReLU cut it */
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** The steps of one task. */
export interface StepPlan {
  /** Rows of all batches, one after the other, and where each begins [steps + 1]. */
  readonly rows: Int32Array;
  readonly starts: Int32Array;
  /** Of each step: lr/(1 − β₁ᵗ) and √(1 − β₂ᵗ) [steps] */
  readonly stepSizes: Float64Array;
  readonly roots: Float64Array;
}

/** Options as the addon takes them: numbers for names, 0 or less for what is not there. */
export interface FlatHyper
  extends EncodeOptions,
    Pick<
      TopKHyper,
      'rankByDecoderNorm' | 'meanOverWidth' | 'beta1' | 'beta2' | 'epsilon' | 'projectGradient'
    > {
  readonly overBatch: boolean;
  readonly thresholdKeep: number;
  /** −1 without a threshold */
  readonly thresholdFrom: number;
  /** never, before, after */
  readonly normaliseDecoder: 0 | 1 | 2;
  /** 0 without clipping */
  readonly clipNorm: number;
  /** k is 0 without an auxiliary term; bias: none, reconstruction, both */
  readonly auxiliary: {
    readonly k: number;
    readonly coefficient: number;
    readonly relu: boolean;
    readonly normalise: boolean;
    readonly scaleByDead: boolean;
    readonly bias: 0 | 1 | 2;
    readonly inRows: boolean;
    readonly judgedBefore: boolean;
    readonly window: number;
    readonly firedAbove: number;
  };
}

interface TrainJob {
  readonly x: Matrix;
  readonly firstEqual: Int32Array;
  readonly hyper: FlatHyper;
  readonly tasks: readonly (StepPlan &
    TopKLosses & {
      readonly features: number;
      readonly weights: TopKWeights;
      readonly first: TopKWeights;
      readonly second: TopKWeights;
      /** [levels] where each ends, and its weight */
      readonly levelEnds: Int32Array;
      readonly levelWeights: Float64Array;
      readonly sinceFired: Int32Array;
      /** [1] */
      readonly threshold: Float64Array;
      /** Steps before the first of these. */
      readonly taken: number;
    })[];
}

interface DenseAssignJob {
  readonly pairs: Pairs;
  readonly state: AssignState;
  /** [1] result */
  readonly upperBound: Float64Array;
}

interface ListAssignJob {
  readonly pairs: Pairs;
  readonly state: AssignState;
  readonly lists: ColumnLists;
  readonly scans: number;
  readonly complete: boolean;
  /** [1] result; NaN where the scans did not suffice */
  readonly upperBound: Float64Array;
}

interface TopMatchesJob {
  readonly pairs: Pairs;
  readonly price: Float64Array;
  readonly lists: ColumnLists;
}

interface GramJob {
  readonly x: Matrix;
  /** [d] */
  readonly shift: Float64Array;
  /** [d × d] added to */
  readonly sum: Float64Array;
}

interface EigenJob {
  readonly a: Float64Array;
  readonly n: number;
  readonly r: number;
  readonly ascending: boolean;
  /** [n] and [r × n] results */
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

interface MultiplyJob {
  readonly a: Matrix;
  readonly b: Matrix;
  /** [a.rows × b.rows] result */
  readonly out: Float32Array;
}

/** A loss as the addon takes it; targetL0 is 0 where there is none. */
export interface PlainLoss {
  readonly architecture: DenseArchitecture;
  readonly subtractDecoderBias: boolean;
  readonly weighByDecoderNorm: boolean;
  readonly meanOverWidth: boolean;
  readonly sparsity: number;
  readonly bandwidth: number;
  readonly targetL0: number;
}

interface DenseEncodeJob {
  readonly x: Matrix;
  readonly features: number;
  readonly weights: DenseArrays<Float32Array>;
  readonly loss: PlainLoss;
  /** [rows × features] result */
  readonly codes: Float32Array;
}

interface DensePassJob {
  readonly x: Matrix;
  readonly features: number;
  readonly firstEqual: Int32Array;
  readonly weights: DenseArrays<Float32Array>;
  readonly batch: Int32Array;
  readonly loss: PlainLoss;
  /** Results; `parts` [5] as in a training job. */
  readonly gradients: DenseArrays<Float64Array>;
  readonly parts: Float64Array;
}

interface DenseTrainJob {
  readonly x: Matrix;
  readonly firstEqual: Int32Array;
  /** λ is that of the step. */
  readonly loss: PlainLoss;
  /** clipNorm is 0 where gradients are not clipped. */
  readonly optimiser: Required<DenseOptimiser>;
  readonly tasks: readonly (StepPlan & {
    readonly features: number;
    readonly weights: DenseArrays<Float32Array>;
    readonly first: DenseArrays<Float32Array>;
    readonly second: DenseArrays<Float32Array>;
    readonly sparsities: Float64Array;
    /** [steps × 5] result: reconstruction, sparsity, auxiliary, total, L0 */
    readonly parts: Float64Array;
  })[];
}

interface ReconstructionJob {
  readonly decoder: Float32Array;
  readonly decoderBias: Float32Array;
  readonly x: Matrix;
  readonly codes: Codes;
  /** [rows] result */
  readonly out: Float64Array;
}

/** Loads the addon; says whether it was built beforehand, or in a few words why there is none. */
export function loadNative(): { addon: Addon; prebuilt: boolean } | { problem: string } {
  // Shared with the installation, which runs where there is no dist/.
  return createRequire(import.meta.url)('../../../kernel/load.cjs').loadAddon();
}

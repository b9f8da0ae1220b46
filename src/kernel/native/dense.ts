// The operations on ReLU, JumpReLU and Gated autoencoders, done by the addon.
import type { Matrix, SparseCodes } from '../../tensor/index.js';
import { requireBatches, requireFinite } from '../arguments.js';
import {
  type DenseArchitecture,
  type DenseArrays,
  type DenseKernel,
  type DenseLoss,
  type DenseLossParts,
  type DenseOptimiser,
  denseArrays,
} from '../dense.js';
import { requireDenseRule, requireDenseTask, requireDenseWeights } from '../dense-arguments.js';
import { joinCodes } from '../join-codes.js';
import { firstEqualRow } from '../portable/equal-rows.js';
import type { Call, RunOptions } from './calls.js';
import { type StepPlan, stepPlan } from './step-plan.js';

export interface DenseAddon {
  encodeDense(run: RunOptions, job: DenseEncodeJob): Promise<void>;
  forwardBackward(run: RunOptions, job: DensePassJob): Promise<void>;
  trainDense(run: RunOptions, job: DenseTrainJob): Promise<void>;
}

/** A loss as the addon takes it; targetL0 is 0 where there is none. */
interface PlainLoss {
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

/** Dense codes in one call, as a number of values; and the fewest rows, for the encoder is packed in each call. */
const BLOCK = { values: 2 ** 23, rows: 64 };

export function nativeDense(addon: DenseAddon, call: Call): DenseKernel {
  return {
    async encodeDense(weights, x, { architecture, subtractDecoderBias }, options) {
      requireDenseWeights(weights, x.cols, architecture);
      requireFinite('x', x);
      const features = weights.perFeature[0].length;
      const loss = plainLoss({ ...noLoss, architecture, subtractDecoderBias });
      const parts: SparseCodes[] = [];
      for (const block of encodedBlocks(x, features)) {
        const codes = new Float32Array(block.rows * features);
        const job = { x: block, features, weights, loss, codes };
        await call(options, (run) => addon.encodeDense(run, job));
        parts.push(compress(codes, block.rows, features));
      }
      return joinCodes(parts, features);
    },

    async forwardBackward(weights, x, batch, loss, options) {
      requireDenseWeights(weights, x.cols, loss.architecture);
      requireDenseRule(loss);
      requireBatches({ batches: [batch] }, x.rows);
      requireFinite('x', x);
      const features = weights.perFeature[0].length;
      const gradients = denseArrays(loss.architecture, features, x.cols, (n) => new Float64Array(n));
      const parts = new Float64Array(5);
      const firstEqual = firstEqualRow(x);
      const job = { x, features, firstEqual, weights, batch, loss: plainLoss(loss), gradients, parts };
      await call(options, (run) => addon.forwardBackward(run, job));
      return { parts: lossParts(parts, 0), gradients };
    },

    async trainDense(x, tasks, hyper, options) {
      requireDenseRule(hyper);
      for (const task of tasks) requireDenseTask(task, x, hyper.architecture);
      requireFinite('x', x);
      const { beta1, beta2, epsilon, projectGradient, normaliseDecoder, clipNorm = 0 } = hyper;
      const plans = tasks.map(({ state, batches, learningRates, sparsities }) => ({
        ...stepPlan(batches, state.step, (s) => learningRates[s], hyper),
        features: state.features,
        weights: state.weights,
        first: state.first,
        second: state.second,
        sparsities,
        parts: new Float64Array(5 * batches.length),
      }));
      const job = {
        x,
        firstEqual: firstEqualRow(x),
        loss: plainLoss({ ...hyper, sparsity: 0 }),
        optimiser: { beta1, beta2, epsilon, projectGradient, normaliseDecoder, clipNorm },
        tasks: plans,
      };
      await call(options, (run) => addon.trainDense(run, job));
      for (const { state, batches } of tasks) state.step += batches.length;
      return plans.map(({ parts, roots }) => Array.from(roots, (_, s) => lossParts(parts, 5 * s)));
    },
  };
}

/** The rows of X of one call each. Empty data makes a call too, so that it can be cancelled like any other. */
function encodedBlocks({ rows, cols, data }: Matrix, features: number): Matrix[] {
  const height = Math.max(BLOCK.rows, Math.floor(BLOCK.values / Math.max(1, features)));
  return Array.from({ length: Math.max(1, Math.ceil(rows / height)) }, (_, i) => {
    const [from, to] = [i * height, Math.min(rows, (i + 1) * height)];
    return { rows: to - from, cols, data: data.subarray(from * cols, to * cols) };
  });
}

const noLoss = { sparsity: 0, weighByDecoderNorm: false, meanOverWidth: false, bandwidth: 0 };

function plainLoss({ targetL0 = 0, ...loss }: DenseLoss): PlainLoss {
  return { ...loss, targetL0 };
}

function lossParts(values: Float64Array, at: number): DenseLossParts {
  const [reconstruction, sparsity, auxiliary, total, l0] = values.subarray(at, at + 5);
  return { reconstruction, sparsity, auxiliary, total, l0 };
}

/** Codes [rows × features] without their zeros. */
function compress(codes: Float32Array, rows: number, features: number): SparseCodes {
  let nnz = 0;
  for (let e = 0; e < codes.length; e++) if (codes[e] !== 0) nnz++;
  const offsets = new Int32Array(rows + 1);
  const indices = new Int32Array(nnz);
  const values = new Float32Array(nnz);
  let at = 0;
  for (let n = 0; n < rows; n++) {
    for (let i = 0; i < features; i++) {
      const code = codes[n * features + i];
      if (code === 0) continue;
      indices[at] = i;
      values[at++] = code;
    }
    offsets[n + 1] = at;
  }
  return { rows, features, offsets, indices, values };
}

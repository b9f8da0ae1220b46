// The operations on TopK autoencoders, done by the addon.
import { type Matrix, type SparseCodes, sharedFloat32, sharedInt32 } from '../../tensor/index.js';
import { requireEncodable, requireFinite } from '../arguments.js';
import { firstEqualRow } from '../portable/equal-rows.js';
import {
  type EncodeOptions,
  levelsOf,
  type TopKAuxiliary,
  type TopKHyper,
  type TopKKernel,
  type TopKLosses,
  type TopKWeights,
} from '../top-k.js';
import { requireTopKTask } from '../top-k-arguments.js';
import type { Call, RunOptions } from './calls.js';
import { type StepPlan, stepPlan } from './step-plan.js';

export interface TopKAddon {
  encodeTopK(run: RunOptions, job: EncodeJob): Promise<void>;
  trainTopK(run: RunOptions, job: TrainJob): Promise<void>;
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

/** Options as the addon takes them: numbers for names, 0 or less for what is not there. */
interface FlatHyper
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

const normaliseCodes = { never: 0, before: 1, after: 2 } as const;
const biasCodes = { none: 0, reconstruction: 1, both: 2 } as const;

function flatHyper(hyper: TopKHyper): FlatHyper {
  const { k, relu, subtractDecoderBias, rankByDecoderNorm, meanOverWidth, projectGradient } = hyper;
  const { beta1, beta2, epsilon, threshold, clipNorm = 0 } = hyper;
  return {
    ...{ k, relu, subtractDecoderBias, rankByDecoderNorm, meanOverWidth, projectGradient },
    ...{ beta1, beta2, epsilon, clipNorm },
    overBatch: hyper.selection === 'batch',
    thresholdKeep: threshold?.keep ?? 0,
    thresholdFrom: threshold?.from ?? -1,
    normaliseDecoder: normaliseCodes[hyper.normaliseDecoder],
    auxiliary: flatAuxiliary(hyper.auxiliary),
  };
}

function flatAuxiliary(auxiliary: TopKAuxiliary | undefined): FlatHyper['auxiliary'] {
  const { dead, bias = 'none', ...rest } = auxiliary ?? noAuxiliary;
  return {
    ...rest,
    bias: biasCodes[bias],
    inRows: dead.unit === 'rows',
    judgedBefore: dead.judged === 'before',
    window: dead.window,
    firedAbove: dead.firedAbove,
  };
}

const noAuxiliary: TopKAuxiliary = {
  k: 0,
  coefficient: 0,
  relu: false,
  normalise: false,
  scaleByDead: false,
  bias: 'none',
  dead: { unit: 'steps', window: 0, judged: 'after', firedAbove: 0 },
};

export function nativeTopK(addon: TopKAddon, call: Call): TopKKernel {
  return {
    async encodeTopK(weights, x, encode, options) {
      requireEncodable(weights, x.cols, encode);
      requireFinite('x', x);
      const features = weights.encoderBias.length;
      const k = Math.min(encode.k, features);
      const indices = new Int32Array(x.rows * k);
      const values = new Float32Array(x.rows * k);
      const job = { ...encode, x, features, weights, k, indices, values };
      await call(options, (run) => addon.encodeTopK(run, job));
      return compress(x.rows, features, k, indices, values);
    },

    async trainTopK(x, tasks, hyper, options) {
      for (const task of tasks) requireTopKTask(task, x, hyper);
      requireFinite('x', x);
      const plans = tasks.map(({ state, batches, learningRates }) => {
        const { features, weights, first, second, sinceFired, step } = state;
        const levels = levelsOf(hyper, features);
        return {
          ...stepPlan(batches, step, (s) => learningRates[s], hyper),
          ...{ features, weights, first, second, sinceFired },
          levelEnds: Int32Array.from(levels, (level) => level.features),
          levelWeights: Float64Array.from(levels, (level) => level.weight),
          threshold: Float64Array.of(state.threshold),
          taken: step,
          reconstruction: new Float64Array(batches.length),
          auxiliary: new Float64Array(batches.length),
          dead: new Int32Array(batches.length),
        };
      });
      const job = { x, firstEqual: firstEqualRow(x), hyper: flatHyper(hyper), tasks: plans };
      await call(options, (run) => addon.trainTopK(run, job));
      tasks.forEach(({ state, batches }, t) => {
        state.step += batches.length;
        state.threshold = plans[t].threshold[0];
      });
      return plans.map(({ reconstruction, auxiliary, dead }) => ({ reconstruction, auxiliary, dead }));
    },
  };
}

/** Slots [rows × k] → compressed rows without the slots that hold 0. */
function compress(
  rows: number,
  features: number,
  k: number,
  slotIndices: Int32Array,
  slotValues: Float32Array,
): SparseCodes {
  let nnz = 0;
  for (const value of slotValues) if (value !== 0) nnz++;
  const offsets = sharedInt32(rows + 1);
  const indices = sharedInt32(nnz);
  const values = sharedFloat32(nnz);
  let at = 0;
  for (let n = 0; n < rows; n++) {
    for (let e = n * k; e < (n + 1) * k; e++) {
      if (slotValues[e] === 0) continue;
      indices[at] = slotIndices[e];
      values[at++] = slotValues[e];
    }
    offsets[n + 1] = at;
  }
  return { rows, features, offsets, indices, values };
}

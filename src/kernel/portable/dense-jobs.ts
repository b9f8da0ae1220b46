// The operations on ReLU, JumpReLU and Gated autoencoders of the portable kernel: the jobs, and who hands them out.
import type { Matrix, SparseCodes } from '../../tensor/index.js';
import { requireBatches, requireFinite } from '../arguments.js';
import type {
  DenseArrays,
  DenseEncoding,
  DenseHyper,
  DenseKernel,
  DenseLoss,
  DenseLossParts,
  DenseTask,
} from '../dense.js';
import { requireDenseRule, requireDenseTask, requireDenseWeights } from '../dense-arguments.js';
import { joinCodes } from '../join-codes.js';
import { encodeDense } from './dense.js';
import { forwardBackward, trainDense } from './dense-step.js';
import type { JobOf } from './job.js';
import { ranges } from './ranges.js';

/** Rows of X in one encoding job. */
const ROWS_PER_JOB = 1024;

type Weights = DenseArrays<Float32Array>;

export interface EncodeJob {
  readonly weights: Weights;
  readonly x: Matrix;
  readonly encoding: DenseEncoding;
}

export interface PassJob {
  readonly weights: Weights;
  readonly x: Matrix;
  readonly batch: Int32Array;
  readonly loss: DenseLoss;
}

/** The state of the task changes, so it must be in shared memory. */
export interface TrainJob {
  readonly x: Matrix;
  readonly task: DenseTask;
  readonly hyper: DenseHyper;
}

/** What one thread does. */
export const denseJobs = {
  encodeDense: ({ weights, x, encoding }: EncodeJob) => encodeDense(weights, x, encoding),
  forwardBackward: ({ weights, x, batch, loss }: PassJob) => forwardBackward(weights, x, batch, loss),
  trainDense: ({ x, task, hyper }: TrainJob) => trainDense(x, task, hyper),
};

/** The operations, over a function that has jobs done. */
export function denseOperations(
  run: <T>(job: JobOf<typeof denseJobs>, signal?: AbortSignal) => Promise<T>,
): DenseKernel {
  return {
    async encodeDense(weights, x, { architecture, subtractDecoderBias }, { signal } = {}) {
      requireDenseWeights(weights, x.cols, architecture);
      requireFinite('x', x);
      const encoding = { architecture, subtractDecoderBias };
      const parts = await Promise.all(
        ranges(x.rows, ROWS_PER_JOB).map(({ from, to }) => {
          const data = x.data.slice(from * x.cols, to * x.cols);
          const rows = { rows: to - from, cols: x.cols, data };
          return run<SparseCodes>({ op: 'encodeDense', args: { weights, x: rows, encoding } }, signal);
        }),
      );
      return joinCodes(parts, weights.perFeature[0].length);
    },

    async forwardBackward(weights, x, batch, loss, { signal } = {}) {
      requireDenseWeights(weights, x.cols, loss.architecture);
      requireDenseRule(loss);
      requireBatches({ batches: [batch] }, x.rows);
      requireFinite('x', x);
      return run({ op: 'forwardBackward', args: { weights, x, batch, loss } }, signal);
    },

    async trainDense(x, tasks, hyper, { signal } = {}) {
      requireDenseRule(hyper);
      for (const task of tasks) requireDenseTask(task, x, hyper.architecture);
      requireFinite('x', x);
      const losses = await Promise.all(
        tasks.map((task) => run<DenseLossParts[]>({ op: 'trainDense', args: { x, task, hyper } }, signal)),
      );
      for (const { state, batches } of tasks) state.step += batches.length;
      return losses;
    },
  };
}

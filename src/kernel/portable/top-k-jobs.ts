// The operations on TopK autoencoders of the portable kernel: the jobs, and who hands them out.
import { type SparseCodes, sharedFloat32, sharedInt32 } from '../../tensor/index.js';
import { requireEncodable, requireFinite } from '../arguments.js';
import type { TopKKernel } from '../top-k.js';
import { requireTopKTask } from '../top-k-arguments.js';
import { encodeRows, type Selection } from './encode.js';
import { firstEqualRow } from './equal-rows.js';
import type { JobOf } from './job.js';
import { ranges } from './ranges.js';
import { type Trained, trainSteps } from './train.js';

/** Rows of X in one encoding job. */
const ROWS_PER_JOB = 1024;

/** What one thread does. */
export const topKJobs = { encode: encodeRows, train: trainSteps };

type Job = JobOf<typeof topKJobs>;

/** The operations, over a function that has jobs done. */
export function topKOperations(run: <T>(job: Job, signal?: AbortSignal) => Promise<T>): TopKKernel {
  const runAll = <T>(jobs: Job[], signal?: AbortSignal): Promise<T[]> =>
    Promise.all(jobs.map((job) => run<T>(job, signal)));

  return {
    async encodeTopK(weights, x, { k, relu, subtractDecoderBias }, { signal } = {}) {
      requireEncodable(weights, x.cols, { k, relu, subtractDecoderBias });
      requireFinite('x', x);
      const jobs = ranges(x.rows, ROWS_PER_JOB).map(
        (part): Job => ({
          op: 'encode',
          args: { weights, x: x.data, d: x.cols, k, relu, subtractDecoderBias, ...part },
        }),
      );
      const features = weights.encoderBias.length;
      return compress(await runAll<Selection>(jobs, signal), x.rows, features, Math.min(k, features));
    },

    async trainTopK(x, tasks, hyper, { signal } = {}) {
      for (const task of tasks) requireTopKTask(task, x, hyper);
      requireFinite('x', x);
      const firstEqual = firstEqualRow(x);
      const jobs = tasks.map(
        (task): Job => ({ op: 'train', args: { ...task, x: x.data, firstEqual, hyper } }),
      );
      const results = await runAll<Trained>(jobs, signal);
      results.forEach(({ step, threshold }, i) => {
        tasks[i].state.step = step;
        tasks[i].state.threshold = threshold;
      });
      return results.map(({ losses }) => losses);
    },
  };
}

/** Selections of k slots a row → compressed rows without the slots that hold 0. */
function compress(parts: readonly Selection[], rows: number, features: number, slots: number): SparseCodes {
  let nnz = 0;
  for (const { values } of parts) for (const value of values) if (value !== 0) nnz++;
  const offsets = sharedInt32(rows + 1);
  const indices = sharedInt32(nnz);
  const values = sharedFloat32(nnz);
  let row = 0;
  let at = 0;
  for (const part of parts) {
    for (let e = 0; e < part.values.length; e++) {
      if (part.values[e] !== 0) {
        indices[at] = part.indices[e];
        values[at++] = part.values[e];
      }
      if ((e + 1) % slots === 0) offsets[++row] = at;
    }
  }
  return { rows, features, offsets, indices, values };
}

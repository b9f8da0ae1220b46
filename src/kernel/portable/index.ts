// The portable kernel: plain TypeScript on worker threads. The readable oracle, and the fallback.
import { type SparseCodes, sharedFloat32, sharedInt32 } from '../../tensor/index.js';
import { requireEncodable, requireFinite, requireSameRows, requireSameWidth } from '../arguments.js';
import { assignWith } from '../assign.js';
import { assignCodesWith } from '../assign-codes.js';
import type { Best, BestMatches, Kernel } from '../interface.js';
import { nearestWith } from '../nearest.js';
import { requireTopKTask } from '../top-k-arguments.js';
import { assignmentSteps } from './assign.js';
import { concatBest, finish, mergeBest } from './best.js';
import { denseOperations } from './dense-jobs.js';
import type { Selection } from './encode.js';
import { firstEqualRow } from './equal-rows.js';
import { type Job, Pool } from './pool.js';
import { ranges } from './ranges.js';
import { reconstructionOperations } from './reconstruction.js';
import { spectrumOperations } from './spectrum.js';
import type { Trained } from './train.js';

/** Rows of A in one matching job, rows of X in one encoding job, features of A in one co-firing job. */
const ROWS_PER_JOB = { match: 256, encode: 1024, coFire: 512 };

export interface PortableOptions {
  readonly threads: number;
  readonly reason?: string;
}

/** Joins jobs over ascending ranges of A: their rows follow each other, their columns are the same. */
function joinMatches(parts: readonly BestMatches[]): BestMatches {
  const join = (sign: 'signed' | 'abs'): { rows: Best; cols: Best } => ({
    rows: finish(concatBest(parts.map((p) => p.aToB[sign]))),
    cols: finish(mergeBest(parts.map((p) => p.bToA[sign]))),
  });
  const signed = join('signed');
  const abs = join('abs');
  return { aToB: { signed: signed.rows, abs: abs.rows }, bToA: { signed: signed.cols, abs: abs.cols } };
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

/** Starts the portable kernel. @throws input.shape for a number of threads below 1 */
export function createPortableKernel({ threads, reason = 'plain TypeScript' }: PortableOptions): Kernel {
  const pool = new Pool(threads);
  const run = <T>(job: Job, signal?: AbortSignal): Promise<T> => pool.run<T>(job, signal);
  const steps = assignmentSteps(run);
  const runAll = <T>(jobs: Job[], signal?: AbortSignal): Promise<T[]> =>
    Promise.all(jobs.map((job) => run<T>(job, signal)));

  return {
    id: 'portable',
    reason,
    threads,

    async bestMatches(a, b, { signal } = {}) {
      requireSameWidth(a, b);
      requireFinite('a', a);
      requireFinite('b', b);
      const jobs = ranges(a.rows, ROWS_PER_JOB.match).map(
        (part): Job => ({ op: 'match', args: { a: a.data, b: b.data, d: a.cols, g: b.rows, ...part } }),
      );
      return joinMatches(await runAll<BestMatches>(jobs, signal));
    },

    async encodeTopK(weights, x, { k, relu, subtractDecoderBias }, { signal } = {}) {
      requireEncodable(weights, x.cols, { k, relu, subtractDecoderBias });
      requireFinite('x', x);
      const jobs = ranges(x.rows, ROWS_PER_JOB.encode).map(
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

    async coFiring(a, b, { signal } = {}) {
      requireSameRows(a, b);
      const jobs = ranges(a.features, ROWS_PER_JOB.coFire).map(
        (part): Job => ({ op: 'coFire', args: { a, b, ...part } }),
      );
      return joinMatches(await runAll<BestMatches>(jobs, signal));
    },

    assign: (a, b, options) => assignWith(steps, a, b, options),
    nearest: (a, b, m, options) => nearestWith(steps, a, b, m, options),
    assignCodes: (a, b, options) => assignCodesWith(steps, a, b, options),
    ...spectrumOperations(run),
    ...denseOperations(run),
    ...reconstructionOperations(run),

    close: () => pool.close(),
  };
}

// The native kernel: hands typed arrays to the C++ addon and waits for its threads.
//
// It returns the same bytes as the portable kernel. Argument checks and everything that depends on a library's
// rounding (the powers in Adam's bias correction) stay here; the addon computes with IEEE operations only.
import { createRequire } from 'node:module';
import { ReseedError } from '../errors.js';
import { type Matrix, type SparseCodes, sharedFloat32, sharedInt32 } from '../tensor/index.js';
import {
  requireBatches,
  requireEncodable,
  requireFinite,
  requireSameRows,
  requireSameWidth,
} from './arguments.js';
import type {
  Best,
  BestMatches,
  Kernel,
  TopKHyper,
  TopKTask,
  TopKWeights,
  WorkOptions,
} from './interface.js';
import { firstEqualRow } from './portable/equal-rows.js';

/** How the addon is to work: on which threads and code path, and the word that stops it when it is not 0. */
interface Orders {
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
  bestMatches(orders: Orders, a: Matrix, b: Matrix, out: BestMatches): Promise<void>;
  encodeTopK(orders: Orders, job: EncodeJob): Promise<void>;
  trainTopK(orders: Orders, job: TrainJob): Promise<void>;
  coFiring(orders: Orders, a: Codes, b: Codes, out: BestMatches): Promise<void>;
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

interface TrainJob {
  readonly x: Matrix;
  readonly firstEqual: Int32Array;
  readonly hyper: TopKHyper;
  readonly tasks: readonly {
    readonly features: number;
    readonly weights: TopKWeights;
    readonly first: TopKWeights;
    readonly second: TopKWeights;
    /** Rows of all batches, one after the other, and where each begins [steps + 1]. */
    readonly rows: Int32Array;
    readonly starts: Int32Array;
    /** Of each step: lr/(1 − β₁ᵗ) and √(1 − β₂ᵗ) [steps] */
    readonly stepSizes: Float64Array;
    readonly roots: Float64Array;
    readonly losses: Float64Array;
  }[];
}

/** Loads the addon, or says in a few words why there is none. */
export function loadNative(): { addon: Addon } | { problem: string } {
  // `Debug` is the build with sanitizers.
  const build = process.env['RESEED_KERNEL_BUILD'] || 'Release';
  try {
    return { addon: createRequire(import.meta.url)(`../../kernel/build/${build}/reseed.node`) as Addon };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return {
      problem:
        code === 'MODULE_NOT_FOUND'
          ? 'the native addon is not built'
          : `the native addon does not load (${message.split('\n')[0]})`,
    };
  }
}

function bestTable(n: number): Best {
  return {
    index: new Int32Array(n),
    value: new Float64Array(n),
    secondIndex: new Int32Array(n),
    secondValue: new Float64Array(n),
  };
}

function matchTables(rowsA: number, rowsB: number): BestMatches {
  const both = (n: number) => ({ signed: bestTable(n), abs: bestTable(n) });
  return { aToB: both(rowsA), bToA: both(rowsB) };
}

function requireFiniteWeights(weights: TopKWeights): void {
  for (const [name, data] of Object.entries(weights) as [string, Float32Array][]) {
    requireFinite(name, { rows: 1, cols: data.length, data });
  }
}

/** The steps of one task as the addon takes them. */
function trainingPlan({ state, batches }: TopKTask, hyper: TopKHyper): TrainJob['tasks'][number] {
  const starts = new Int32Array(batches.length + 1);
  batches.forEach((batch, s) => {
    starts[s + 1] = starts[s] + batch.length;
  });
  const rows = new Int32Array(starts[batches.length]);
  batches.forEach((batch, s) => {
    rows.set(batch, starts[s]);
  });
  const times = batches.map((_, s) => state.step + s + 1);
  return {
    features: state.features,
    weights: state.weights,
    first: state.first,
    second: state.second,
    rows,
    starts,
    stepSizes: Float64Array.from(times, (t) => hyper.learningRate / (1 - hyper.beta1 ** t)),
    roots: Float64Array.from(times, (t) => Math.sqrt(1 - hyper.beta2 ** t)),
    losses: new Float64Array(batches.length),
  };
}

export interface NativeOptions {
  readonly threads: number;
  readonly addon: Addon;
  /** One of `addon.paths`. */
  readonly path: string;
  readonly reason: string;
}

/** A kernel over a loaded addon. */
export function createNativeKernel({ threads, addon, path, reason }: NativeOptions): Kernel {
  const running = new Set<Int32Array>();

  async function work(
    options: WorkOptions | undefined,
    run: (orders: Orders) => Promise<void>,
  ): Promise<void> {
    const stop = new Int32Array(1);
    const cancel = (): void => {
      stop[0] = 1;
    };
    const signal = options?.signal;
    if (signal?.aborted) throw new ReseedError('internal.cancelled', 'cancelled');
    signal?.addEventListener('abort', cancel, { once: true });
    running.add(stop);
    try {
      await run({ threads, path, stop });
    } catch (error) {
      throw new ReseedError('internal.kernel', (error as Error).message, { cause: error });
    } finally {
      signal?.removeEventListener('abort', cancel);
      running.delete(stop);
    }
    if (stop[0] !== 0) throw new ReseedError('internal.cancelled', 'cancelled');
  }

  return {
    id: 'native',
    reason,
    threads,

    async bestMatches(a, b, options) {
      requireSameWidth(a, b);
      requireFinite('a', a);
      requireFinite('b', b);
      const out = matchTables(a.rows, b.rows);
      await work(options, (orders) => addon.bestMatches(orders, a, b, out));
      return out;
    },

    async encodeTopK(weights, x, encode, options) {
      requireEncodable(weights, x.cols, encode);
      requireFinite('x', x);
      requireFiniteWeights(weights);
      const features = weights.encoderBias.length;
      const k = Math.min(encode.k, features);
      const indices = new Int32Array(x.rows * k);
      const values = new Float32Array(x.rows * k);
      const job = { ...encode, x, features, weights, k, indices, values };
      await work(options, (orders) => addon.encodeTopK(orders, job));
      return compress(x.rows, features, k, indices, values);
    },

    async trainTopK(x, tasks, hyper, options) {
      for (const task of tasks) {
        requireEncodable(task.state.weights, x.cols, hyper);
        requireBatches(task, x.rows);
        requireFiniteWeights(task.state.weights);
      }
      requireFinite('x', x);
      const plans = tasks.map((task) => trainingPlan(task, hyper));
      const firstEqual = firstEqualRow(x);
      await work(options, (orders) => addon.trainTopK(orders, { x, firstEqual, hyper, tasks: plans }));
      tasks.forEach(({ state, batches }) => {
        state.step += batches.length;
      });
      return plans.map(({ losses }) => losses);
    },

    async coFiring(a, b, options) {
      requireSameRows(a, b);
      const out = matchTables(a.features, b.features);
      await work(options, (orders) => addon.coFiring(orders, a, b, out));
      return out;
    },

    async close() {
      for (const stop of running) stop[0] = 1;
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

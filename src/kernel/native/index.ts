// The native kernel: hands typed arrays to the C++ addon and waits for its threads.
//
// It returns the same bytes as the portable kernel. Argument checks and everything that depends on a library's
// rounding (the powers in Adam's bias correction) stay here; the addon computes with IEEE operations only.
import { type SparseCodes, sharedFloat32, sharedInt32 } from '../../tensor/index.js';
import {
  requireBatches,
  requireEncodable,
  requireFinite,
  requireSameRows,
  requireSameWidth,
  useFiniteCheck,
} from '../arguments.js';
import { assignWith } from '../assign.js';
import type { Best, BestMatches, Kernel } from '../interface.js';
import { firstEqualRow } from '../portable/equal-rows.js';
import type { Addon } from './addon.js';
import { nativeAssignmentSteps } from './assign.js';
import { createCalls } from './calls.js';
import { nativeDense } from './dense.js';
import { nativeSpectrum } from './spectrum.js';
import { stepPlan } from './step-plan.js';

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

export interface NativeOptions {
  readonly threads: number;
  readonly addon: Addon;
  /** One of `addon.paths`. */
  readonly path: string;
  readonly reason: string;
}

/** A kernel over a loaded addon. */
export function createNativeKernel({ threads, addon, path, reason }: NativeOptions): Kernel {
  useFiniteCheck(addon.allFinite);
  const { call, stop } = createCalls(threads, path);
  const steps = nativeAssignmentSteps(addon, call);

  return {
    id: 'native',
    reason,
    threads,

    async bestMatches(a, b, options) {
      requireSameWidth(a, b);
      requireFinite('a', a);
      requireFinite('b', b);
      const out = matchTables(a.rows, b.rows);
      await call(options, (orders) => addon.bestMatches(orders, a, b, out));
      return out;
    },

    async encodeTopK(weights, x, encode, options) {
      requireEncodable(weights, x.cols, encode);
      requireFinite('x', x);
      const features = weights.encoderBias.length;
      const k = Math.min(encode.k, features);
      const indices = new Int32Array(x.rows * k);
      const values = new Float32Array(x.rows * k);
      const job = { ...encode, x, features, weights, k, indices, values };
      await call(options, (orders) => addon.encodeTopK(orders, job));
      return compress(x.rows, features, k, indices, values);
    },

    async trainTopK(x, tasks, hyper, options) {
      for (const task of tasks) {
        requireEncodable(task.state.weights, x.cols, hyper);
        requireBatches(task, x.rows);
      }
      requireFinite('x', x);
      const plans = tasks.map(({ state, batches }) => ({
        ...stepPlan(batches, state.step, () => hyper.learningRate, hyper),
        features: state.features,
        weights: state.weights,
        first: state.first,
        second: state.second,
        losses: new Float64Array(batches.length),
      }));
      const firstEqual = firstEqualRow(x);
      await call(options, (orders) => addon.trainTopK(orders, { x, firstEqual, hyper, tasks: plans }));
      tasks.forEach(({ state, batches }) => {
        state.step += batches.length;
      });
      return plans.map(({ losses }) => losses);
    },

    async coFiring(a, b, options) {
      requireSameRows(a, b);
      const out = matchTables(a.features, b.features);
      await call(options, (orders) => addon.coFiring(orders, a, b, out));
      return out;
    },

    assign: (a, b, options) => assignWith(steps, a, b, options),
    ...nativeSpectrum(addon, call),
    ...nativeDense(addon, call),

    close: async () => stop(),
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

// The operations on TopK autoencoders, done by the addon.
import { type SparseCodes, sharedFloat32, sharedInt32 } from '../../tensor/index.js';
import { requireEncodable, requireFinite } from '../arguments.js';
import type { Kernel } from '../interface.js';
import { firstEqualRow } from '../portable/equal-rows.js';
import { createPortableKernel } from '../portable/index.js';
import type { TopKHyper, TopKKernel } from '../top-k.js';
import { requireTopKTask } from '../top-k-arguments.js';
import type { Addon } from './addon.js';
import type { Call } from './calls.js';
import { stepPlan } from './step-plan.js';

/** What the addon trains by itself; the portable kernel does the rest, with the same bytes. */
function isPlain(hyper: TopKHyper): boolean {
  return (
    hyper.selection === 'row' &&
    !hyper.rankByDecoderNorm &&
    hyper.meanOverWidth &&
    hyper.levels.length === 0 &&
    hyper.auxiliary === undefined &&
    !hyper.projectGradient &&
    hyper.normaliseDecoder === 'never' &&
    hyper.clipNorm === undefined
  );
}

export function nativeTopK(
  addon: Addon,
  call: Call,
  threads: number,
): TopKKernel & { close(): Promise<void> } {
  let portable: Kernel | undefined;
  return {
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
      if (!isPlain(hyper)) {
        portable ??= createPortableKernel({ threads });
        return portable.trainTopK(x, tasks, hyper, options);
      }
      for (const task of tasks) requireTopKTask(task, x, hyper);
      requireFinite('x', x);
      const plans = tasks.map(({ state, batches, learningRates }) => ({
        ...stepPlan(batches, state.step, (s) => learningRates[s], hyper),
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
      return plans.map(({ losses }) => ({
        reconstruction: losses,
        auxiliary: new Float64Array(losses.length),
        dead: new Int32Array(losses.length),
      }));
    },

    close: async () => portable?.close(),
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

// The native kernel: hands typed arrays to the C++ addon and waits for its threads.
//
// It returns the same bytes as the portable kernel. Argument checks and everything that depends on a library's
// rounding (the powers in Adam's bias correction) stay here; the addon computes with IEEE operations only.
import { requireFinite, requireSameRows, requireSameWidth, useFiniteCheck } from '../arguments.js';
import { assignWith } from '../assign.js';
import { assignCodesWith } from '../assign-codes.js';
import type { Best, BestMatches, Kernel } from '../interface.js';
import { nearestWith } from '../nearest.js';
import type { Addon } from './addon.js';
import { nativeAssignmentSteps } from './assign.js';
import { createCalls } from './calls.js';
import { nativeDense } from './dense.js';
import { nativeReconstruction } from './reconstruction.js';
import { nativeSpectrum } from './spectrum.js';
import { nativeTopK } from './top-k.js';

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

    async coFiring(a, b, options) {
      requireSameRows(a, b);
      const out = matchTables(a.features, b.features);
      await call(options, (orders) => addon.coFiring(orders, a, b, out));
      return out;
    },

    assign: (a, b, options) => assignWith(steps, a, b, options),
    nearest: (a, b, m, options) => nearestWith(steps, a, b, m, options),
    assignCodes: (a, b, options) => assignCodesWith(steps, a, b, options),
    ...nativeSpectrum(addon, call),
    ...nativeDense(addon, call),
    ...nativeTopK(addon, call),
    ...nativeReconstruction(addon, call),

    close: async () => stop(),
  };
}

// The native kernel: hands typed arrays to the C++ addon and waits for its threads.
//
// It returns the same bytes as the portable kernel. Argument checks and everything that depends on a library's
// rounding (the powers in Adam's bias correction) stay here; the addon computes with IEEE operations only.
import { useFiniteCheck } from '../arguments.js';
import { assignWith } from '../assign.js';
import { assignCodesWith } from '../assign-codes.js';
import type { Kernel } from '../interface.js';
import { nearestWith } from '../nearest.js';
import type { Addon } from './addon.js';
import { nativeAssignmentSteps } from './assign.js';
import { createCalls } from './calls.js';
import { nativeDense } from './dense.js';
import { nativeListedProducts } from './listed-products.js';
import { nativeMatching } from './matching.js';
import { nativeReconstruction } from './reconstruction.js';
import { nativeSpectrum } from './spectrum.js';
import { nativeTopK } from './top-k.js';

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

    steps,
    assign: (a, b, options) => assignWith(steps, a, b, options),
    nearest: (a, b, m, options) => nearestWith(steps, a, b, m, options),
    assignCodes: (a, b, options) => assignCodesWith(steps, a, b, options),
    ...nativeMatching(addon, call),
    ...nativeListedProducts(addon, call),
    ...nativeSpectrum(addon, call),
    ...nativeDense(addon, call),
    ...nativeTopK(addon, call),
    ...nativeReconstruction(addon, call),

    close: async () => stop(),
  };
}

// All operations of the portable kernel, over a function that has jobs done: by threads of Node, by workers of a browser, or at once.
import { assignWith } from '../assign.js';
import { assignCodesWith } from '../assign-codes.js';
import type { Kernel } from '../interface.js';
import { nearestWith } from '../nearest.js';
import { assignmentSteps } from './assign.js';
import { denseOperations } from './dense-jobs.js';
import type { Job } from './jobs.js';
import { listedProductsOperations } from './listed-products.js';
import { matchingOperations } from './matching-jobs.js';
import { reconstructionOperations } from './reconstruction.js';
import { spectrumOperations } from './spectrum.js';
import { topKOperations } from './top-k-jobs.js';

/** Has a job done, as `perform` does it. A cancelled job may be left undone: internal.cancelled. */
export type RunJob = <T>(job: Job, signal?: AbortSignal) => Promise<T>;

export function portableOperations(run: RunJob): Omit<Kernel, 'id' | 'reason' | 'threads' | 'close'> {
  const steps = assignmentSteps(run);
  return {
    ...matchingOperations(run),
    ...listedProductsOperations(run),
    ...topKOperations(run),
    steps,
    assign: (a, b, options) => assignWith(steps, a, b, options),
    nearest: (a, b, m, options) => nearestWith(steps, a, b, m, options),
    assignCodes: (a, b, options) => assignCodesWith(steps, a, b, options),
    ...spectrumOperations(run),
    ...denseOperations(run),
    ...reconstructionOperations(run),
  };
}

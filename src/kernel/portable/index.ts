// The portable kernel: plain TypeScript on worker threads. The readable oracle, and the fallback.
import { assignWith } from '../assign.js';
import { assignCodesWith } from '../assign-codes.js';
import type { Kernel } from '../interface.js';
import { nearestWith } from '../nearest.js';
import { assignmentSteps } from './assign.js';
import { denseOperations } from './dense-jobs.js';
import type { Job } from './jobs.js';
import { listedProductsOperations } from './listed-products.js';
import { matchingOperations } from './matching-jobs.js';
import { Pool } from './pool.js';
import { reconstructionOperations } from './reconstruction.js';
import { spectrumOperations } from './spectrum.js';
import { topKOperations } from './top-k-jobs.js';

export interface PortableOptions {
  readonly threads: number;
  readonly reason?: string;
}

/** Starts the portable kernel. @throws input.shape for a number of threads below 1 */
export function createPortableKernel({ threads, reason = 'plain TypeScript' }: PortableOptions): Kernel {
  const pool = new Pool(threads);
  const run = <T>(job: Job, signal?: AbortSignal): Promise<T> => pool.run<T>(job, signal);
  const steps = assignmentSteps(run);

  return {
    id: 'portable',
    reason,
    threads,

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

    close: () => pool.close(),
  };
}

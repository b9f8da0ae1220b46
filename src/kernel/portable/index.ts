// The portable kernel: plain TypeScript on worker threads. The readable oracle, and the fallback.
import type { Kernel } from '../interface.js';
import { portableOperations } from './operations.js';
import { Pool } from './pool.js';

export interface PortableOptions {
  readonly threads: number;
  readonly reason?: string;
}

/** Starts the portable kernel. @throws input.shape for a number of threads below 1 */
export function createPortableKernel({ threads, reason = 'plain TypeScript' }: PortableOptions): Kernel {
  const pool = new Pool(threads);
  return {
    id: 'portable',
    reason,
    threads,
    ...portableOperations((job, signal) => pool.run(job, signal)),
    close: () => pool.close(),
  };
}

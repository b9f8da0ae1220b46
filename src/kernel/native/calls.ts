// Calls into the addon: how they run, cancelling, and errors as the rest of the code knows them.
import { ReseedError } from '../../errors.js';
import type { WorkOptions } from '../interface.js';

/** How the addon is to work: on which threads and code path, and the word that stops it when it is not 0. */
export interface RunOptions {
  readonly threads: number;
  readonly path: string;
  readonly stop: Int32Array;
}

/** Has the addon do something and waits for it. @throws internal.cancelled, internal.kernel */
export type Call = (
  options: WorkOptions | undefined,
  work: (run: RunOptions) => Promise<void>,
) => Promise<void>;

/** Calls on these threads and this code path; `stop` cancels all that are under way. */
export function createCalls(threads: number, path: string): { call: Call; stop: () => void } {
  const running = new Set<Int32Array>();
  return {
    async call(options, work) {
      const stop = new Int32Array(1);
      const cancel = (): void => {
        stop[0] = 1;
      };
      const signal = options?.signal;
      if (signal?.aborted) throw new ReseedError('internal.cancelled', 'cancelled');
      signal?.addEventListener('abort', cancel, { once: true });
      running.add(stop);
      try {
        await work({ threads, path, stop });
      } catch (error) {
        throw new ReseedError('internal.kernel', (error as Error).message, { cause: error });
      } finally {
        signal?.removeEventListener('abort', cancel);
        running.delete(stop);
      }
      if (stop[0] !== 0) throw new ReseedError('internal.cancelled', 'cancelled');
    },

    stop() {
      for (const word of running) word[0] = 1;
    },
  };
}

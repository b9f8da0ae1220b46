// Calls into the addon: their orders, cancelling, and errors as the rest of the code knows them.
import { ReseedError } from '../../errors.js';
import type { WorkOptions } from '../interface.js';
import type { Orders } from './addon.js';

/** Has the addon do something and waits for it. @throws internal.cancelled, internal.kernel */
export type Call = (
  options: WorkOptions | undefined,
  run: (orders: Orders) => Promise<void>,
) => Promise<void>;

/** Calls on these threads and this code path; `stop` cancels all that are under way. */
export function createCalls(threads: number, path: string): { call: Call; stop: () => void } {
  const running = new Set<Int32Array>();
  return {
    async call(options, run) {
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
    },

    stop() {
      for (const word of running) word[0] = 1;
    },
  };
}

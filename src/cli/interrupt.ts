// Ctrl-C and SIGTERM: the first asks the work to stop at a safe point, the second ends the process.
import { ReseedError } from '../errors.js';
import type { ProgressView } from './show-progress.js';

export interface InterruptWords {
  /** What the first interrupt does. */
  readonly stopping: string;
  /** What is left when it has stopped; a sentence. */
  readonly stopped: string;
}

/**
 * Runs `work` with a signal that is aborted by the first interrupt.
 * @throws internal.cancelled, saying what is left, when the work has stopped for it
 */
export async function untilInterrupted<T>(
  progress: ProgressView,
  { stopping, stopped }: InterruptWords,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    progress.line(`${stopping}; once more to stop at once`);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } catch (cause) {
    if (!(cause instanceof ReseedError) || cause.code !== 'internal.cancelled') throw cause;
    throw new ReseedError('internal.cancelled', `stopped. ${stopped}`, { cause });
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

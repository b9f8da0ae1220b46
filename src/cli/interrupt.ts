// Ctrl-C and SIGTERM: the first asks the work to stop at a safe point, the second ends the process.
import type { ProgressView } from './show-progress.js';

/** Runs `work` with a signal that is aborted by the first interrupt. */
export async function untilInterrupted<T>(
  progress: ProgressView,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    progress.line('stopping at the end of this epoch; once more to stop at once');
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

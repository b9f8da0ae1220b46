// A worker of the queue: takes one unit at a time, each in a process of its own.
//
// A unit can keep a thread busy for minutes, and BullMQ takes whoever does not renew a lock for dead. So units run in children, and
// this process does nothing but look after them. A child stops when its lock is lost, and when this process is gone.

import type { Job } from '../units/job.js';
import { codeVersion, unitOf } from '../units/job.js';
import { interrupted, recordEnd, startChild } from './child.js';
import type { ExecutorRun } from './executor.js';
import { openQueue } from './queue.js';

export interface BullWorkerOptions extends Omit<ExecutorRun, 'onEvent' | 'signal'> {
  readonly url: string;
  readonly threads: number;
  /** The job of the folder as it is now: another study may have been begun in it. */
  readonly job: () => Promise<Job>;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Works until the signal is aborted. @throws usage.argument, input.executor */
export async function workOnQueue(options: BullWorkerOptions): Promise<void> {
  const { url, storeId, store, threads, signal, say } = options;
  const opened = await openQueue(url, storeId);
  const children = new Map<string, () => void>();
  const worker = opened.worker(async (bullJob) => {
    const { key } = bullJob.data as { key: string };
    if (await store.isDone(key)) return;
    const final = await store.verdict(key);
    if (final) throw new opened.Unrecoverable(final.message);
    const unit = unitOf(await options.job(), key);
    say(unit.label);
    const before = (await store.failures(key)).length;
    const { child, end } = startChild(options, unit, { threads, bound: true });
    children.set(key, () => child.kill('SIGTERM'));
    let progress = 0;
    const beat = setInterval(() => {
      progress++;
      // Lost with the lock, as everything else then.
      bullJob.updateProgress(progress).catch(() => undefined);
    }, 10_000);
    try {
      const ended = await end;
      if (ended.code === 0 || (await store.isDone(key))) return;
      const asked = ended.code === interrupted;
      if (!asked) await recordEnd(options, unit, before, ended);
      say(`${unit.label}: ${asked ? 'stopped' : 'failed'}`);
      const message = ended.said.trim().split('\n').at(-1) ?? 'failed';
      throw (await store.verdict(key)) ? new opened.Unrecoverable(message) : new Error(message);
    } finally {
      clearInterval(beat);
      children.delete(key);
    }
  });
  worker.on('error', () => {});
  worker.on('lockRenewalFailed', (ids: string[]) => {
    for (const id of ids) children.get(id)?.();
  });
  const stop = (): void => {
    for (const end of children.values()) end();
  };
  signal.addEventListener('abort', stop, { once: true });
  say(`waiting for units in queue reseed-${storeId.slice(0, 8)}…-${codeVersion}`);
  const over = worker.run().catch(() => undefined);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  // Units that were stopped go back at once, for others to take.
  await Promise.race([
    worker.close().catch(() => undefined),
    new Promise((resolve) => setTimeout(resolve, 60_000).unref()),
  ]);
  await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
  await opened.close();
}

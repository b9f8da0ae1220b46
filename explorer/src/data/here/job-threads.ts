// Has jobs of the portable kernel done by workers that share their memory; where a page has none to share, by the thread that asks.
import { perform } from '../../../../src/kernel/portable/job.js';
import { type Job, jobs } from '../../../../src/kernel/portable/jobs.js';
import type { RunJob } from '../../../../src/kernel/portable/operations.js';
import type { JobReply } from './job-worker.js';

/** More gain little, and each holds a part of the rows once more. */
const mostThreads = 16;

interface Waiting {
  readonly job: Job;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface JobThreads {
  readonly count: number;
  readonly run: RunJob;
}

export function jobThreads(): JobThreads {
  const count = globalThis.crossOriginIsolated ? Math.min(mostThreads, navigator.hardwareConcurrency) : 1;
  if (count < 2) {
    return { count: 1, run: async (job) => perform(jobs, job) as never };
  }
  const queue: Waiting[] = [];
  const idle: Worker[] = [];
  let started = 0;

  const start = (): Worker => {
    started++;
    return new Worker(new URL('./job-worker.ts', import.meta.url), { type: 'module' });
  };
  const next = (): void => {
    if (queue.length === 0 || (idle.length === 0 && started === count)) return;
    const worker = idle.pop() ?? start();
    const { job, resolve, reject } = queue.shift() as Waiting;
    worker.onmessage = ({ data }: MessageEvent<JobReply>) => {
      idle.push(worker);
      if ('problem' in data) reject(new Error(data.problem));
      else resolve(data.value);
      next();
    };
    worker.onerror = ({ message }) => reject(new Error(`a thread of the page died: ${message}`));
    worker.postMessage(job);
  };
  const run: RunJob = (job) =>
    new Promise((resolve, reject) => {
      queue.push({ job, resolve: resolve as (value: unknown) => void, reject });
      next();
    });
  return { count, run };
}

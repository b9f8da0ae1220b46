// The thread side of the portable kernel: takes one job at a time and answers with its result.
import { parentPort } from 'node:worker_threads';
import { perform } from './job.js';
import { type Job, jobs } from './jobs.js';
import type { Reply } from './pool.js';

parentPort?.on('message', (job: Job) => {
  let reply: Reply;
  try {
    reply = { ok: true, value: perform(jobs, job) };
  } catch (error) {
    const { message, stack } = error as Error;
    reply = { ok: false, message, stack };
  }
  parentPort?.postMessage(reply);
});

// A thread of the kernel in a page: takes one job at a time and answers with its result.
import { perform } from '../../../../src/kernel/portable/job.js';
import { type Job, jobs } from '../../../../src/kernel/portable/jobs.js';

export type JobReply = { readonly value: unknown } | { readonly problem: string };

addEventListener('message', ({ data }: MessageEvent<Job>) => {
  let reply: JobReply;
  try {
    reply = { value: perform(jobs, data) };
  } catch (error) {
    reply = { problem: (error as Error).message };
  }
  postMessage(reply);
});

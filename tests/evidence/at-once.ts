// The portable kernel without its threads: every job is done at once, where it is asked for.
import type { Kernel } from '../../src/kernel/interface.js';
import { perform } from '../../src/kernel/portable/job.js';
import { jobs } from '../../src/kernel/portable/jobs.js';
import { portableOperations } from '../../src/kernel/portable/operations.js';

export const atOnce: Kernel = {
  id: 'portable',
  reason: 'test',
  threads: 1,
  ...portableOperations(async (job) => perform(jobs, job) as never),
  close: async () => {},
};

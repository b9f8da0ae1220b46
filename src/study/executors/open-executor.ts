// The executor that settings name.

import { availableParallelism } from 'node:os';
import { defined } from '../../defined.js';
import { ReseedError } from '../../errors.js';
import type { ExecutorSettings } from '../config/executor.js';
import { bullExecutor } from './bullmq.js';
import type { Executor } from './executor.js';
import { localExecutor } from './local.js';
import { slurmExecutor } from './slurm.js';

/** Processors of a unit: what is asked for, or what the machine has for each of its workers. */
export function cpusOf({ name, cpus, workers = 2 }: ExecutorSettings): number {
  if (cpus !== undefined) return cpus;
  return name === 'local' ? Math.max(1, Math.floor(availableParallelism() / workers)) : 4;
}

/** @throws usage.argument where something is missing that it cannot do without */
export function openExecutor(settings: ExecutorSettings): Executor {
  const { name, workers, url, bundle: _, cpus: __, ...others } = settings;
  const cpus = cpusOf(settings);
  switch (name) {
    case 'local':
      return localExecutor({ workers: workers ?? 2, threads: cpus });
    case 'slurm':
      return slurmExecutor({ ...others, cpus, ...defined({ workers }) });
    case 'bullmq':
      if (url !== undefined) return bullExecutor({ url });
      throw new ReseedError('usage.argument', 'the address of its database is missing', {
        field: '--executor bullmq',
        expected:
          '--url redis://HOST:PORT or postgres://USER@HOST:PORT/DATABASE, or url below executor in the study file',
      });
  }
}

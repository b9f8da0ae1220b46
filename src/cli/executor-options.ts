// Options that say where units of work are done.
import { type Command, Option } from 'commander';
import { ReseedError } from '../errors.js';
import { type ExecutorName, type ExecutorSettings, executorNames } from '../study/config/executor.js';
import { wholeNumber } from './arguments.js';

export interface ExecutorFlags {
  readonly executor?: ExecutorName | 'none';
  readonly workers?: number;
  readonly cpus?: number;
  readonly bundle?: number;
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  readonly time?: string;
  readonly memory?: string;
  readonly sbatch?: string[];
  readonly setup?: string[];
  readonly url?: string;
}

const slurmOnly = ['partition', 'account', 'qos', 'time', 'memory', 'sbatch', 'setup'] as const;

/** All of them as they are typed. */
export const executorFlags: readonly string[] = [
  ...['executor', 'workers', 'cpus', 'bundle', 'url', ...slurmOnly].map((name) => `--${name}`),
];

export const variadicFlags: readonly string[] = ['--sbatch', '--setup'];

/** Adds them to a command. */
export function withExecutorOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--executor <name>',
        'have the work done by other processes; none: by this one, whatever the study says',
      ).choices([...executorNames, 'none']),
    )
    .option('--workers <n>', 'pieces of work at a time (local: 2)', wholeNumber(1))
    .option('--cpus <n>', 'processors for each of them', wholeNumber(1))
    .option('--bundle <seconds>', 'put pieces together that take less (30)', wholeNumber(0))
    .option('--partition <name>', 'of Slurm')
    .option('--account <name>', 'of Slurm')
    .option('--qos <name>', 'of Slurm')
    .option('--time <limit>', 'of one Slurm task, as 4:00:00; it goes on in another where it stops')
    .option('--memory <size>', 'of one Slurm task, as 8G (default: what it is estimated to need)')
    .option('--sbatch <options...>', 'further options of sbatch, as --sbatch=--constraint=avx512')
    .option('--setup <lines...>', 'shell lines before a Slurm task, as "module load node/20"')
    .option('--url <address>', 'of the Redis or PostgreSQL that BullMQ uses');
}

/** What the flags say; undefined where no executor is named by them. @throws usage.argument for flags of another executor */
export function executorIn(flags: ExecutorFlags): Partial<ExecutorSettings> {
  const { executor, sbatch: options, workers, cpus, bundle, url } = flags;
  const name = executor === 'none' ? undefined : executor;
  const slurm = slurmOnly.find((flag) => flags[flag] !== undefined);
  const wrong = name !== undefined && name !== 'slurm' && slurm !== undefined ? slurm : undefined;
  if (wrong !== undefined || (url !== undefined && name !== undefined && name !== 'bullmq')) {
    throw new ReseedError('usage.argument', 'it has no effect here', {
      field: `--${wrong ?? 'url'}`,
      found: `--executor ${name}`,
      expected: `--executor ${wrong === undefined ? 'bullmq' : 'slurm'}`,
    });
  }
  const { partition, account, qos, time, memory, setup } = flags;
  const said = { name, workers, cpus, bundle, partition, account, qos, time, memory, options, setup, url };
  return Object.fromEntries(
    Object.entries(said).filter(([, value]) => value !== undefined),
  ) as Partial<ExecutorSettings>;
}

/** Program and arguments that start this command line again. */
export function ownCommand(): string[] {
  return [process.execPath, process.argv[1]];
}

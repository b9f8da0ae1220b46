// `reseed work DIR`: do one piece of what a folder has to do, or take pieces from a queue; for executors, and for everything else.
import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { ReseedError } from '../errors.js';
import { openKernel } from '../kernel/open.js';
import type { KernelChoice } from '../kernel/select.js';
import { kernelChoice, wholeNumber } from './arguments.js';
import { writeNote } from './message-form.js';

interface WorkFlags {
  readonly unit?: string;
  readonly row?: number;
  readonly list?: string;
  readonly bullmq?: string;
  readonly told?: boolean;
  readonly store?: string;
  readonly threads?: number;
  readonly kernel?: KernelChoice;
}

export function workCommand(): Command {
  return new Command('work')
    .description('do one piece of the work of a folder, or take pieces from a queue until Ctrl-C')
    .argument('<folder>', 'that `reseed run --executor`, `compare --executor` or `run --units` works in')
    .option('--unit <key>', 'the unit with this key')
    .option('--row <n>', 'the unit in this row of the list, from 0 on', wholeNumber(0))
    .option('--list <file>', 'a list of keys (default: all units of the folder, wave after wave)')
    .option('--bullmq <url>', 'units from the queue in this Redis or PostgreSQL')
    .addOption(new Option('--told', 'units whose keys come over the channel of the process').hideHelp())
    .option('--store <id>', 'refuse a folder that is not this one (its .work/store-id)')
    .option('--threads <n>', 'worker threads (default: all cores)', wholeNumber(1))
    .option('--kernel <name>', 'auto, native, portable or webgpu (default: as the run says)', kernelChoice)
    .addHelpText(
      'after',
      `
What is done already ends at once with code 0. Code 2 or 3 means that trying again is of no use, 130 that it was stopped
(SIGINT, SIGTERM, SIGUSR1, or a run that was stopped) and what it had is kept.

  seq 0 35 | xargs -P4 -I{} reseed work runs/study --row {} --threads 1`,
    )
    .action(work);
}

async function work(root: string, flags: WorkFlags): Promise<void> {
  const ways = [flags.unit, flags.row, flags.bullmq, flags.told].filter((way) => way !== undefined);
  if (ways.length !== 1) {
    throw new ReseedError('usage.argument', 'which units to do must be given in one way', {
      field: 'work',
      found: ways.length === 0 ? 'nothing' : 'several ways',
      expected: 'one of --unit KEY, --row N and --bullmq URL',
    });
  }
  const { StudyFolder } = await import('../study/folder.js');
  const { requireStore } = await import('../study/units/job.js');
  const folder = new StudyFolder(root);
  await requireStore(folder, flags.store);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  // SIGUSR1 is what Slurm is asked to send before the limit of time.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGUSR1'] as const) process.on(signal, stop);
  // Whoever started this process with a channel is gone when that closes.
  if (!flags.told) process.on('disconnect', stop);
  try {
    if (flags.bullmq !== undefined) await fromQueue(folder, flags.bullmq, flags, stopping.signal);
    else await units(folder, flags, stopping);
  } finally {
    // An open channel would keep this process alive, however its work ended.
    if (process.connected) process.disconnect();
  }
}

type Folder = import('../study/folder.js').StudyFolder;

/** One, or those that it is told. */
async function units(folder: Folder, flags: WorkFlags, stopping: AbortController): Promise<void> {
  const [{ readJob, unitOf }, { UnitStore }, { watchForStop, workOnUnit }] = await Promise.all([
    import('../study/units/job.js'),
    import('../study/units/unit-store.js'),
    import('../study/units/work-on-unit.js'),
  ]);
  const job = await readJob(folder);
  const keys = job.units.map(({ key }) => key);
  const key = flags.told ? undefined : (flags.unit ?? (await keyInRow(flags, keys)));
  if (key !== undefined) unitOf(job, key);
  const store = new UnitStore(folder);
  const unwatch = await watchForStop(store, () => stopping.abort());
  const kernel = await openKernel({
    kernel: flags.kernel ?? (job.kernel as KernelChoice),
    threads: flags.threads,
    onLine: writeNote,
  });
  try {
    const { openWork } = await import('./open-work.js');
    const doUnit = openWork(job, folder, kernel);
    const work = async (wanted: string): Promise<void> => {
      const unit = unitOf(job, wanted);
      const end = await workOnUnit(store, unit, doUnit, stopping.signal);
      writeNote(`${unit.label}: ${end === 'done' ? 'done' : 'was done already'}`);
    };
    if (key !== undefined) return await work(key);
    const { workOnMessages } = await import('../study/executors/worker-process.js');
    await workOnMessages(work, stopping.signal);
  } finally {
    unwatch();
    await kernel.close();
  }
}

async function keyInRow({ row, list }: WorkFlags, all: readonly string[]): Promise<string> {
  const keys = list === undefined ? all : await listIn(list);
  const key = keys[row as number];
  if (key !== undefined) return key;
  throw new ReseedError('usage.argument', 'the list has no such row', {
    field: '--row',
    found: String(row),
    expected: `0 … ${keys.length - 1}`,
  });
}

async function listIn(file: string): Promise<readonly string[]> {
  const { fileError } = await import('../formats/atomic-write.js');
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw fileError(file, 'read', cause);
  });
  return JSON.parse(text) as string[];
}

async function fromQueue(folder: Folder, url: string, flags: WorkFlags, signal: AbortSignal): Promise<void> {
  const [{ workOnQueue }, { readJob, storeId }, { UnitStore }, { ownCommand }, os] = await Promise.all([
    import('../study/executors/bullmq-worker.js'),
    import('../study/units/job.js'),
    import('../study/units/unit-store.js'),
    import('./executor-options.js'),
    import('node:os'),
  ]);
  const job = await readJob(folder);
  await workOnQueue({
    url,
    store: new UnitStore(folder),
    storeId: await storeId(folder),
    command: ownCommand(),
    kernel: flags.kernel ?? job.kernel,
    threads: flags.threads ?? os.availableParallelism(),
    job: () => readJob(folder),
    signal,
    say: writeNote,
  });
}

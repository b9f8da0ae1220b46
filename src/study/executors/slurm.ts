// The Slurm executor: arrays of tasks, each of which works on one unit of a list.
//
// A list is a file of keys, `.work/lists/<name>.json`; its array is a job that is named after it, so that a driver that is started
// again finds what an earlier one has submitted, even when that was killed before it knew the number of the job. No accounting is
// asked, which many clusters do not have: whether a unit is done the folder says, and squeue says whether somebody is still at it.
// A minute before its limit of time a task is told (USR1); it then saves what it has, ends, and is submitted again.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Unit } from '../units/unit.js';
import { type Engine, type Executor, type ExecutorRun, noteOnce, Patience, untilDone } from './executor.js';
import { cancelNamed, isOver, mostRows, type SlurmTask, submit, tasksNamed } from './slurm-commands.js';

export interface SlurmOptions {
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  readonly time?: string;
  readonly memory?: string;
  readonly options?: readonly string[];
  readonly setup?: readonly string[];
  /** Tasks of an array that run at a time. */
  readonly workers?: number;
  /** Processors of a task. */
  readonly cpus: number;
}

export function slurmExecutor(options: SlurmOptions): Executor {
  return {
    name: 'slurm',
    inWaves: true,
    run: (units, run) => untilDone(units, new SlurmEngine(options, run), run),
  };
}

/** Seconds before its limit of time at which a task is told to stop. */
const warning = 60;

/** Seconds that Slurm's controller may be away. */
const absence = 900;

/** Looks for which a task is over before that counts: its last files may still be on their way. */
const looksOver = 2;

/** A row of a list that was submitted. */
interface Given {
  readonly list: string;
  readonly row: number;
}

/** Milliseconds between two questions to the controller, which serves many. */
const betweenQuestions = 5000;

class SlurmEngine implements Engine {
  readonly every = 1000;
  #asked = Number.NEGATIVE_INFINITY;
  readonly #note: ReturnType<typeof noteOnce>;
  readonly #controller: Patience;
  readonly #prefix: string;
  /** By key: where the unit was last given out. */
  readonly #given = new Map<string, Given>();
  /** All lists that were submitted for these units. */
  readonly #lists = new Set<string>();
  /** By key: looks at which its task was over or nowhere. */
  readonly #over = new Map<string, number>();
  /** By key: what it had made, and its failures, when it was given out. */
  readonly #before = new Map<string, { readonly progress: string; readonly failures: number }>();
  #most: number | undefined;
  #known = false;

  constructor(
    private readonly options: SlurmOptions,
    private readonly run: ExecutorRun,
  ) {
    this.#note = noteOnce(run.onEvent);
    this.#controller = new Patience('Slurm', absence, this.#note);
    this.#prefix = `reseed-${run.storeId.slice(0, 12)}-`;
  }

  async look(open: readonly Unit[]): Promise<void> {
    if (performance.now() - this.#asked < betweenQuestions) return;
    this.#asked = performance.now();
    if (!this.#known) await this.#recallLists();
    this.#known = true;
    const tasks = await this.#controller.ask(() => tasksNamed(this.#prefix));
    if (!tasks) return;
    this.#tellReasons(tasks);
    const at = new Map(tasks.map((task) => [placeOf(task.name.slice(this.#prefix.length), task.row), task]));
    const free: Unit[] = [];
    for (const unit of open) {
      const given = this.#given.get(unit.key);
      if (!given) {
        free.push(unit);
        continue;
      }
      const task = at.get(placeOf(given.list, given.row));
      if (task && !isOver(task)) this.#over.delete(unit.key);
      else if (await this.#isOver(unit, given, task)) free.push(unit);
    }
    if (free.length > 0) await this.#controller.ask(() => this.#submit(free));
  }

  stop(): Promise<void> {
    return cancelNamed(Array.from(this.#lists, (list) => this.#prefix + list));
  }

  /** What is left in the queue when all is done is of no use: tasks that were requeued although another had done their unit. */
  async close(): Promise<void> {
    await this.#controller.ask(() => this.stop()).catch(() => undefined);
  }

  /** Whether it is to be given out again; records why, where nobody else has. */
  async #isOver(unit: Unit, { list, row }: Given, task: SlurmTask | undefined): Promise<boolean> {
    const looks = (this.#over.get(unit.key) ?? 0) + 1;
    this.#over.set(unit.key, looks);
    const { store } = this.run;
    if (looks < looksOver || (await store.isDone(unit.key))) return false;
    this.#over.delete(unit.key);
    const before = this.#before.get(unit.key);
    const failures = (await store.failures(unit.key)).length;
    // Its own word counts. A task that came further before it was ended is no failure: it continues from there.
    const moved = before !== undefined && (await this.#progressOf(unit)) !== before.progress;
    if (before !== undefined && failures === before.failures && !moved) {
      const how = task ? task.state : 'nowhere in the queue';
      await store.fail(unit, {
        message: `its Slurm task ended without a result (${how}); see .work/slurm/${list}-${row}.txt`,
        attempt: `slurm.${list}.${row}`,
      });
    }
    this.#given.delete(unit.key);
    return (await store.verdict(unit.key)) === undefined;
  }

  /** What changes while a unit gets on: snapshots of training, or what is measured. */
  async #progressOf({ work }: Unit): Promise<string> {
    const folder = join(this.run.store.folder.work, work.kind === 'train' ? 'snapshots' : 'parts');
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    if (work.kind !== 'train') return String(names.length);
    const times = await Promise.all(
      names.map((name) =>
        stat(join(folder, name)).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        ),
      ),
    );
    return times.sort().join(' ');
  }

  async #recallLists(): Promise<void> {
    const folder = join(this.run.store.folder.work, 'lists');
    const names = (await readdir(folder).catch(() => [])).filter((name) =>
      /^\d+-[0-9a-f]+\.json$/.test(name),
    );
    for (const name of names.sort()) {
      const keys = JSON.parse(await readFile(join(folder, name), 'utf8').catch(() => '[]')) as string[];
      const list = name.replace('.json', '');
      this.#lists.add(list);
      for (const [row, key] of keys.entries()) this.#given.set(key, { list, row });
    }
  }

  async #submit(units: readonly Unit[]): Promise<void> {
    this.#most ??= await mostRows();
    for (const some of alike(units)) {
      for (let from = 0; from < some.length; from += this.#most) {
        await this.#submitArray(some.slice(from, from + this.#most));
      }
    }
  }

  async #submitArray(units: readonly Unit[]): Promise<void> {
    const { store } = this.run;
    const list = `${Date.now()}-${randomBytes(4).toString('hex')}`;
    const { work } = store.folder;
    await store.folder.write(
      join(work, 'lists', `${list}.json`),
      JSON.stringify(units.map(({ key }) => key)),
    );
    await mkdir(join(work, 'slurm'), { recursive: true });
    this.#lists.add(list);
    const { workers } = this.options;
    const rows = `0-${units.length - 1}${workers === undefined ? '' : `%${workers}`}`;
    const log = join(work, 'slurm', `${list}-%a.txt`);
    const args = [
      `--array=${rows}`,
      `--job-name=${this.#prefix}${list}`,
      `--output=${log}`,
      `--chdir=${store.folder.root}`,
    ];
    for (const [row, unit] of units.entries()) {
      const { key } = unit;
      const progress = await this.#progressOf(unit);
      this.#before.set(key, { progress, failures: (await store.failures(key)).length });
      // Before it is known whether that went well: an answer can be lost, and the job be there.
      this.#given.set(key, { list, row });
    }
    const job = await submit([...args, ...limits(this.options, units)], this.#script(list));
    const text = `Slurm job ${job}: ${units.length === 1 ? '1 task' : `${units.length} tasks`}`;
    this.run.onEvent({ type: 'note', text });
  }

  #script(list: string): string {
    const { store, storeId, command, kernel } = this.run;
    const file = join(store.folder.work, 'lists', `${list}.json`);
    const own = ['work', store.folder.root, '--list', file, '--store', storeId, '--kernel', kernel];
    const words = [...command, ...own, '--threads', String(this.options.cpus)].map(quoted).join(' ');
    const setup = this.options.setup ?? [];
    return `${['#!/bin/sh', ...setup, `exec ${words} --row "$SLURM_ARRAY_TASK_ID"`].join('\n')}\n`;
  }

  /** Why tasks wait, where that is not for a turn. */
  #tellReasons(tasks: readonly SlurmTask[]): void {
    const usual = /^(None|Priority|Resources|Dependency|BeginTime|Cleaning|JobArrayTaskLimit|Prolog|N\/A|)$/;
    const waiting = tasks.filter(({ state, reason }) => state === 'PENDING' && !usual.test(reason));
    const counts = new Map<string, number>();
    for (const { reason } of waiting) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    const parts = Array.from(counts, ([reason, count]) => `${count} held back by Slurm: ${reason}`);
    const held = waiting.find(({ reason }) => reason.startsWith('JobHeld'));
    const advice = held ? ` (scontrol release ${held.job})` : '';
    this.#note('waiting', parts.length > 0 ? `${parts.join('; ')}${advice}` : undefined);
  }
}

function placeOf(list: string, row: number): string {
  return `${list} ${row}`;
}

/** Units that may share an array: of memory within a factor of two. */
function alike(units: readonly Unit[]): Unit[][] {
  const sizes = new Map<number, Unit[]>();
  for (const unit of units) {
    const size = Math.ceil(Math.log2(unit.memory));
    sizes.set(size, [...(sizes.get(size) ?? []), unit]);
  }
  return [...sizes.values()];
}

function limits(options: SlurmOptions, units: readonly Unit[]): string[] {
  const { partition, account, qos, time, memory, cpus, options: others = [] } = options;
  // A quarter more than estimated: too little ends a task, too much only makes it wait.
  const mebibytes = Math.ceil((1.25 * Math.max(...units.map((unit) => unit.memory))) / 2 ** 20);
  return [
    '--requeue',
    '--open-mode=append',
    `--signal=B:USR1@${warning}`,
    `--cpus-per-task=${cpus}`,
    `--mem=${memory ?? `${mebibytes}M`}`,
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(account === undefined ? [] : [`--account=${account}`]),
    ...(qos === undefined ? [] : [`--qos=${qos}`]),
    ...(time === undefined ? [] : [`--time=${time}`]),
    ...others,
  ];
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

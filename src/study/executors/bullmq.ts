// The BullMQ executor: puts the keys of units into a queue, from which workers on any machine take them.
//
// The folder says what is done; the queue is filled again with whatever is open and not in it, so a database that has forgotten
// everything costs time and nothing else.

import { knownAttempts } from '../units/attempts.js';
import type { Unit } from '../units/unit.js';
import { type Engine, type Executor, type ExecutorRun, noteOnce, Patience, untilDone } from './executor.js';
import { jobOptions, openQueue, type UnitQueue, withoutPassword } from './queue.js';

export interface BullOptions {
  readonly url: string;
}

/** Seconds that the database may be away. */
const absence = 300;

/** Looks without a worker before that is said. */
const looksAlone = 3;

export function bullExecutor(options: BullOptions): Executor {
  return {
    name: 'bullmq',
    inWaves: false,
    async run(units, run) {
      // What is done already needs no queue.
      if (units.length === 0) return [];
      const queue = await openQueue(options.url, run.storeId);
      return untilDone(units, new BullEngine(options, queue, run), run);
    },
  };
}

class BullEngine implements Engine {
  readonly every = 1000;
  readonly #note: ReturnType<typeof noteOnce>;
  readonly #database: Patience;
  #alone = 0;

  constructor(
    private readonly options: BullOptions,
    private readonly queue: UnitQueue,
    private readonly run: ExecutorRun,
  ) {
    this.#note = noteOnce(run.onEvent);
    this.#database = new Patience('the database of the queue', absence, this.#note);
  }

  async look(open: readonly Unit[]): Promise<void> {
    const { queue } = this.queue;
    await this.#database.ask(() => withTimeout(this.#fill(open)));
    const workers = await this.#database.ask(() => withTimeout(queue.getWorkersCount()));
    if (workers === undefined) return;
    this.#alone = workers === 0 ? this.#alone + 1 : 0;
    const { root } = this.run.store.folder;
    const command = `reseed work ${root} --bullmq ${withoutPassword(this.options.url)}`;
    const alone = this.#alone >= looksAlone;
    this.#note(
      'workers',
      alone ? `no worker takes the ${open.length} units; start some: ${command}` : undefined,
    );
  }

  /** Workers are told by the stop file; what nobody has begun is taken out of the queue. */
  async stop(): Promise<void> {
    await withTimeout(this.queue.queue.drain(true)).catch(() => undefined);
  }

  close(): Promise<void> {
    return this.queue.close();
  }

  async #fill(open: readonly Unit[]): Promise<void> {
    const { queue } = this.queue;
    const there = await queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized');
    const counted = Object.values(there).reduce((sum, count) => sum + count, 0);
    if (counted >= open.length) return;
    const jobs = await queue.getJobs(['waiting', 'active', 'delayed', 'prioritized']);
    const queued = new Set(jobs.map((job) => job?.id));
    const missing = open.filter(({ key }) => !queued.has(key));
    if (missing.length === 0) return;
    // Of a unit whose job the database has forgotten somebody may still be at work.
    const alive = new Set(
      (await knownAttempts(this.run.store.folder)).filter((one) => one.alive).map(({ unit }) => unit),
    );
    await queue.addBulk(
      missing
        .filter(({ key }) => !alive.has(key))
        .map(({ key, work }) => ({ name: work.kind, data: { key }, opts: { jobId: key, ...jobOptions } })),
    );
  }
}

/** Fails where no answer comes in time: a client that has lost its database waits for ever. */
export function withTimeout<T>(asked: Promise<T>, seconds = 10): Promise<T> {
  asked.catch(() => undefined);
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${seconds} s`)), 1000 * seconds);
    timer.unref();
    asked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

// The local executor: processes on this machine, so many at a time, each of which works on one unit after another.
//
// When this process is killed, they finish the units that they are at; a driver that is started again waits for them.
import { knownAttempts } from '../units/attempts.js';
import type { Unit } from '../units/unit.js';
import { interrupted, recordEnd } from './child.js';
import { type Engine, type Executor, type ExecutorRun, untilDone } from './executor.js';
import { WorkerProcess } from './worker-process.js';

export interface LocalOptions {
  /** Units at a time. */
  readonly workers: number;
  /** Threads of each. */
  readonly threads: number;
}

export function localExecutor(options: LocalOptions): Executor {
  return {
    name: 'local',
    inWaves: false,
    run: (units, run) => untilDone(units, new LocalEngine(options, run), run),
  };
}

class LocalEngine implements Engine {
  readonly every = 100;
  readonly #running = new Map<string, { readonly worker: WorkerProcess; readonly over: Promise<void> }>();
  readonly #idle: WorkerProcess[] = [];
  #stopping = false;
  #looked = Number.NEGATIVE_INFINITY;
  #elsewhere: ReadonlySet<string> = new Set();

  constructor(
    private readonly options: LocalOptions,
    private readonly run: ExecutorRun,
  ) {}

  async look(open: readonly Unit[]): Promise<void> {
    if (this.#running.size >= this.options.workers) return;
    const taken = await this.#takenElsewhere();
    // The longest first, so that none is left alone at the end.
    const waiting = open
      .filter(({ key }) => !this.#running.has(key) && !taken.has(key))
      .sort((a, b) => b.seconds - a.seconds);
    for (const unit of waiting) {
      if (this.#running.size + taken.size >= this.options.workers) return;
      await this.#start(unit);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const { worker } of this.#running.values()) worker.child.kill('SIGTERM');
    await this.#allOver();
  }

  async close(): Promise<void> {
    await this.#allOver();
    await Promise.all(this.#idle.map((worker) => worker.end()));
  }

  /** When one of the units at hand is. */
  async changed(): Promise<void> {
    await (this.#running.size === 0
      ? new Promise(() => undefined)
      : Promise.race(Array.from(this.#running.values(), ({ over }) => over)));
  }

  async #allOver(): Promise<void> {
    await Promise.all(Array.from(this.#running.values(), ({ over }) => over));
  }

  async #start(unit: Unit): Promise<void> {
    const { store } = this.run;
    // Its last attempt may have ended since the unit was seen open.
    if ((await store.isDone(unit.key)) || (await store.verdict(unit.key))) return;
    const before = (await store.failures(unit.key)).length;
    const worker = this.#takeIdle() ?? new WorkerProcess(this.run, this.options.threads);
    const over = worker.work(unit).then(async (ended) => {
      if (ended.code === 0) this.#idle.push(worker);
      else if (!(this.#stopping && (ended.code === interrupted || ended.signal === 'SIGTERM'))) {
        await recordEnd(this.run, unit, before, ended);
      }
      this.#running.delete(unit.key);
    });
    this.#running.set(unit.key, { worker, over });
  }

  #takeIdle(): WorkerProcess | undefined {
    for (;;) {
      const worker = this.#idle.pop();
      if (!worker || worker.takes) return worker;
    }
  }

  /** Units that processes of an earlier run are still at. */
  async #takenElsewhere(): Promise<ReadonlySet<string>> {
    if (performance.now() - this.#looked < 1000) return this.#elsewhere;
    this.#looked = performance.now();
    const own = new Set(Array.from(this.#running.values(), ({ worker }) => worker.child.pid));
    const alive = (await knownAttempts(this.run.store.folder)).filter(
      ({ alive: is, mark }) => is && !own.has(mark.pid),
    );
    this.#elsewhere = new Set(alive.map(({ unit }) => unit));
    return this.#elsewhere;
  }
}

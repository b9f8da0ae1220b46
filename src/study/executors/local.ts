// The local executor: child processes on this machine, so many at a time.
//
// A child goes on when this process is killed, and finishes its unit; a driver that is started again waits for it.
import type { ChildProcess } from 'node:child_process';
import { knownAttempts } from '../units/attempts.js';
import type { Unit } from '../units/unit.js';
import { interrupted, recordEnd, startChild } from './child.js';
import { type Engine, type Executor, type ExecutorRun, untilDone } from './executor.js';

export interface LocalOptions {
  /** Units at a time. */
  readonly workers: number;
  /** Threads of each. */
  readonly threads: number;
}

export function localExecutor(options: LocalOptions): Executor {
  return { name: 'local', run: (units, run) => untilDone(units, new LocalEngine(options, run), run) };
}

class LocalEngine implements Engine {
  readonly every = 100;
  readonly #running = new Map<string, { readonly child: ChildProcess; readonly over: Promise<void> }>();
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
    for (const { child } of this.#running.values()) child.kill('SIGTERM');
    await Promise.all(Array.from(this.#running.values(), ({ over }) => over));
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#running.values(), ({ over }) => over));
  }

  async #start(unit: Unit): Promise<void> {
    const { store } = this.run;
    // Its last attempt may have ended since the unit was seen open.
    if ((await store.isDone(unit.key)) || (await store.verdict(unit.key))) return;
    const before = (await store.failures(unit.key)).length;
    const { child, end } = startChild(this.run, unit, { threads: this.options.threads });
    const over = end.then(async (ended) => {
      if (!(this.#stopping && (ended.code === interrupted || ended.signal === 'SIGTERM'))) {
        await recordEnd(this.run, unit, before, ended);
      }
      this.#running.delete(unit.key);
    });
    this.#running.set(unit.key, { child, over });
  }

  /** Units that processes of an earlier run are still at. */
  async #takenElsewhere(): Promise<ReadonlySet<string>> {
    if (performance.now() - this.#looked < 1000) return this.#elsewhere;
    this.#looked = performance.now();
    const own = new Set(Array.from(this.#running.values(), ({ child }) => child.pid));
    const alive = (await knownAttempts(this.run.store.folder)).filter(
      ({ alive: is, mark }) => is && !own.has(mark.pid),
    );
    this.#elsewhere = new Set(alive.map(({ unit }) => unit));
    return this.#elsewhere;
  }
}

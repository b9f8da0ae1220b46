// What every executor is: something that sees to it that units are worked on, wherever that happens.
//
// An executor only fills the folder. What is done it reads there, never in a queue; results are assembled from the folder alone. So
// executors differ in how units get to workers, and in nothing that can be seen in the results. One loop serves all: as long as
// units are open, the engine is asked to look after them.
import { setTimeout as wait } from 'node:timers/promises';
import { ReseedError, throwIfCancelled } from '../../errors.js';
import type { Unit } from '../units/unit.js';
import type { UnitFailure, UnitStore } from '../units/unit-store.js';

export type ExecutorEvent =
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'done'; readonly unit: Unit };

export interface ExecutorRun {
  readonly store: UnitStore;
  readonly storeId: string;
  /** The command line of reseed, by which workers are started: program and first arguments. */
  readonly command: readonly string[];
  readonly kernel: string;
  readonly signal?: AbortSignal;
  readonly onEvent: (event: ExecutorEvent) => void;
}

export interface Executor {
  readonly name: string;
  /** Whether it is given one wave of units after another, because it submits many at once; else all, and each begins when it can. */
  readonly inWaves: boolean;
  /**
   * Has these units worked on, each once those that it needs are done, and returns those that failed for good; what needs them is
   * left. Units that earlier runs have given out and that are still at work are taken up.
   * @throws internal.cancelled once the signal is aborted, when nothing that it started goes on; input.executor
   */
  run(units: readonly Unit[], run: ExecutorRun): Promise<UnitFailure[]>;
}

/** What one executor has of its own. */
export interface Engine {
  /** Milliseconds between two looks. */
  readonly every: number;
  /** Sees that each of these, which can begin and are neither done nor failed for good, is being worked on or will be. */
  look(open: readonly Unit[]): Promise<void>;
  /** Resolves when it is worth looking before that. */
  changed?(): Promise<void>;
  /** Stops what it has started. */
  stop(): Promise<void>;
  /** Lets go of connections. */
  close(): Promise<void>;
}

export async function untilDone(
  units: readonly Unit[],
  engine: Engine,
  { store, signal, onEvent }: ExecutorRun,
): Promise<UnitFailure[]> {
  const failures: UnitFailure[] = [];
  let open = [...units];
  try {
    for (;;) {
      const still: Unit[] = [];
      for (const unit of open) {
        if (await store.isDone(unit.key)) {
          onEvent({ type: 'done', unit });
          continue;
        }
        const failure = await store.verdict(unit.key);
        if (failure) failures.push(failure);
        else still.push(unit);
      }
      open = withoutThoseThatNeed(
        failures.map(({ key }) => key),
        still,
      );
      if (open.length === 0) return failures;
      throwIfCancelled(signal);
      await engine.look(readyOf(open));
      await nextLook(engine, signal);
    }
  } catch (error) {
    await engine.stop();
    throw error;
  } finally {
    await engine.close();
  }
}

/** Units that need none of these, nor anything that does. */
export function withoutThoseThatNeed(keys: Iterable<string>, units: readonly Unit[]): Unit[] {
  const lost = new Set(keys);
  // What a unit needs comes before it.
  return units.filter(({ key, needs }) => {
    const left = needs.some((need) => lost.has(need));
    if (left) lost.add(key);
    return !left;
  });
}

function readyOf(open: readonly Unit[]): Unit[] {
  const keys = new Set(open.map(({ key }) => key));
  return open.filter(({ needs }) => !needs.some((need) => keys.has(need)));
}

async function nextLook(engine: Engine, signal: AbortSignal | undefined): Promise<void> {
  const early = new AbortController();
  const stop = (): void => early.abort();
  signal?.addEventListener('abort', stop, { once: true });
  const due = wait(engine.every, undefined, { signal: early.signal }).catch(() => undefined);
  await Promise.race([due, ...(engine.changed ? [engine.changed()] : [])]);
  signal?.removeEventListener('abort', stop);
  stop();
}

/** Says something once for as long as it stays the same. */
export function noteOnce(onEvent: ExecutorRun['onEvent']): (about: string, text: string | undefined) => void {
  const said = new Map<string, string>();
  return (about, text) => {
    if (text === undefined) said.delete(about);
    else if (said.get(about) !== text) {
      said.set(about, text);
      onEvent({ type: 'note', text });
    }
  };
}

/** Lets a service be away for a while: its failures are told, and thrown once it has not answered for so long. */
export class Patience {
  #since: number | undefined;

  constructor(
    private readonly service: string,
    private readonly seconds: number,
    private readonly note: (about: string, text: string | undefined) => void,
  ) {}

  /** What `ask` answers; undefined while the service does not answer. @throws input.executor when that takes too long */
  async ask<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await ask();
      this.#since = undefined;
      this.note(this.service, undefined);
      return answer;
    } catch (cause) {
      if (cause instanceof ReseedError) throw cause;
      const reason = cause instanceof Error ? cause.message.trim().split('\n')[0] : String(cause);
      this.#since ??= performance.now();
      const silent = (performance.now() - this.#since) / 1000;
      if (silent > this.seconds) {
        throw new ReseedError('input.executor', `${this.service} does not answer`, {
          found: reason,
          expected: `an answer within ${this.seconds} s; what was finished is kept`,
          cause,
        });
      }
      this.note(this.service, `${this.service} does not answer (${reason}); waiting`);
      return undefined;
    }
  }
}

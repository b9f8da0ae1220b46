// A process that works on one unit after another, as whoever started it says: starting one, and warming it up, takes as long as a
// small unit.
//
// Keys go to it over its channel, and come back when their units are done. A unit that fails ends the process, as it would end one of
// its own. Where the channel closes because the other side is gone, the unit at hand is finished first.
import { type ChildProcess, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import type { Unit } from '../units/unit.js';
import type { ChildEnd } from './child.js';
import type { ExecutorRun } from './executor.js';

/** The option of `reseed work` that makes it such a process. */
export const toldFlag = '--told';

/** Seconds that it has to end. */
const patience = 10;

interface Said {
  /** Absent where there are no more. */
  readonly key?: string;
}

export class ToldWorker {
  readonly child: ChildProcess;
  /** When the process has ended. */
  readonly #over: Promise<ChildEnd>;
  #said = '';

  constructor(
    { store, storeId, command, kernel }: Pick<ExecutorRun, 'store' | 'storeId' | 'command' | 'kernel'>,
    threads: number,
  ) {
    const [program, ...first] = command;
    const own = [toldFlag, '--store', storeId, '--threads', String(threads), '--kernel', kernel];
    // In a process group of its own, so that Ctrl-C reaches this process alone, which then decides.
    this.child = spawn(program, [...first, 'work', store.folder.root, ...own], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: true,
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString('utf8')).slice(-2000);
    });
    this.#over = once(this.child, 'close')
      .then(([code, signal]) => ({ code, signal, said: this.#said }) as ChildEnd)
      .catch((error: Error) => ({ code: null, signal: null, said: error.message }));
  }

  /** Has a unit done, one at a time. Code 0: it is, and the process waits for another; else that has ended. */
  async work({ key }: Pick<Unit, 'key'>): Promise<ChildEnd> {
    this.#said = '';
    const { child } = this;
    // A process that has just ended takes nothing more; its end says so.
    child.send({ key } satisfies Said, () => undefined);
    const answered = new Promise<ChildEnd>((resolve) => {
      const listen = (said: unknown): void => {
        if ((said as Said).key !== key) return;
        child.off('message', listen);
        resolve({ code: 0, signal: null, said: '' });
      };
      child.on('message', listen);
    });
    return Promise.race([answered, this.#over]);
  }

  /** Whether it takes another unit: somebody may have ended it. */
  get takes(): boolean {
    const { connected, exitCode, signalCode } = this.child;
    return connected && exitCode === null && signalCode === null;
  }

  /** Ends it while it has nothing to do. */
  async end(): Promise<void> {
    // Whoever closes a channel himself is never told that the process behind it has ended: it is asked to close it.
    if (this.takes) this.child.send({} satisfies Said, () => undefined);
    const late = setTimeout(() => this.child.kill('SIGKILL'), 1000 * patience);
    await this.#over;
    clearTimeout(late);
  }
}

/** The other side: works on what it is told until the channel closes or the signal is aborted. @throws what the work throws */
export async function workAsTold(work: (key: string) => Promise<void>, signal: AbortSignal): Promise<void> {
  const closed = new AbortController();
  process.once('disconnect', () => closed.abort());
  const over = AbortSignal.any([signal, closed.signal]);
  try {
    for await (const [told] of on(process, 'message', { signal: over })) {
      const { key } = told as Said;
      if (key === undefined) return;
      await work(key);
      if (closed.signal.aborted) return;
      process.send?.({ key } satisfies Said, () => undefined);
    }
  } catch (error) {
    if (!over.aborted || (error as Error).name !== 'AbortError') throw error;
  }
}

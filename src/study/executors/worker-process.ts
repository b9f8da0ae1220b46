// A process that works on one unit after another, since starting one and warming it up takes as long as a small unit.
//
// Whoever started it sends keys over its channel, which come back when their units are done. A unit that fails ends the process, as it would end one of
// its own. Where the channel closes because the other side is gone, the unit at hand is finished first.
import { type ChildProcess, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import type { Unit } from '../units/unit.js';
import type { ChildEnd } from './child.js';
import type { ExecutorRun } from './executor.js';

/** The option of `reseed work` that makes it such a process. */
export const workerFlag = '--told';

/** Seconds that it has to end. */
const patience = 10;

/** What goes over the channel, both ways. */
interface Message {
  /** Of a unit. Absent where there are no more. */
  readonly key?: string;
}

export class WorkerProcess {
  readonly child: ChildProcess;
  /** When the process has ended. */
  readonly #over: Promise<ChildEnd>;
  #stderr = '';

  constructor(
    { store, storeId, command, kernel }: Pick<ExecutorRun, 'store' | 'storeId' | 'command' | 'kernel'>,
    threads: number,
  ) {
    const [program, ...first] = command;
    const own = [workerFlag, '--store', storeId, '--threads', String(threads), '--kernel', kernel];
    // In a process group of its own, so that Ctrl-C reaches this process alone, which then decides.
    this.child = spawn(program, [...first, 'work', store.folder.root, ...own], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: true,
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-2000);
    });
    this.#over = once(this.child, 'close')
      .then(([code, signal]) => ({ code, signal, said: this.#stderr }) as ChildEnd)
      .catch((error: Error) => ({ code: null, signal: null, said: error.message }));
  }

  /** Has a unit done, one at a time. Code 0: it is, and the process waits for another; else that has ended. */
  async work({ key }: Pick<Unit, 'key'>): Promise<ChildEnd> {
    this.#stderr = '';
    const { child } = this;
    // A process that has just ended takes nothing more; its end says so.
    child.send({ key } satisfies Message, () => undefined);
    const answered = new Promise<ChildEnd>((resolve) => {
      const listen = (message: unknown): void => {
        if ((message as Message).key !== key) return;
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
    if (this.takes) this.child.send({} satisfies Message, () => undefined);
    const late = setTimeout(() => this.child.kill('SIGKILL'), 1000 * patience);
    await this.#over;
    clearTimeout(late);
  }
}

/** The other side: works on the units whose keys come until the channel closes or the signal is aborted. @throws what the work throws */
export async function workOnMessages(
  work: (key: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const closed = new AbortController();
  process.once('disconnect', () => closed.abort());
  const over = AbortSignal.any([signal, closed.signal]);
  try {
    for await (const [message] of on(process, 'message', { signal: over })) {
      const { key } = message as Message;
      if (key === undefined) return;
      await work(key);
      if (closed.signal.aborted) return;
      process.send?.({ key } satisfies Message, () => undefined);
    }
  } catch (error) {
    if (!over.aborted || (error as Error).name !== 'AbortError') throw error;
  }
}

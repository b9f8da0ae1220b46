// A pool of worker threads that take jobs from one queue.
//
// Jobs are cut independently of the number of threads, so results do not depend on it.
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { ReseedError } from '../../errors.js';
import type { Job } from './jobs.js';

export type Reply = { ok: true; value: unknown } | { ok: false; message: string; stack?: string | undefined };

interface Waiting {
  readonly job: Job;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Where the worker's compiled script is: beside this file, or in dist/ when this runs from source. */
function workerScript(): URL {
  const beside = new URL('./worker.js', import.meta.url);
  const built = new URL('../../../dist/kernel/portable/worker.js', import.meta.url);
  const script = existsSync(beside) ? beside : built;
  if (!existsSync(script)) {
    throw new ReseedError('internal.kernel', 'the compiled worker is missing: run `npm run build`', {
      file: script.pathname,
    });
  }
  return script;
}

export class Pool {
  readonly #queue: Waiting[] = [];
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Waiting>();
  readonly #script = workerScript();
  #closed = false;

  constructor(readonly threads: number) {}

  /** Runs a job on the next free thread. A cancelled job that waits is dropped; one that runs is let finish. */
  run<T>(job: Job, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ job, signal, resolve: resolve as (value: unknown) => void, reject });
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const workers = [...this.#idle, ...this.#busy.keys()];
    for (const { reject } of [...this.#queue, ...this.#busy.values()]) {
      reject(new ReseedError('internal.cancelled', 'the kernel was closed'));
    }
    this.#queue.length = 0;
    this.#idle.length = 0;
    this.#busy.clear();
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const next = this.#queue[0];
      if (this.#closed || next.signal?.aborted) {
        this.#queue.shift();
        next.reject(new ReseedError('internal.cancelled', 'cancelled'));
        continue;
      }
      const worker = this.#idle.pop() ?? (this.#busy.size < this.threads ? this.#start() : undefined);
      if (!worker) return;
      this.#queue.shift();
      this.#busy.set(worker, next);
      worker.ref();
      worker.postMessage(next.job);
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#script);
    worker.on('message', (reply: Reply) => {
      const waiting = this.#busy.get(worker);
      if (!waiting) return;
      this.#busy.delete(worker);
      this.#idle.push(worker);
      // An idle thread must not keep the process alive.
      worker.unref();
      if (reply.ok) waiting.resolve(reply.value);
      else waiting.reject(new ReseedError('internal.kernel', reply.message, { cause: reply.stack }));
      this.#dispatch();
    });
    worker.on('error', (error) => {
      const waiting = this.#busy.get(worker);
      this.#busy.delete(worker);
      waiting?.reject(
        new ReseedError('internal.kernel', `a worker thread died: ${error.message}`, { cause: error }),
      );
      this.#dispatch();
    });
    return worker;
  }
}

// The queue of a folder in BullMQ, over Redis or PostgreSQL: the same for the driver, which fills it, and for workers.
//
// BullMQ and the client of the database are loaded when they are asked for. A queue belongs to one folder and one version of the
// code, and its jobs are named by the keys of units, so nothing stands in it twice. Only keys go through it.
import type {
  Job as BullJob,
  Queue as BullQueue,
  Worker as BullWorker,
  Processor,
  QueueOptions,
} from 'bullmq';
import { ReseedError } from '../../errors.js';
import { codeVersion } from '../units/job.js';

export interface UnitQueue {
  readonly queue: BullQueue;
  /** A worker of this queue, which does not begin before `run`. */
  worker(processor: Processor): BullWorker;
  /** What makes a job fail for good. */
  readonly Unrecoverable: new (
    message: string,
  ) => Error;
  close(): Promise<void>;
}

export type { BullJob };

/** Of each job: three tries, and no trace when it is over, or a key that is added again would be ignored. */
export const jobOptions = {
  attempts: 3,
  backoff: { type: 'exponential', delay: 1000 },
  removeOnComplete: true,
  removeOnFail: true,
} as const;

/** A worker that cannot renew its lock for a minute has lost its unit to another. */
const workerOptions = {
  concurrency: 1,
  lockDuration: 60_000,
  stalledInterval: 30_000,
  maxStalledCount: 3,
  autorun: false,
} as const;

/** @throws usage.argument for another address; input.executor where a package is missing or the database is not fit for it */
export async function openQueue(url: string, storeId: string): Promise<UnitQueue> {
  const name = `reseed-${storeId}-${codeVersion}`;
  const scheme = /^(\w+):\/\//.exec(url)?.[1] ?? '';
  if (scheme === 'redis' || scheme === 'rediss') return redisQueue(name, url);
  if (scheme === 'postgres' || scheme === 'postgresql') return postgresQueue(name, url);
  throw new ReseedError('usage.argument', 'no database that BullMQ knows', {
    field: '--bullmq',
    found: withoutPassword(url),
    expected: 'redis://HOST:PORT, rediss://… or postgres://USER@HOST:PORT/DATABASE',
  });
}

export function withoutPassword(url: string): string {
  return url.replace(/:[^:@/]+@/, ':…@');
}

async function redisQueue(name: string, url: string): Promise<UnitQueue> {
  const [{ Queue, Worker, UnrecoverableError }, { Redis }] = await Promise.all([
    load('bullmq', () => import('bullmq')),
    load('ioredis', () => import('ioredis')),
  ]);
  const connect = () => {
    const client = new Redis(url, {
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(2000, 100 * times),
    });
    // It connects again by itself; what waits for an answer says so.
    client.on('error', () => {});
    return client;
  };
  const client = connect();
  try {
    await answered(client.ping(), url);
    await requireSafe((key) => client.config('GET', key) as Promise<string[]>, url);
  } catch (error) {
    client.disconnect();
    throw error;
  }
  const others: { disconnect(): void }[] = [];
  const queue = new Queue(name, { connection: client, prefix: 'reseed' });
  queue.on('error', () => {});
  return {
    queue,
    worker(processor) {
      const connection = connect();
      others.push(connection);
      return new Worker(name, processor, { connection, prefix: 'reseed', ...workerOptions });
    },
    Unrecoverable: UnrecoverableError,
    async close() {
      // An address that is away is not waited for.
      await Promise.race([queue.close().catch(() => undefined), delay(2000)]);
      for (const one of [client, ...others]) one.disconnect();
    },
  };
}

async function postgresQueue(name: string, url: string): Promise<UnitQueue> {
  const [{ Queue, Worker, UnrecoverableError, createPostgresBackend }, pg] = await Promise.all([
    load('bullmq', () => import('bullmq')),
    load('pg', () => import('pg')),
  ]);
  const { Client } = 'default' in pg ? pg.default : pg;
  const probe = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  probe.on('error', () => {});
  try {
    await answered(probe.connect(), url);
  } finally {
    await probe.end().catch(() => undefined);
  }
  const connection = { connectionString: url, migrate: true } as unknown as QueueOptions['connection'];
  const withBackend = createPostgresBackend as never;
  const queue = new Queue(name, { connection }, withBackend);
  queue.on('error', () => {});
  await answered(queue.waitUntilReady(), url);
  return {
    queue,
    worker: (processor) => new Worker(name, processor, { connection, ...workerOptions }, withBackend),
    Unrecoverable: UnrecoverableError,
    async close() {
      await Promise.race([queue.close().catch(() => undefined), delay(2000)]);
    },
  };
}

/** @throws input.executor where jobs could be lost without a word */
async function requireSafe(ask: (key: string) => Promise<string[]>, url: string): Promise<void> {
  const safe = { 'maxmemory-policy': 'noeviction', appendonly: 'yes' };
  for (const [key, expected] of Object.entries(safe)) {
    let found: string | undefined;
    try {
      found = (await ask(key))[1];
    } catch {
      // Services that are rented do not show their configuration.
      continue;
    }
    if (found === expected || found === undefined) continue;
    throw new ReseedError('input.executor', 'this Redis may lose jobs', {
      file: withoutPassword(url),
      field: key,
      found,
      expected: `${expected} (redis-cli CONFIG SET ${key} ${expected})`,
    });
  }
}

async function load<T>(name: string, module: () => Promise<T>): Promise<T> {
  try {
    return await module();
  } catch (cause) {
    throw new ReseedError('input.executor', 'a package that the queue needs is not installed', {
      file: name,
      expected: 'npm install bullmq ioredis, or npm install bullmq pg',
      cause,
    });
  }
}

/** @throws input.executor where nothing answers within ten seconds */
async function answered<T>(asked: Promise<T>, url: string): Promise<T> {
  try {
    return await Promise.race([
      asked,
      delay(10_000).then((): never => {
        throw new Error('no answer within 10 s');
      }),
    ]);
  } catch (cause) {
    throw new ReseedError('input.executor', 'the database of the queue does not answer', {
      file: withoutPassword(url),
      found:
        cause instanceof Error
          ? cause.message || String((cause as NodeJS.ErrnoException).code)
          : String(cause),
      cause,
    });
  }
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}

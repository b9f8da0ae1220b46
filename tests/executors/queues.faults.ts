// What happens to a queue and its workers: each time the study ends with the same bytes, nothing is lost and nothing doubled.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Finished, startCli } from '../cli/cli.js';
import type { TinyStudy } from '../study/tiny-study.js';
import { countOf, end, faultStudy, leftOver, untilAtWork } from './fault-study.js';
import { hasPostgres, hasRedis, type Service, startPostgres, startRedis } from './services.js';
import { differing, filesOf, wholeRun } from './unit-study.js';

let study: TinyStudy;
let whole: Map<string, string>;

beforeAll(async () => {
  study = await faultStudy(1500);
  whole = await wholeRun(study);
});
afterAll(() => rm(study.folder, { recursive: true, force: true }));

interface Going {
  readonly out: string;
  readonly driver: ReturnType<typeof startCli>;
  readonly workers: ReturnType<typeof startCli>[];
}

async function going(name: string, service: Service, workers = 2): Promise<Going> {
  const out = join(study.folder, name);
  const driver = drive(out, service);
  await untilJob(out);
  return { out, driver, workers: Array.from({ length: workers }, () => worker(out, service)) };
}

function drive(out: string, service: Service) {
  return startCli([
    'run',
    study.file,
    '--out',
    out,
    '--bundle',
    '0',
    '--executor',
    'bullmq',
    '--url',
    service.url,
  ]);
}

function worker(out: string, service: Service) {
  return startCli(['work', out, '--bullmq', service.url, '--threads', '1']);
}

async function untilJob(out: string): Promise<void> {
  const { unitsIn } = await import('./fault-study.js');
  while ((await unitsIn(out)).length === 0) await wait(50);
}

async function expectWhole({ out, driver, workers }: Going, begun?: number): Promise<Finished> {
  const finished = await driver.finished;
  expect(finished.code, finished.stderr).toBe(0);
  for (const { child } of workers) child.kill('SIGTERM');
  await Promise.all(workers.map((one) => one.finished));
  expect(differing(await filesOf(out), whole)).toEqual([]);
  expect(await leftOver(out)).toEqual([]);
  const done = await countOf(out, 'done');
  expect([...done.values()].every((count) => count === 1)).toBe(true);
  if (begun !== undefined) {
    const all = [...(await countOf(out, 'begun')).values()].reduce((sum, count) => sum + count, 0);
    expect(all).toBe(begun);
  }
  return finished;
}

const databases: [string, boolean, () => Promise<Service>][] = [
  ['Redis', hasRedis, startRedis],
  ['PostgreSQL', hasPostgres, startPostgres],
];

describe.each(databases.filter(([, available]) => available))('%s', (name, _, start) => {
  let service: Service;
  beforeAll(async () => {
    service = await start();
  });
  afterAll(() => service?.stop());

  it('a unit and then its worker are killed', async () => {
    const run = await going(`${name} kills`, service);
    end((await untilAtWork(run.out)).mark.pid);
    await wait(500);
    await untilAtWork(run.out);
    run.workers[0].child.kill('SIGKILL');
    run.workers.push(worker(run.out, service));
    await expectWhole(run);
  });

  it('the driver is killed and started again', async () => {
    const run = await going(`${name} driver`, service);
    await untilAtWork(run.out);
    run.driver.child.kill('SIGKILL');
    await run.driver.finished;
    await expectWhole({ ...run, driver: drive(run.out, service) }, 7);
  });

  it.each(
    name === 'Redis' ? (['SIGTERM', 'SIGKILL'] as const) : (['SIGINT', 'SIGQUIT'] as const),
  )('the database is ended by %s and comes back', async (signal) => {
    const run = await going(`${name} ${signal}`, service);
    await untilAtWork(run.out);
    await service.kill(signal);
    await wait(3000);
    await service.restart();
    const { stderr } = await expectWhole(run);
    expect(stderr).toMatch(/does not answer .*; waiting|units/);
  });

  it('is cancelled in the middle, and goes on', async () => {
    const run = await going(`${name} cancel`, service);
    await untilAtWork(run.out);
    run.driver.child.kill('SIGINT');
    expect((await run.driver.finished).code).toBe(130);
    await wait(2500);
    await expectWhole({ ...run, driver: drive(run.out, service) });
  });

  it('a worker that stands still past its lock comes back: two finish, one result', async () => {
    const run = await going(`${name} still`, service, 1);
    const { mark } = await untilAtWork(run.out);
    end(mark.pid, 'SIGSTOP');
    end(run.workers[0].child.pid as number, 'SIGSTOP');
    run.workers.push(worker(run.out, service));
    // Its lock lasts for a minute, and stalled jobs are looked for every half.
    const finished = await run.driver.finished;
    expect(finished.code, finished.stderr).toBe(0);
    end(run.workers[0].child.pid as number, 'SIGCONT');
    end(mark.pid, 'SIGCONT');
    await wait(5000);
    await expectWhole(run);
  });
});

describe.skipIf(!hasRedis)('Redis', () => {
  it('that forgets everything is filled again', async () => {
    const service = await startRedis();
    const { Redis } = await import('ioredis');
    const client = new Redis(service.url);
    try {
      const run = await going('forgets', service);
      for (let times = 0; times < 3; times++) {
        await untilAtWork(run.out);
        await client.flushall();
        await wait(1500);
      }
      await expectWhole(run);
    } finally {
      client.disconnect();
      await service.stop();
    }
  });
});

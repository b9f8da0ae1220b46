// What executors refuse, by name and at once, and what they say while they wait.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, startCli } from '../cli/cli.js';
import type { TinyStudy } from '../study/tiny-study.js';
import { faultStudy } from './fault-study.js';
import { freePort, hasRedis, startRedis } from './services.js';
import { hasSlurm, type SlurmCluster, startSlurm } from './slurm-cluster.js';

let study: TinyStudy;
beforeAll(async () => {
  study = await faultStudy(2);
});
afterAll(() => rm(study.folder, { recursive: true, force: true }));

const run = (name: string, ...flags: string[]) => [
  'run',
  study.file,
  '--out',
  join(study.folder, name),
  ...flags,
];

it('flags that have no effect where they stand', async () => {
  const refused = async (args: string[], words: RegExp) => {
    expect(await cli(...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(words) });
  };
  await refused(
    run('a', '--executor', 'local', '--partition', 'x'),
    /--partition: it has no effect here; found --executor local/,
  );
  await refused(run('a', '--executor', 'slurm', '--url', 'redis://x'), /--url: it has no effect here/);
  await refused(run('a', '--executor', 'bullmq'), /the address of its database is missing/);
  await refused(
    run('a', '--executor', 'bullmq', '--url', 'http://x'),
    /no database that BullMQ knows; found http:\/\/x/,
  );
  await refused(
    ['compare', 'a', 'b', '--executor', 'local'],
    /--executor: there is no folder that other processes would work in/,
  );
});

it('a cluster that is not there, and a database that does not answer', async () => {
  const { code, stderr } = await startCli(run('b', '--executor', 'slurm'), { PATH: '/nowhere' }).finished;
  expect(code).toBe(3);
  expect(stderr).toMatch(/squeue: there is no Slurm on this machine/);
  const url = `redis://user:secret@127.0.0.1:${await freePort()}`;
  const queue = await cli(...run('b', '--executor', 'bullmq', '--url', url));
  expect(queue.code).toBe(3);
  expect(queue.stderr).toMatch(/the database of the queue does not answer; found no answer within 10 s/);
  expect(queue.stderr).not.toContain('secret');
});

describe.skipIf(!hasRedis)('Redis', () => {
  it.each([
    ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
    ['appendonly', 'no', 'yes'],
  ])('whose %s is %s', async (setting, found, expected) => {
    const redis = await startRedis({ [setting]: found });
    try {
      const { code, stderr } = await cli(...run('c', '--executor', 'bullmq', '--url', redis.url));
      expect(code).toBe(3);
      expect(stderr).toMatch(
        new RegExp(`${setting}: this Redis may lose jobs; found ${found}; expected ${expected}`),
      );
    } finally {
      await redis.stop();
    }
  });

  it('without a worker is told of, and can be left', async () => {
    const redis = await startRedis();
    try {
      const { child, finished } = startCli(run('d', '--executor', 'bullmq', '--url', redis.url));
      child.stderr?.on('data', (chunk: Buffer) => {
        if (String(chunk).includes('no worker takes')) child.kill('SIGINT');
      });
      const { code, stderr } = await finished;
      expect(stderr).toMatch(/no worker takes the 1 units; start some: reseed work \S+ --bullmq redis:/);
      expect(code).toBe(130);
    } finally {
      await redis.stop();
    }
  });
});

describe.skipIf(!hasSlurm)('Slurm', () => {
  let cluster: SlurmCluster;
  beforeAll(async () => {
    cluster = await startSlurm(1);
  });
  afterAll(() => cluster?.stop());

  it.each([
    [['--cpus', '1', '--partition', 'none'], /sbatch: Slurm refuses the tasks; found .*[Ii]nvalid partition/],
    [['--cpus', '1', '--memory', '900G'], /sbatch: Slurm refuses the tasks; found .*[Mm]emory/],
    [['--sbatch=--nonsense'], /sbatch: Slurm refuses the tasks; found .*nonsense/],
  ])('refuses %s', async (flags, words) => {
    const { code, stderr } = await startCli(run('e', '--executor', 'slurm', ...flags), cluster.env).finished;
    expect(code).toBe(3);
    expect(stderr).toMatch(words);
  });

  it('says why tasks are held, and cancels them when it is stopped', async () => {
    const flags = ['--executor', 'slurm', '--cpus', '1', '--memory', '500M', '--sbatch=--hold'];
    const { child, finished } = startCli(run('f', ...flags), cluster.env);
    child.stderr?.on('data', (chunk: Buffer) => {
      if (String(chunk).includes('held back')) child.kill('SIGINT');
    });
    const { code, stderr } = await finished;
    expect(stderr).toMatch(/1 held back by Slurm: JobHeldUser \(scontrol release \d+\)/);
    expect(code).toBe(130);
    expect(await cluster.ask('squeue', '-h', '-t', 'pending,running')).toBe('');
  });
});

// One body over all executors: a study and a comparison end in the bytes of a run that does everything itself.
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, type Finished, startCli } from '../cli/cli.js';
import { hasPostgres, hasRedis, type Service, startPostgres, startRedis } from './services.js';
import { hasSlurm, type SlurmCluster, startSlurm } from './slurm-cluster.js';
import { differing, filesOf, partsOf, type UnitStudy, unitStudy } from './unit-study.js';

interface Engine {
  readonly name: string;
  readonly available: boolean;
  /** Starts what it needs. */
  start(): Promise<Running>;
}

interface Running {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Starts workers for a folder that has work; returns how to end them. */
  workers?(out: string): () => Promise<Finished[]>;
  stop(): Promise<void>;
}

const local: Engine = {
  name: 'local',
  available: true,
  start: async () => ({ flags: ['--executor', 'local', '--workers', '2'], env: {}, stop: async () => {} }),
};

const slurm: Engine = {
  name: 'slurm',
  available: hasSlurm,
  async start() {
    const cluster: SlurmCluster = await startSlurm();
    const flags = ['--executor', 'slurm', '--cpus', '1', '--partition', 'main', '--memory', '500M'];
    return { flags, env: cluster.env, stop: () => cluster.stop() };
  },
};

const queue = (name: string, available: boolean, startService: () => Promise<Service>): Engine => ({
  name: `bullmq over ${name}`,
  available,
  async start() {
    const service = await startService();
    return {
      flags: ['--executor', 'bullmq', '--url', service.url],
      env: {},
      workers(out) {
        const started = [1, 2].map(() => startCli(['work', out, '--bullmq', service.url, '--threads', '1']));
        return async () => {
          for (const { child } of started) child.kill('SIGTERM');
          return Promise.all(started.map(({ finished }) => finished));
        };
      },
      stop: () => service.stop(),
    };
  },
});

const engines = [
  local,
  slurm,
  queue('Redis', hasRedis, startRedis),
  queue('PostgreSQL', hasPostgres, startPostgres),
];
for (const { name, available } of engines) if (!available) console.warn(`${name} is not installed: left out`);

let study: UnitStudy;
let whole: Map<string, string>;
let wholeParts: Map<string, string>;
let compared: Map<string, string>;
let saes: string[];

beforeAll(async () => {
  study = await unitStudy();
  const out = join(study.folder, 'whole');
  expect(await cli('run', study.file, '--out', out)).toMatchObject({ code: 0 });
  saes = [1, 2].map((seed) => join(out, 'saes', `activations.seed${seed}`));
  expect(await compare('compared')).toMatchObject({ code: 0 });
  wholeParts = await partsOf(out);
  expect(wholeParts.size).toBeGreaterThan(10);
  [whole, compared] = [await filesOf(out), await filesOf(join(study.folder, 'compared'))];
  expect(whole.size).toBeGreaterThan(15);
  expect(compared.size).toBeGreaterThan(8);
});
afterAll(() => rm(study.folder, { recursive: true, force: true }));

function compare(out: string, flags: readonly string[] = [], env = {}): Promise<Finished> {
  const given = ['--activations', study.activations, '--draws', '2', '--out', join(study.folder, out)];
  return startCli(['compare', ...saes, ...given, ...flags], env).finished;
}

function inPath(name: string): string {
  return name.replaceAll(' ', '-');
}

async function untilThere(file: string): Promise<void> {
  for (let tries = 0; tries < 600 && !(await stat(file).catch(() => undefined)); tries++) await wait(100);
}

/** Runs a command that gives work out, with the workers that it needs. */
async function given(command: () => Promise<Finished>, out: string, { workers }: Running): Promise<Finished> {
  const running = command();
  if (!workers) return running;
  await untilThere(join(out, '.work', 'job.json'));
  const end = workers(out);
  const finished = await running;
  for (const { code } of await end()) expect(code).toBe(0);
  return finished;
}

describe.each(engines.filter(({ available }) => available))('$name', ({ name, start }) => {
  let running: Running;
  beforeAll(async () => {
    running = await start();
  });
  afterAll(() => running?.stop());

  it('a study ends in the same bytes', async () => {
    const out = join(study.folder, `study-${inPath(name)}`);
    const run = () =>
      startCli(['run', study.file, '--out', out, '--bundle', '0', ...running.flags], running.env).finished;
    const { code, stderr } = await given(run, out, running);
    expect(code, stderr).toBe(0);
    expect(differing(await filesOf(out), whole)).toEqual([]);
    // What is kept is named by what it depends on, and the same whoever computed it.
    expect(differing(await partsOf(out), wholeParts)).toEqual([]);
    const { stdout } = await cli('status', out);
    expect(stdout).toMatch(
      /SAEs to train +2 of 2 done\n +pairs to measure +6 of 6 done\n +nulls to draw +\d of \d done/,
    );
    // Once more there is nothing to give out.
    const again = await startCli(
      ['run', study.file, '--out', out, '--bundle', '0', ...running.flags],
      running.env,
    ).finished;
    expect(again.stderr).toMatch(/units: (\d+) units, \1 of them done/);
    expect(differing(await filesOf(out), whole)).toEqual([]);
  });

  it('a comparison ends in the same bytes', async () => {
    const out = join(study.folder, `compare-${inPath(name)}`);
    const run = () => compare(`compare-${inPath(name)}`, ['--bundle', '0', ...running.flags], running.env);
    const { code, stderr } = await given(run, out, running);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/units: 6 units, 0 of them done/);
    expect(differing(await filesOf(out), compared)).toEqual([]);
  });
});

it('SAEs that are read only when they are needed end in the same bytes', async () => {
  const out = join(study.folder, 'read when needed');
  // Two of them do not fit together: one is let go for the other.
  const few = { RESEED_HELD_SAES: '1000000' };
  const run = (...flags: string[]) => startCli(['run', study.file, '--out', out, ...flags], few).finished;
  const { code, stderr } = await run('--executor', 'local', '--workers', '1');
  expect(code, stderr).toBe(0);
  expect(differing(await filesOf(out), whole)).toEqual([]);
  await rm(out, { recursive: true });
  expect(await run()).toMatchObject({ code: 0 });
  expect(differing(await filesOf(out), whole)).toEqual([]);
});

it('a list of units that something else hands out ends in the same bytes', async () => {
  const out = join(study.folder, 'by hand');
  const { stdout, code } = await cli('run', study.file, '--out', out, '--units', '--bundle', '1');
  expect(code).toBe(0);
  const waves = [...stdout.matchAll(/^rows (\d+) … (\d+): (\w+)$/gm)].map(([, from, to]) => [
    Number(from),
    Number(to),
  ]);
  expect(waves.length).toBeGreaterThan(1);
  // What needs others refuses to begin before them.
  const last = waves[waves.length - 1][1];
  expect(await cli('work', out, '--row', String(last))).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('a unit that this one needs is not done'),
  });
  for (const [from, to] of waves) {
    for (let row = from; row <= to; row++) {
      expect(await cli('work', out, '--row', String(row))).toMatchObject({ code: 0 });
    }
  }
  expect(await cli('run', study.file, '--out', out)).toMatchObject({ code: 0 });
  expect(differing(await filesOf(out), whole)).toEqual([]);
});

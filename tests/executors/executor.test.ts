// The loop that drives every executor: in which order units come up, what is left when one fails, and when it looks again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { estimateUnits } from '../../src/study/executors/estimate-units.js';
import { type Engine, type ExecutorRun, untilDone } from '../../src/study/executors/executor.js';
import { StudyFolder } from '../../src/study/folder.js';
import type { Unit, UnitKind } from '../../src/study/units/unit.js';
import { UnitStore } from '../../src/study/units/unit-store.js';
import { tinyStudy } from '../study/tiny-study.js';

let root: string;
let store: UnitStore;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'reseed-loop-'));
  store = new UnitStore(new StudyFolder(root));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function unit(key: string, needs: string[] = [], kind: UnitKind = 'train'): Unit {
  const sizes = { seconds: 1, memory: 1, reads: 0, writes: 0, cpus: 1 };
  return { key, label: key, needs, ...sizes, work: { kind, group: 'g' } as Unit['work'] };
}

const record = ({ key, label }: Unit, seconds = 1) => ({
  ...{ key, label, seconds, made: {}, attempt: 'a', host: 'h', at: 'now' },
});

const run = (): ExecutorRun => ({ store, storeId: 's', command: [], kernel: 'auto', onEvent: () => {} });

/** Does the first unit that can begin; says what could, each time. */
function oneByOne(failing: readonly string[] = []): Engine & { readonly seen: string[]; over: string[] } {
  const seen: string[] = [];
  const over: string[] = [];
  return {
    seen,
    over,
    every: 1,
    async look(open) {
      seen.push(open.map(({ key }) => key).join(''));
      const [first] = open;
      if (failing.includes(first.key)) await store.fail(first, { message: 'no', exit: 3, attempt: 'a' });
      else await store.publish(record(first));
    },
    async stop() {
      over.push('stopped');
    },
    async close() {
      over.push('closed');
    },
  };
}

// b needs a, d needs b and c.
const units = [unit('a'), unit('b', ['a']), unit('c'), unit('d', ['b', 'c'])];

it('begins a unit once all that it needs is done', async () => {
  const engine = oneByOne();
  expect(await untilDone(units, engine, run())).toEqual([]);
  expect(engine.seen).toEqual(['ac', 'bc', 'c', 'd']);
  expect(engine.over).toEqual(['closed']);
});

it('leaves what needs a unit that failed, and does the rest', async () => {
  const engine = oneByOne(['a']);
  const failures = await untilDone(units, engine, run());
  expect(failures.map(({ key }) => key)).toEqual(['a']);
  expect(engine.seen).toEqual(['ac', 'c']);
  expect(await store.isDone('c')).toBe(true);
});

it('looks again as soon as something has changed', async () => {
  const engine = {
    ...oneByOne(),
    every: 1e6,
    changed: () => new Promise<void>((next) => setTimeout(next, 1)),
  };
  expect(await untilDone(units, engine, run())).toEqual([]);
});

it('stops what it began when it is stopped', async () => {
  const stopping = new AbortController();
  const engine = { ...oneByOne(), look: async () => stopping.abort() };
  await expect(untilDone(units, engine, { ...run(), signal: stopping.signal })).rejects.toThrow();
  expect(engine.over).toEqual(['stopped', 'closed']);
});

it('tells times by what units of the same kind took', async () => {
  const { file, out } = await tinyStudy();
  const whole = { cost: { seconds: 100, memory: 0, disk: 0 }, threads: 1, groups: [] };
  const told = (nodes?: number) =>
    estimateUnits({ file, out, settings: { name: 'local', cpus: 1, bundle: 0 }, nodes, whole });
  const [train, ...others] = (await told()).waves;
  expect([train.kind, train.units]).toEqual(['train', 6]);
  expect(train.work + others.reduce((sum, { work }) => sum + work, 0)).toBeCloseTo(100);
  // Two are done, in 7 and in 9 seconds; all are of one size.
  const folder = new UnitStore(new StudyFolder(out));
  const { unitsOfStudy } = await import('../../src/study/executors/fill-study.js');
  const { loadStudy } = await import('../../src/study/config.js');
  const { planStudy } = await import('../../src/study/plan.js');
  const { openSource } = await import('../../src/study/sources/index.js');
  const { knownHashes } = await import('../../src/study/known-hashes.js');
  const study = await loadStudy(file);
  const plan = planStudy(study, false);
  const hashes = knownHashes({ folder: folder.folder.hashes });
  const sites = plan.groups.map(({ site }) => site);
  const source = await openSource(study.activations, sites, file, hashes);
  const all = unitsOfStudy({ plan, source }, study, { name: 'local', cpus: 1, bundle: 0 });
  const [first, second] = all.filter(({ work }) => work.kind === 'train');
  await folder.publish(record(first, 7));
  await folder.publish(record(second, 9));
  const after = await told(3);
  expect(after.waves[0]).toMatchObject({ kind: 'train', units: 4 });
  expect(after.waves[0].work).toBeCloseTo(4 * 8);
  expect(after.waves[0].longest).toBeCloseTo(8);
  expect(after.times.map(({ nodes }) => nodes)).toEqual([1, 3, 6]);
  expect((await told()).times.map(({ nodes }) => nodes)).toEqual([1, 2, 4]);
});

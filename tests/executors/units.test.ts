// Units as values: how work is cut, bundled and scheduled, and what the folder says of it.
import { mkdir, mkdtemp, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { thisProcess } from '../../src/formats/process-mark.js';
import { loadStudy } from '../../src/study/config.js';
import { StudyFolder } from '../../src/study/folder.js';
import { planStudy } from '../../src/study/plan.js';
import { openSource } from '../../src/study/sources/index.js';
import { Attempt, clearAttempts, eventsIn, knownAttempts } from '../../src/study/units/attempts.js';
import { bundled } from '../../src/study/units/bundles.js';
import { readJob, requireStore, storeId, unitOf, writeJob } from '../../src/study/units/job.js';
import { planUnits } from '../../src/study/units/plan-units.js';
import { scheduleOf } from '../../src/study/units/schedule.js';
import { type Unit, wavesOf } from '../../src/study/units/unit.js';
import { UnitStore } from '../../src/study/units/unit-store.js';
import { workOnUnit } from '../../src/study/units/work-on-unit.js';
import { version } from '../../src/version.js';
import { unitStudy } from './unit-study.js';

const unit = (key: string, seconds = 1, kind: 'train' | 'group' = 'train', needs: string[] = []): Unit => ({
  key,
  label: `unit ${key}`,
  work: kind === 'train' ? { kind, group: 'g', saes: [key] } : { kind, group: 'g' },
  needs,
  seconds,
  memory: 1e6,
  reads: 100,
  writes: 50,
  cpus: 1,
});

describe('bundles', () => {
  it('by hand', () => {
    const pieces = [10, 25, 40, 5, 5].map((seconds, i) => ({ seconds, work: i }));
    expect(bundled(pieces, 30)).toEqual([
      { seconds: 35, work: [0, 1] },
      { seconds: 50, work: [2, 3, 4] },
    ]);
    expect(bundled(pieces, 0).map(({ work }) => work)).toEqual([[0], [1], [2], [3], [4]]);
    expect(bundled(pieces.slice(3), 30)).toEqual([{ seconds: 10, work: [3, 4] }]);
    expect(bundled([], 30)).toEqual([]);
  });

  it('hold every piece once, in order, and enough of it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 })),
        fc.integer({ min: 0, max: 60 }),
        (all, least) => {
          const bundles = bundled(
            all.map((seconds, work) => ({ seconds, work })),
            least,
          );
          expect(bundles.flatMap(({ work }) => work)).toEqual([...all.keys()]);
          for (const { seconds, work } of bundles)
            expect(seconds).toBe(work.reduce((sum, i) => sum + all[i], 0));
          if (bundles.length > 1)
            for (const { seconds } of bundles) expect(seconds).toBeGreaterThanOrEqual(least);
        },
      ),
    );
  });
});

describe('a schedule', () => {
  it('gives the longest first to whoever is free, wave by wave', () => {
    const units = [unit('a', 3), unit('b', 5), unit('c', 4), unit('d', 2, 'group'), unit('e', 2, 'group')];
    const { seconds, waves } = scheduleOf(units, { nodes: 2, start: 1, assembly: 10 });
    // 6 and 5 start; 4 goes where 5 was: 9. Then both groups, 3 each.
    expect(waves.map((wave) => wave.seconds)).toEqual([9, 3]);
    expect(waves[0]).toMatchObject({
      kind: 'train',
      units: 3,
      work: 15,
      longest: 6,
      reads: 300,
      writes: 150,
    });
    expect(seconds).toBe(22);
  });

  it('takes no less than the store needs for its bytes', () => {
    const { seconds } = scheduleOf([unit('a'), unit('b')], { nodes: 100, storeBytes: 10 });
    expect(seconds).toBe(30);
  });

  it('is never longer than on one node, nor shorter than its longest unit or its share', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 20 }),
        (all, nodes) => {
          const units = all.map((seconds, i) => unit(String(i), seconds));
          const { seconds } = scheduleOf(units, { nodes });
          const total = all.reduce((sum, one) => sum + one, 0);
          expect(seconds).toBeLessThanOrEqual(total);
          expect(seconds).toBeGreaterThanOrEqual(Math.max(...all, total / nodes));
          expect(seconds).toBeLessThanOrEqual((4 / 3) * Math.max(...all, total / nodes) * 1.5);
        },
      ),
    );
  });
});

describe('a plan', () => {
  const planOf = async (changes: [string, string][] = [], bundleSeconds = 0) => {
    const { file, folder } = await unitStudy(changes);
    const study = await loadStudy(file);
    const plan = planStudy(study, false);
    const sites = plan.groups.map(({ site }) => site);
    const source = await openSource(study.activations, sites, file);
    return { folder, units: planUnits({ plan, source }, { bundleSeconds, cpus: 1, seed: 0 }) };
  };
  const kinds = (units: readonly Unit[]) => wavesOf(units).map((wave) => [wave[0].work.kind, wave.length]);

  it('has every SAE, every pair by every measure that is kept, long nulls, and the group', async () => {
    const { units } = await planOf([['[1, 2]', '[1, 2, 3]']]);
    expect(kinds(units)).toEqual([
      ['train', 3],
      ['pairs', 18],
      ['null', 5],
      ['group', 1],
    ]);
    expect(new Set(units.map(({ key }) => key)).size).toBe(units.length);
    const keys = new Set(units.map(({ key }) => key));
    for (const { needs } of units) for (const need of needs) expect(keys.has(need)).toBe(true);
    const pair = units.find(({ work }) => work.kind === 'pairs') as Unit;
    expect(pair.needs.length).toBe(2);
    expect(units.at(-1)?.needs.length).toBe(units.length - 1);
    // As it goes through a file or a queue.
    expect(JSON.parse(JSON.stringify(units))).toEqual(units);
  });

  it('is the same wherever the study lies, and another for another study', async () => {
    const [one, same] = [await planOf(), await planOf()];
    expect(one.units).toEqual(same.units);
    const other = await planOf([['epochs: 3', 'epochs: 4']]);
    const keys = new Set(one.units.map(({ key }) => key));
    expect(other.units.filter(({ key }) => keys.has(key))).toEqual([]);
  });

  it('of small SAEs has no pairs of their own, and little work stays together', async () => {
    expect(kinds((await planOf([['dSae: 2048', 'dSae: 64']])).units)).toEqual([
      ['train', 2],
      ['null', 3],
      ['group', 1],
    ]);
    expect(kinds((await planOf([], 30)).units)).toEqual([
      ['train', 1],
      ['group', 1],
    ]);
  });

  it('of large SAEs bundles what takes seconds, and nothing that takes longer', async () => {
    const { units } = await planOf([['dSae: 2048', 'dSae: 65536']], 30);
    const pairs = units.filter(({ work }) => work.kind === 'pairs');
    expect(pairs.length).toBeGreaterThan(2);
    for (const { seconds } of pairs) expect(seconds).toBeGreaterThan(30);
  });
});

describe('a folder of units', () => {
  let store: UnitStore;
  beforeEach(async () => {
    store = new UnitStore(new StudyFolder(await mkdtemp(join(tmpdir(), 'reseed-store-'))));
  });
  const record = (made: Record<string, string>, host = 'here') => ({
    key: 'k',
    label: 'unit k',
    made,
    attempt: 'a',
    host,
    seconds: 1,
    at: '',
  });

  it('says once that a unit is done; who comes later must have made the same', async () => {
    expect(await store.isDone('k')).toBe(false);
    expect(await store.publish(record({ x: '1' }))).toBe(true);
    expect(await store.publish(record({ x: '1' }, 'there'))).toBe(false);
    await expect(store.publish(record({ x: '2' }, 'there'))).rejects.toThrow(
      'unit k, x: two attempts at one unit made different bytes; found 2 on there; expected 1, as here has it',
    );
    expect((await store.record('k'))?.host).toBe('here');
    expect(await readdir(join(store.folder.work, 'units'))).toEqual(['k.json']);
    // A record that a machine left half written when it lost power.
    await writeFile(store.recordFile('k'), '{"ke');
    expect(await store.publish(record({ x: '2' }))).toBe(true);
  });

  it('one of many that publish at once is first', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => store.publish(record({ x: '1' }))));
    expect(all.filter(Boolean).length).toBe(1);
  });

  it('tries three times, but not what is wrong for good', async () => {
    const fail = (exit: number | undefined, attempt: string) =>
      store.fail(unit('k'), { message: 'no', exit, attempt });
    await fail(4, 'a');
    await fail(undefined, 'b');
    expect(await store.verdict('k')).toBeUndefined();
    await fail(4, 'b');
    expect(await store.verdict('k')).toBeUndefined();
    await fail(4, 'c');
    expect(await store.verdict('k')).toMatchObject({ key: 'k', message: 'no', host: thisProcess().host });
    await store.forgive(['k']);
    expect(await store.verdict('k')).toBeUndefined();
    await fail(3, 'd');
    expect(await store.verdict('k')).toMatchObject({ exit: 3 });
  });

  it('knows who is at work, and clears away who is gone', async () => {
    const attempt = new Attempt(store.folder, { key: 'k', label: 'unit k', kind: 'train' });
    await attempt.begin();
    const attempts = join(store.folder.work, 'attempts');
    const put = async (id: string, mark: object) => {
      await mkdir(join(attempts, id));
      await writeFile(join(attempts, id, 'attempt.json'), JSON.stringify({ unit: id, ...mark }));
    };
    const { host, place } = thisProcess();
    await put('gone', { host, place, pid: 999999999 });
    await put('far', { host: 'far', place: '00000000', pid: 999999999 });
    await put('silent', { host: 'far', place: '00000000', pid: 1 });
    const before = Date.now() / 1000 - 120;
    await utimes(join(attempts, 'silent', 'attempt.json'), before, before);
    const alive = (await knownAttempts(store.folder)).map(({ unit: of, alive: is }) => [of, is]).sort();
    expect(alive).toEqual([
      ['far', true],
      ['gone', false],
      ['k', true],
      ['silent', false],
    ]);
    await clearAttempts(store.folder);
    expect((await readdir(attempts)).sort()).toEqual([attempt.id, 'far', 'silent'].sort());
    await attempt.tell({ event: 'done' });
    await attempt.end();
    expect((await eventsIn(store.folder)).map(({ event }) => event)).toEqual(['begun', 'done']);
    expect((await readdir(attempts)).sort()).toEqual(['far', 'silent']);
  });

  it('records what an attempt ends with', async () => {
    expect(await workOnUnit(store, unit('k'), async () => ({ x: '1' }))).toBe('done');
    expect(await workOnUnit(store, unit('k'), async () => ({ x: '1' }))).toBe('known');
    await expect(
      workOnUnit(store, unit('p'), async () => {
        throw new Error('poison');
      }),
    ).rejects.toThrow('poison');
    expect(await store.failures('p')).toMatchObject([{ message: 'poison', exit: 4 }]);
    await expect(
      workOnUnit(store, unit('n', 1, 'group', ['missing']), async () => ({})),
    ).rejects.toMatchObject({
      code: 'input.file',
    });
    // It did not begin, so it did not fail.
    expect(await store.failures('n')).toEqual([]);
    expect(await readdir(join(store.folder.work, 'attempts'))).toEqual([]);
  });

  it('gives work to its own version, and on its own disk', async () => {
    const { folder } = store;
    await expect(readJob(folder)).rejects.toThrow('the folder holds no work to take');
    const what = { kind: 'study', file: '/x.yaml', text: '', quick: false } as const;
    await writeJob(folder, { what, kernel: 'auto', units: [unit('k')] });
    const job = await readJob(folder);
    expect(unitOf(job, 'k')).toEqual(unit('k'));
    expect(() => unitOf(job, 'x')).toThrow('the folder has no such unit');
    const file = join(folder.work, 'job.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(`"version":"${version}"`, '"version":"0.0.1"'));
    await expect(readJob(folder)).rejects.toThrow(
      new RegExp(`the work is of another version of reseed; found 0\\.0\\.1 .*; expected ${version}`),
    );
    const id = await storeId(folder);
    expect(await storeId(folder)).toBe(id);
    await requireStore(folder, id);
    await requireStore(folder, undefined);
    await expect(requireStore(folder, id.replace(/./g, '0'))).rejects.toThrow(/sees another folder/);
    const empty = new StudyFolder(await mkdtemp(join(tmpdir(), 'reseed-store-')));
    await expect(requireStore(empty, id)).rejects.toThrow(/found no \.work\/store-id/);
  });
});

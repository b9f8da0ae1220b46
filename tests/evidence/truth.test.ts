// A group against the truth of its worlds: what is recovered, by chance too, and by two SAEs at once.
import { afterAll, expect, it } from 'vitest';
import { plantedDictionary, sharedFeatures } from '../../src/activations/planted.js';
import { measureTruth } from '../../src/diagnosis/index.js';
import type { Key } from '../../src/keep.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { Rng, zeros } from '../../src/tensor/index.js';
import { member } from '../metrics/fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());
const options = { kernel, seed: 0, draws: 20 };

const plan = {
  features: 24,
  dModel: 16,
  rows: 1,
  active: 1,
  firing: 'exactly',
  zipf: 0,
  noise: 0,
  overlap: 0.5,
  seed: 3,
} as const;
const worlds = [1, 2, 3];
const dictionaries = new Map(worlds.map((w) => [`s${w}`, plantedDictionary(plan, w)]));
const truth = { dictionaries, shared: sharedFeatures(plan) };

it('SAEs that found their whole worlds have their overlap in common', async () => {
  const members = worlds.map((w) => member(`s${w}`, dictionaries.get(`s${w}`)!));
  const found = (await measureTruth('g', members, truth, options))!;
  expect(found).toMatchObject({ features: 24, shared: 12 });
  for (const one of found.members) {
    expect(one).toMatchObject({ recovered07: 1, recovered09: 1 });
    expect(one.match).toBeCloseTo(1, 6);
    expect(one.corrected).toBeCloseTo(1, 6);
  }
  expect([found.both07, found.both09]).toEqual([0.5, 0.5]);
});

it('random SAEs stand at their null', async () => {
  const random = (seed: number) => {
    const rows = zeros(40, plan.dModel);
    new Rng(seed, 'random').fillNormal(rows.data);
    return rows;
  };
  const found = (await measureTruth(
    'g',
    worlds.map((w) => member(`s${w}`, random(w))),
    truth,
    options,
  ))!;
  for (const one of found.members) {
    expect(Math.abs(one.match - one.null.mean)).toBeLessThan(5 * one.null.sd);
    expect(one.recovered09).toBe(0);
  }
  expect(found.both09).toBe(0);
});

it('leaves out an SAE that is not finite, and one without a direction', async () => {
  const bad = zeros(3, plan.dModel);
  const members = [
    member('s1', dictionaries.get('s1')!),
    member('s2', { ...bad, data: bad.data.slice().fill(Number.NaN) }),
    member('s3', bad),
  ];
  const found = (await measureTruth('g', members, truth, options))!;
  expect(found.members.map(({ id }) => id)).toEqual(['s1']);
  expect(found.both07).toBeUndefined();
  expect(await measureTruth('g', members.slice(1), truth, options)).toBeUndefined();
});

it('is the same when its parts are recalled, and needs every truth', async () => {
  const members = worlds.map((w) => member(`s${w}`, dictionaries.get(`s${w}`)!));
  const kept = new Map<string, unknown>();
  const keep = async <T>(key: Key, compute: () => Promise<T>): Promise<T> => {
    const name = JSON.stringify(key);
    if (!kept.has(name)) kept.set(name, structuredClone(await compute()));
    return kept.get(name) as T;
  };
  const first = await measureTruth('g', members, truth, { ...options, keep });
  expect(await measureTruth('g', members, truth, { ...options, keep })).toEqual(first);
  expect(first).toEqual(await measureTruth('g', members, truth, options));
  const fewer = { ...truth, dictionaries: new Map([...dictionaries].slice(1)) };
  await expect(measureTruth('g', members, fewer, options)).rejects.toMatchObject({ code: 'input.shape' });
});

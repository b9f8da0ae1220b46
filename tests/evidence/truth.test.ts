// A group against the truth of its worlds: what is recovered, by chance too, and by two SAEs at once.
import { afterAll, expect, it } from 'vitest';
import { plantedDictionary, sharedFeatures } from '../../src/activations/planted.js';
import { measureTruth } from '../../src/evidence/truth.js';
import type { Keep, Key } from '../../src/keep.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { metricOf } from '../../src/metrics/registry.js';
import { fromRows, type Matrix, Rng, takeRows, zeros } from '../../src/tensor/index.js';
import { member } from '../metrics/fixture.js';
import { atOnce } from './at-once.js';

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

const quick = { kernel: atOnce, seed: 0, draws: 4 };
const first = (rows: Matrix, count: number) =>
  takeRows(
    rows,
    Array.from({ length: count }, (_, i) => i),
  );
/** The null of one SAE with this decoder against this dictionary. */
async function nullOf(decoder: Matrix, dictionary: Matrix, more: { readonly keep?: Keep } = {}) {
  const dictionaries = new Map([['a', dictionary]]);
  const known = { dictionaries, shared: dictionary.rows };
  return (await measureTruth('g', [member('a', decoder)], known, { ...quick, ...more }))!.members[0].null;
}

it('two SAEs are a pair, and what each finds is by hand', async () => {
  const axes = fromRows([
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]);
  // Cosines of 1, 0.8 and 0.8.
  const near = fromRows([
    [2, 0, 0],
    [0, 4, -3],
    [0, 3, 4],
  ]);
  const begun: string[] = [];
  const onProgress = (part: string) => begun.push(part);
  const known = {
    dictionaries: new Map([
      ['a', axes],
      ['b', axes],
    ]),
    shared: 2,
  };
  const found = (await measureTruth('g', [member('a', axes), member('b', near)], known, {
    ...quick,
    onProgress,
  }))!;
  expect(begun).toEqual(['g/truth']);
  expect(found).toMatchObject({ features: 3, shared: 2 });
  expect(found.members.map(({ recovered07, recovered09 }) => [recovered07, recovered09])).toEqual([
    [1, 1],
    [1, 1 / 3],
  ]);
  const [, b] = found.members;
  expect(b.match).toBeCloseTo(2.6 / 3, 6);
  expect(b.corrected).toBeCloseTo((b.match - b.null.mean) / (1 - b.null.mean), 12);
  // Of three features two are shared, and one of those was found well by both.
  expect([found.both07, found.both09]).toEqual([2 / 3, 1 / 3]);
});

it('an SAE is held against as many directions as it has, of whatever length', async () => {
  const dictionary = first(plantedDictionary(plan, 1), 6);
  const expected = await nullOf(dictionary, dictionary);
  const padded = zeros(9, plan.dModel);
  padded.data.set(dictionary.data.map((value) => value / 4));
  expect(await nullOf(padded, dictionary)).toEqual(expected);
  expect((await nullOf(first(plantedDictionary(plan, 1), 9), dictionary)).mean).not.toBe(expected.mean);
});

it('the level is the same whichever of the two sides is the wider one', async () => {
  const [few, many] = [first(plantedDictionary(plan, 1), 5), first(plantedDictionary(plan, 2), 9)];
  expect(await nullOf(few, many)).toEqual(await nullOf(many, few));
});

it('levels are kept by shape', async () => {
  const kept = new Map<string, unknown>();
  const keep = async <T>(key: Key, compute: () => Promise<T>): Promise<T> => {
    const name = JSON.stringify(key);
    if (!kept.has(name)) kept.set(name, structuredClone(await compute()));
    return kept.get(name) as T;
  };
  const wide = first(plantedDictionary(plan, 1), 8);
  const flat = first(plantedDictionary({ ...plan, dModel: 9 }, 1), 8);
  for (const [decoder, dictionary] of [
    [wide, wide],
    [flat, flat],
    [first(wide, 5), wide],
  ]) {
    expect(await nullOf(decoder, dictionary, { keep })).toEqual(await nullOf(decoder, dictionary));
  }
  const { version } = metricOf('decoder.matched');
  const shapes = [...kept.keys()].filter((name) => name.startsWith('["shape"'));
  expect(shapes.map((name) => JSON.parse(name).slice(0, 6))).toEqual([
    ['shape', 'one-to-one', version, 16, 8, 8],
    ['shape', 'one-to-one', version, 9, 8, 8],
    ['shape', 'one-to-one', version, 16, 5, 8],
  ]);
});

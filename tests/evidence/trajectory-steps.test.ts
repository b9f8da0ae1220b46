// What is said of a group at each of its snapshots, by hand: which scores, the cosine with the start, the loss, the order.
import { expect, test } from 'vitest';
import {
  followedMetrics,
  measureTrajectory,
  type Snapshot,
  type TrajectoryOptions,
} from '../../src/evidence/trajectory.js';
import type { Member } from '../../src/sae/member.js';
import { fromDense, fromRows, zeros } from '../../src/tensor/index.js';
import { member } from '../metrics/fixture.js';
import { atOnce } from './at-once.js';

const options: TrajectoryOptions = { kernel: atOnce, seed: 0, draws: 2 };
const measure = (shots: readonly Snapshot[], more: Partial<TrajectoryOptions> = {}) =>
  measureTrajectory('g', shots, { ...options, ...more });
const at = async (members: readonly Member[], more: Partial<Snapshot> = {}) =>
  (await measure([{ step: 1, members, ...more }]))[0];

/** Cosines of 1, 0.28 and 0 with the first axis, which all rows started on. */
const trained = fromRows([
  [2, 0],
  [7, 24],
  [0, 3],
]);
const start = fromRows([
  [1, 0],
  [1, 0],
  [1, 0],
]);
const codes = fromDense([
  [1, 0, 2],
  [0, 0, 1],
]);
const fitOf = (mse: number) => ({ mse, explainedVariance: 0.5, l0: 1 });

test('a few scores are followed, each beside its own null', async () => {
  const parts: string[] = [];
  const members = [member('a', trained, codes, start), member('b', trained, codes, start)];
  const onProgress = (part: string) => parts.push(part);
  const [point] = await measure([{ step: 4, members }], { onProgress });
  expect(point.step).toBe(4);
  expect(Object.keys(point.metrics)).toEqual([
    'decoder.max',
    'decoder.max.live',
    'decoder.matched',
    'activation.max.live',
  ]);
  expect(followedMetrics).toEqual(Object.keys(point.metrics));
  for (const [id, metric] of Object.entries(point.metrics)) {
    expect(metric).toMatchObject({ id, mean: expect.closeTo(1, 6), n: 1 });
    expect(metric).toHaveProperty('null');
    expect(metric).not.toHaveProperty('otherNulls');
  }
  expect(parts[0]).toBe('g/step-4/decoder.max');
  const [all] = await measure([{ step: 4, members }], { every: true });
  expect(all.metrics).toHaveProperty('shared');
  expect(all.metrics['decoder.max']?.otherNulls?.map(({ kind }) => kind)).toContain('own-init');
});

test('what needs codes is left out where there are none, and one SAE has no score', async () => {
  const bare = [member('a', trained), member('b', trained)];
  expect(Object.keys((await at(bare)).metrics)).toEqual(['decoder.max', 'decoder.matched']);
  expect((await at(bare.slice(1))).metrics).toEqual({});
});

test('the cosine with the start is the mean over SAEs of the median of live rows', async () => {
  // 1 and 0 of the live rows of a; 1, 0.28 and 0 of b, of which nothing else is known; nothing of c.
  const [a, b, c] = [
    member('a', trained, codes, start),
    member('b', trained, undefined, start),
    member('c', trained),
  ];
  expect((await at([a, b, c])).initCosine).toBeCloseTo((0.5 + 0.28) / 2, 7);
  expect((await at([a, c])).initCosine).toBeCloseTo(0.5, 7);
  expect(await at([c])).not.toHaveProperty('initCosine');
  // A single live row is enough, and an SAE without one is not counted.
  const one = member('d', trained, fromDense([[0, 3, 0]]), start);
  expect((await at([one])).initCosine).toBeCloseTo(0.28, 7);
  const silent = member('e', trained, fromDense([[0, 0, 0]]), start);
  expect((await at([one, silent])).initCosine).toBeCloseTo(0.28, 7);
  expect(await at([silent])).not.toHaveProperty('initCosine');
});

test('the loss is the one given, else the mean over SAEs of the error on the activations, where all have one', async () => {
  const [a, b] = [
    { ...member('a', trained), fit: fitOf(0.2) },
    { ...member('b', trained), fit: fitOf(0.6) },
  ];
  expect((await at([a, b])).loss).toBeCloseTo(0.4, 14);
  expect((await at([a, b], { loss: 0.7 })).loss).toBe(0.7);
  expect((await at([a])).loss).toBe(0.2);
  expect(await at([a, member('b', trained)])).not.toHaveProperty('loss');
  expect(await at([member('b', trained)])).not.toHaveProperty('loss');
  expect(await at([])).toEqual({ step: 1, metrics: {} });
});

test('an SAE that is not finite is left out of its step', async () => {
  const broken = zeros(3, 2);
  broken.data[2] = Number.NaN;
  const found = await measure([
    { step: 0, members: ['a', 'b', 'c'].map((id) => member(id, trained)) },
    { step: 5, members: [member('a', broken), member('b', trained), member('c', trained)] },
  ]);
  expect(found.map(({ step, metrics }) => [step, metrics['decoder.max']?.n])).toEqual([
    [0, 3],
    [5, 1],
  ]);
});

test('steps have to ascend', async () => {
  const steps = (...of: number[]) => measure(of.map((step) => ({ step, members: [] })));
  expect((await steps(1, 2, 7)).map(({ step }) => step)).toEqual([1, 2, 7]);
  const refused = (found: string) => ({ code: 'usage.argument', details: { found } });
  await expect(steps(1, 1)).rejects.toMatchObject(refused('step 1 after step 1'));
  await expect(steps(1, 5, 5)).rejects.toMatchObject(refused('step 5 after step 5'));
  await expect(steps(1, 5, 3)).rejects.toMatchObject(refused('step 3 after step 5'));
});

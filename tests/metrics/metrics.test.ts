// The metrics against dense numpy, by hand, and where they cannot be had.
import { afterAll, expect, test } from 'vitest';
import { initCosines } from '../../src/evidence/init-cosine.js';
import { splitByLiveness } from '../../src/evidence/liveness-split.js';
import type { Kernel } from '../../src/kernel/interface.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import {
  activationMax,
  activationScores,
  type DetailedScores,
  decoderMax,
  displacementMax,
} from '../../src/metrics/index.js';
import { mean } from '../../src/stats/summary.js';
import { fromDense, fromRows, liveFeatures } from '../../src/tensor/index.js';
import { fixture, fixtureMembers, member } from './fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const metrics: Record<string, () => Promise<DetailedScores | undefined>> = {
  'decoder.max': () => decoderMax(fixtureMembers, kernel),
  'decoder.max.live': () => decoderMax(fixtureMembers, kernel, { live: true }),
  'activation.max': () => activationMax(fixtureMembers, kernel),
  'activation.max.live': () => activationMax(fixtureMembers, kernel, { live: true }),
  'displacement.max': () => displacementMax(fixtureMembers, kernel),
};

test.each(Object.keys(metrics))('%s agrees with numpy', async (id) => {
  const scores = await metrics[id]();
  expect(scores?.id).toBe(id);
  expect(scores?.pairs.map((p) => [p.a, p.b])).toEqual([
    ['sae-0', 'sae-1'],
    ['sae-0', 'sae-2'],
    ['sae-1', 'sae-2'],
  ]);
  fixture.metrics[id].forEach((expected, i) => {
    for (const key of ['value', 'aToB', 'bToA'] as const) {
      expect(Math.abs(scores!.pairs[i][key] - expected[key]), `pair ${i}, ${key}`).toBeLessThan(1e-6);
    }
  });
});

test('features without a direction are left out and counted', async () => {
  const all = await decoderMax(fixtureMembers, kernel);
  expect(all?.leftOut).toBe(3);
  expect(all?.widths).toEqual(fixture.members.map(({ decoder }) => decoder.length - 1));
  const moved = await displacementMax(fixtureMembers, kernel);
  const still = fixture.members.flatMap(({ decoder, init }) =>
    decoder.filter((r, i) => r.every((v, j) => v === init[i][j])),
  );
  expect(still.length).toBeGreaterThanOrEqual(9);
  expect(moved?.leftOut).toBe(still.length);
});

test('three features by hand, with their partners', async () => {
  const a = member(
    'a',
    fromRows([
      [0, 2],
      [0, 0],
      [-3, 0],
    ]),
  );
  const b = member(
    'b',
    fromRows([
      [3, 4],
      [0, 1],
    ]),
  );
  const scores = await decoderMax([a, b], kernel);
  expect(scores?.leftOut).toBe(1);
  expect(scores?.pairs[0].aToB).toBeCloseTo((1 + 0.6) / 2, 6);
  expect(scores?.pairs[0].bToA).toBeCloseTo((0.8 + 1) / 2, 6);
  expect(scores?.pairs[0].value).toBeCloseTo(0.85, 6);
  const [{ aToB, bToA }] = scores!.matches;
  expect(aToB.features).toEqual(Int32Array.of(0, 2));
  expect(aToB.partner).toEqual(Int32Array.of(1, 0));
  expect(bToA.partner).toEqual(Int32Array.of(0, 0));
});

test('live features keep their own numbers, with zero rows between them', async () => {
  const a = member(
    'a',
    fromRows([
      [5, 1],
      [0, 0],
      [0, 2],
      [-3, 0],
    ]),
    fromDense([[0, 1, 1, 1]]),
  );
  const b = member(
    'b',
    fromRows([
      [0, 1],
      [3, 4],
      [0, 1],
    ]),
    fromDense([[0, 1, 1]]),
  );
  const scores = await decoderMax([a, b], kernel, { live: true });
  expect(scores?.leftOut).toBe(1);
  expect(scores?.widths).toEqual([2, 2]);
  expect(scores?.pairs[0].value).toBeCloseTo((0.8 + 0.9) / 2, 6);
  const [{ aToB, bToA }] = scores!.matches;
  expect(aToB.features).toEqual(Int32Array.of(2, 3));
  expect(aToB.partner).toEqual(Int32Array.of(2, 1));
  expect(bToA.features).toEqual(Int32Array.of(1, 2));
  expect(bToA.partner).toEqual(Int32Array.of(2, 2));
});

test('codes by hand: dead features score 0 and are not counted among the live', async () => {
  const decoder = fromRows([
    [1, 0],
    [0, 1],
  ]);
  const a = member(
    'a',
    decoder,
    fromDense(
      [
        [1, 0],
        [1, 0],
        [0, 0],
      ],
      2,
    ),
  );
  const b = member(
    'b',
    decoder,
    fromDense(
      [
        [2, 0],
        [0, -1],
        [0, 0],
      ],
      2,
    ),
  );
  const scores = await activationScores(
    [
      { id: 'a', codes: a.codes! },
      { id: 'b', codes: b.codes! },
    ],
    kernel,
  );
  const cosine = Math.SQRT1_2;
  expect(scores?.all.pairs[0].aToB).toBeCloseTo(cosine / 2, 6);
  expect(scores?.all.pairs[0].bToA).toBeCloseTo(cosine, 6);
  expect(scores?.live?.pairs[0].value).toBeCloseTo(cosine, 6);
  expect(scores?.live?.widths).toEqual([1, 2]);
  expect(scores?.all.matches[0].aToB.partner[1]).toBe(-1);
});

test('what is not known, or has nothing to score, is absent', async () => {
  const decoder = fromRows([
    [1, 0],
    [0, 1],
  ]);
  const bare = [member('a', decoder), member('b', decoder)];
  expect(await activationMax(bare, kernel)).toBeUndefined();
  expect(await decoderMax(bare, kernel, { live: true })).toBeUndefined();
  expect(await displacementMax(bare, kernel)).toBeUndefined();
  expect(initCosines(bare[0])).toBeUndefined();
  const silent = fromDense(
    [
      [0, 0],
      [0, 0],
    ],
    2,
  );
  const dead = [member('a', decoder, silent, decoder), member('b', decoder, silent, decoder)];
  expect(await decoderMax(dead, kernel, { live: true })).toBeUndefined();
  expect(await activationMax(dead, kernel, { live: true })).toBeUndefined();
  expect(await displacementMax(dead, kernel)).toBeUndefined();
  expect((await activationMax(dead, kernel))?.pairs[0].value).toBe(0);
  expect(await decoderMax(dead.slice(1), kernel)).toBeUndefined();
});

test('SAEs that cannot be compared are named', async () => {
  const a = member('first', fromRows([[1, 0]]), fromDense([[1]]));
  const wide = member('wide', fromRows([[1, 0, 0]]), fromDense([[1], [1]]));
  await expect(decoderMax([a, wide], kernel)).rejects.toThrow(/wide.*d = 3.*d = 2, as in first/);
  await expect(activationMax([a, wide], kernel)).rejects.toThrow(/wide.*2 rows.*1 rows, as in first/);
});

test('work that is cancelled stops at the next pair', async () => {
  const stop = new AbortController();
  let asked = 0;
  const stopping: Kernel = {
    ...kernel,
    bestMatches: (a, b) => {
      asked++;
      stop.abort();
      return kernel.bestMatches(a, b);
    },
  };
  await expect(decoderMax(fixtureMembers, stopping, { signal: stop.signal })).rejects.toThrow(/cancelled/);
  expect(asked).toBe(1);
});

test('cosine with the own initial row', () => {
  const decoder = fromRows([
    [0, 3],
    [0, 0],
    [-1, 0],
    [3, 4],
  ]);
  const init = fromRows([
    [0, 1],
    [1, 1],
    [2, 0],
    [1, 0],
  ]);
  const { features, cosines, leftOut } = initCosines(member('a', decoder, undefined, init))!;
  expect(features).toEqual(Int32Array.of(0, 2, 3));
  expect(Array.from(cosines, (c) => Number(c.toFixed(12)))).toEqual([1, -1, 0.6]);
  expect(leftOut).toEqual(Int32Array.of(1));
});

test('the split by liveness, by hand', async () => {
  const a = member(
    'a',
    fromRows([
      [1, 0],
      [0, 1],
    ]),
    fromDense([[1, 0]]),
  );
  const b = member(
    'b',
    fromRows([
      [3, 4],
      [4, 3],
    ]),
    fromDense([[1, 1]]),
  );
  const split = splitByLiveness((await decoderMax([a, b], kernel))!, [a, b])!;
  // a: feature 0 live, both best 0.8; b: both live, both best 0.8.
  expect(split.liveShare).toBeCloseTo(0.75, 12);
  expect(split.deadShare).toBeCloseTo(0.25, 12);
  expect(split.liveScore).toBeCloseTo(0.8, 6);
  expect(split.deadScore).toBeCloseTo(0.8, 6);
  const live = splitByLiveness((await activationMax([a, b], kernel, { live: true }))!, [a, b])!;
  expect(live.liveShare).toBe(1);
  expect(live).not.toHaveProperty('deadScore');
});

test('the split adds up to the score, and its live part is the live score for activations', async () => {
  for (const id of ['decoder.max', 'activation.max', 'displacement.max']) {
    const scores = (await metrics[id]())!;
    const split = splitByLiveness(scores, fixtureMembers)!;
    const sum = split.liveShare * split.liveScore! + split.deadShare * split.deadScore!;
    expect(sum).toBeCloseTo(mean(scores.pairs.map((p) => p.value)), 13);
    expect(split.liveShare + split.deadShare).toBeCloseTo(1, 13);
  }
  const { all, live } = (await activationScores(
    fixtureMembers.map(({ id, codes }) => ({ id, codes: codes! })),
    kernel,
  ))!;
  expect(splitByLiveness(all, fixtureMembers)?.deadScore).toBe(0);
  expect(live?.widths).toEqual(fixtureMembers.map(({ codes }) => liveFeatures(codes!).length));
});

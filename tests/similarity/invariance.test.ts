// What must not change a score: order, scale and sign of features, and which SAE comes first.
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { activationMax, decoderMax, type Member } from '../../src/similarity/index.js';
import { fromDense, fromRows, Rng, zeros } from '../../src/tensor/index.js';
import { fixture, member } from './fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const [first, second] = fixture.members;
const width = first.decoder.length;

/** Feature i of the result is feature order[i] of the SAE, times factors[i]. */
function changed(order: readonly number[], factors: readonly number[]): Member {
  const decoder = order.map((from, i) => first.decoder[from].map((v) => v * factors[i]));
  const codes = first.codes.map((r) => order.map((from, i) => r[from] * factors[i]));
  return member('changed', fromRows(decoder), fromDense(codes));
}

const other = member('other', fromRows(second.decoder), fromDense(second.codes));
const plain = changed(
  Array.from({ length: width }, (_, i) => i),
  Array(width).fill(1),
);

const measures: [string, (members: Member[]) => ReturnType<typeof decoderMax>][] = [
  ['decoder.max', (members) => decoderMax(members, kernel)],
  ['decoder.max.live', (members) => decoderMax(members, kernel, { live: true })],
  ['activation.max', (members) => activationMax(members, kernel)],
  ['activation.max.live', (members) => activationMax(members, kernel, { live: true })],
];

const order = fc.shuffledSubarray(
  Array.from({ length: width }, (_, i) => i),
  { minLength: width },
);
const factors = fc.array(
  fc
    .tuple(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.boolean())
    .map(([size, negative]) => (negative ? -size : size)),
  { minLength: width, maxLength: width },
);

test.each(measures)('%s', async (_, measure) => {
  const expected = (await measure([plain, other]))!.pairs[0];
  expect(expected.value).toBeGreaterThan(0);
  expect(expected.value).toBeLessThan(1);
  await fc.assert(
    fc.asyncProperty(order, factors, async (o, f) => {
      const copy = changed(o, f);
      const [pair] = (await measure([copy, other]))!.pairs;
      const [swapped] = (await measure([other, copy]))!.pairs;
      expect(pair.value).toBeCloseTo(expected.value, 6);
      expect(pair.aToB).toBeCloseTo(expected.aToB, 6);
      expect(swapped.value).toBeCloseTo(expected.value, 6);
      expect(swapped.aToB).toBeCloseTo(expected.bToA, 6);
    }),
    { numRuns: 20 },
  );
});

test('every score lies in [0, 1], whatever the weights', async () => {
  const value = fc.double({ min: -10, max: 10, noNaN: true });
  const table = fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(table, table, async (a, b) => {
      const scores = await decoderMax([member('a', fromRows(a)), member('b', fromRows(b))], kernel);
      for (const pair of scores?.pairs ?? []) {
        expect(pair.aToB).toBeGreaterThanOrEqual(0);
        expect(pair.aToB).toBeLessThanOrEqual(1);
        expect(pair.bToA).toBeLessThanOrEqual(1);
      }
      for (const { aToB } of scores?.matches ?? []) {
        for (const best of aToB.best) expect(best).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 50 },
  );
});

test('rounding of unit rows does not push a cosine above 1', async () => {
  const rows = zeros(200, 16);
  new Rng(1, 'test').fillNormal(rows.data);
  const [{ aToB }] = (await decoderMax([member('a', rows), member('b', rows)], kernel))!.matches;
  expect(Math.max(...aToB.best)).toBe(1);
});

// What must not change a score: order, scale and sign of features, and which SAE comes first.
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { decoderMatched, decoderMax } from '../../src/metrics/index.js';
import type { Member } from '../../src/sae/member.js';
import { fromRows, type Matrix, Rng, takeCodeColumns, takeRows, zeros } from '../../src/tensor/index.js';
import { member } from '../metrics/fixture.js';
import { measures } from '../metrics/measures.js';
import { trainedMembers } from '../metrics/trained-fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const [first, , wider] = await trainedMembers();
const width = first.sae.decoder.rows;

interface Factors {
  readonly decoder: readonly number[];
  readonly encoder: readonly number[];
  readonly codes: readonly number[];
}

/** Feature i of the result is feature order[i] of the SAE, its decoder row, encoder row and codes times a factor. */
function changed(order: readonly number[], { decoder, encoder, codes: gains }: Factors): Member {
  const scaled = (m: Matrix, factors: readonly number[]) => {
    const out = takeRows(m, order);
    out.data.forEach((v, at) => {
      out.data[at] = v * factors[Math.floor(at / m.cols)];
    });
    return out;
  };
  const codes = takeCodeColumns(first.codes!, order);
  return {
    id: 'changed',
    sae: {
      ...first.sae,
      decoder: scaled(first.sae.decoder, decoder),
      encoder: scaled(first.sae.encoder, encoder),
    },
    codes: { ...codes, values: codes.values.map((v, e) => v * gains[codes.indices[e]]) },
  };
}

const order = fc.shuffledSubarray(
  Array.from({ length: width }, (_, i) => i),
  { minLength: width },
);
const perFeature = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: width, maxLength: width });
const size = perFeature(fc.double({ min: 0.01, max: 100, noNaN: true }));
const positive = fc.record({ decoder: size, encoder: size, codes: size });
const signs = perFeature(fc.constantFrom(-1, 1));
const turned = fc.record({ decoder: signs, encoder: signs, codes: signs });

test.each(
  Object.entries(measures),
)('%s: order and scale of features, and which SAE comes first, change nothing', async (_, measure) => {
  const expected = (await measure([first, wider], kernel))!.pairs[0];
  expect(expected.value).toBeGreaterThan(0.5);
  expect(expected.value).toBeLessThan(1);
  await fc.assert(
    fc.asyncProperty(order, positive, async (o, factors) => {
      const copy = changed(o, factors);
      const [pair] = (await measure([copy, wider], kernel))!.pairs;
      const [swapped] = (await measure([wider, copy], kernel))!.pairs;
      expect(pair.value).toBeCloseTo(expected.value, 5);
      expect(pair.aToB).toBeCloseTo(expected.aToB, 5);
      expect(swapped.value).toBeCloseTo(expected.value, 5);
      expect(swapped.aToB).toBeCloseTo(expected.bToA, 5);
    }),
    { numRuns: 8 },
  );
});

const unsigned = Object.entries(measures).filter(([id]) => /max|abs|subspace/.test(id));

test.each(unsigned)('%s: signs of features change nothing', async (_, measure) => {
  const [expected] = (await measure([first, wider], kernel))!.pairs;
  await fc.assert(
    fc.asyncProperty(order, turned, async (o, flips) => {
      const [pair] = (await measure([changed(o, flips), wider], kernel))!.pairs;
      expect(pair.value).toBeCloseTo(expected.value, 6);
      expect(pair.aToB).toBeCloseTo(expected.aToB, 6);
    }),
    { numRuns: 8 },
  );
});

test('a signed assignment is never better than an unsigned one, nor that than the best matches', async () => {
  const value = fc.double({ min: -10, max: 10, noNaN: true });
  const table = fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(table, table, async (a, b) => {
      const members = [member('a', fromRows(a)), member('b', fromRows(b))];
      const best = await decoderMax(members, kernel);
      const unsignedScores = await decoderMatched(members, kernel, { absolute: true });
      const signed = await decoderMatched(members, kernel);
      expect(signed === undefined).toBe(best === undefined);
      if (!best || !unsignedScores || !signed) return;
      const [{ aToB, bToA }] = best.matches;
      const narrower = aToB.best.length < bToA.best.length ? best.pairs[0].aToB : best.pairs[0].bToA;
      const bound = aToB.best.length === bToA.best.length ? Math.min(best.pairs[0].aToB, narrower) : narrower;
      expect(signed.pairs[0].value).toBeLessThanOrEqual(unsignedScores.pairs[0].value + 1e-12);
      expect(unsignedScores.pairs[0].value).toBeLessThanOrEqual(bound + 1e-12);
    }),
    { numRuns: 100 },
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

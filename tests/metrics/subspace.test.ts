// Which subspaces are scored, by spectra that are made up: what stands apart, what is there at all, and what is asked for.
import { afterAll, expect, test } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import type { Subspace } from '../../src/kernel/spectrum.js';
import { subspaceScores } from '../../src/metrics/pairs/subspace.js';
import { type Matrix, zeros } from '../../src/tensor/index.js';
import { member } from './fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

/** Rows along the first axis, and as many without a direction as are asked for. */
function decoder(d: number, rows: number, silent = 0): Matrix {
  const out = zeros(rows + silent, d);
  for (let i = 0; i < rows; i++) out.data[i * d] = 1;
  return out;
}

/** 65 values from 1065 down to 1001, but for those that are given; along the axes. */
function spectrum(values: Record<number, number> = {}, d = 70, length = 1): Subspace {
  const vectors = new Float64Array(65 * d);
  for (let k = 0; k < 65; k++) vectors[k * d + k] = length;
  return { vectors, values: Float64Array.from({ length: 65 }, (_, k) => values[k] ?? 1065 - k), gap: 0 };
}

/** The ranks that two SAEs with these spectra are scored by, their scores, and how many directions were asked for. */
async function scored(spectra: readonly Subspace[], decoders = spectra.map(() => decoder(70, 66))) {
  const asked: number[] = [];
  const faked = {
    ...kernel,
    topSubspace: async (_: Matrix, most: number) => {
      asked.push(most);
      return spectra[asked.length - 1];
    },
  };
  const members = decoders.map((rows, i) => member(String(i), rows));
  const scores = await subspaceScores(members, faked);
  return { scores, ranks: scores.map(({ rank }) => rank), asked };
}

test('all four where the values fall, from one direction more than the largest has', async () => {
  const { scores, asked } = await scored([spectrum(), spectrum()]);
  expect(asked).toEqual([65, 65]);
  expect(scores.map(({ id }) => id)).toEqual(['subspace.8', 'subspace.16', 'subspace.32', 'subspace.64']);
  for (const { pairs } of scores) expect(pairs).toEqual([{ a: '0', b: '1', value: 1, aToB: 1, bToA: 1 }]);
  // Rounding does not push an overlap above 1.
  const long = await scored([spectrum({}, 70, 1.001), spectrum({}, 70, 1.001)]);
  expect(long.scores.map(({ pairs: [{ value }] }) => value)).toEqual([1, 1, 1, 1]);
});

test('an R-th direction is there from 1e-5 of the first value on, in every SAE', async () => {
  // The eighth, and nothing behind it; the first is a thousand times the second.
  const low = (share: number) => {
    const rest = Object.fromEntries(Array.from({ length: 57 }, (_, k) => [k + 8, 0]));
    return spectrum({ ...rest, 0: 1e6, 7: share * 1e6 });
  };
  expect((await scored([low(1.1e-5), spectrum()])).ranks).toEqual([8]);
  expect((await scored([low(0.9e-5), spectrum()])).ranks).toEqual([]);
  expect((await scored([spectrum(), low(0.9e-5)])).ranks).toEqual([]);
});

test('it stands apart from the next where their squares differ by more than 1e-6 of its own', async () => {
  const after = (share: number) => spectrum({ 7: 3, 8: 3 * Math.sqrt(1 - share), 0: 100 });
  expect((await scored([after(1.1e-6), spectrum()])).ranks).toContain(8);
  expect((await scored([after(0.9e-6), spectrum()])).ranks).toEqual([16, 32, 64]);
  expect((await scored([spectrum(), after(0.9e-6)])).ranks).toEqual([16, 32, 64]);
});

test('R has to be below the dimensions, of which no more are asked for', async () => {
  const flat = { ...spectrum({}, 32), values: spectrum().values.subarray(0, 32) };
  const { ranks, asked } = await scored([flat, flat], [decoder(32, 40), decoder(32, 40)]);
  expect(asked).toEqual([32, 32]);
  expect(ranks).toEqual([8, 16]);
});

test('rows without a direction are left out and counted; one SAE, or one without any, has no score', async () => {
  const two = [spectrum(), spectrum()];
  const { scores } = await scored(two, [decoder(70, 1, 1), decoder(70, 9, 2)]);
  for (const score of scores)
    expect(score).toMatchObject({ leftOut: 3, widths: [1, 9], members: ['0', '1'] });
  expect(scores).toHaveLength(4);
  expect((await scored(two, [decoder(70, 9), decoder(70, 0, 5)])).ranks).toEqual([]);
  expect((await scored([spectrum()])).ranks).toEqual([]);
});

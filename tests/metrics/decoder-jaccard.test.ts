// decoder.jaccard by hand, for copies, and against its definition written out.
import { afterAll, expect, test } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { decoderJaccard } from '../../src/metrics/decoder-jaccard.js';
import { mean } from '../../src/stats/summary.js';
import { dot, type Matrix, Rng, row, zeros } from '../../src/tensor/index.js';
import { member } from './fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

function random(rows: number, cols: number, seed: number): Matrix {
  const out = zeros(rows, cols);
  new Rng(seed, 'test').fillNormal(out.data);
  return out;
}

const sizes = (of: Float32Array, among: Matrix) =>
  Array.from({ length: among.rows }, (_, j) => {
    const other = row(among, j);
    return Math.abs(dot(of, other)) / Math.sqrt(dot(of, of) * dot(other, other));
  });
const largest = (values: readonly number[], count: number) =>
  [...values.keys()].sort((i, j) => values[j] - values[i]).slice(0, count);

function expected(a: Matrix, b: Matrix): number {
  return mean(
    Array.from({ length: a.rows }, (_, i) => {
      const mine = largest(sizes(row(a, i), b), 10);
      const theirs = largest(sizes(row(b, mine[0]), b), 10);
      const both = mine.filter((j) => theirs.includes(j)).length;
      return both / (mine.length + theirs.length - both);
    }),
  );
}

test('is what its definition gives, both ways, also of unequal widths', async () => {
  const [a, b] = [random(40, 6, 1), random(55, 6, 2)];
  const scores = (await decoderJaccard([member('a', a), member('b', b)], kernel))!;
  const [{ aToB, bToA, value }] = scores.pairs;
  expect(aToB).toBeCloseTo(expected(a, b), 12);
  expect(bToA).toBeCloseTo(expected(b, a), 12);
  expect(value).toBeCloseTo(0.5 * (aToB + bToA), 12);
  expect(scores.widths).toEqual([40, 55]);
});

test('of many features 1024 count, evenly spread; rows without a direction are left out; one SAE has no pair', async () => {
  const seen: number[][] = [];
  const watching = {
    ...kernel,
    nearest: async (a: Matrix) => {
      // Row n points along (1, n).
      seen.push(Array.from({ length: a.rows }, (_, i) => Math.round(a.data[2 * i + 1] / a.data[2 * i])));
      return { m: 1, index: new Int32Array(a.rows), value: new Float64Array(a.rows) };
    },
  };
  const fan = (rows: number, silent = 0) => {
    const out = zeros(rows + silent, 2);
    for (let i = 0; i < rows; i++) out.data.set([1, i], 2 * i);
    return out;
  };
  const members = [member('a', fan(1500, 1)), member('b', fan(1000, 2))];
  expect(await decoderJaccard(members, watching as never)).toMatchObject({
    leftOut: 3,
    widths: [1500, 1000],
  });
  expect(seen[0]).toEqual(Array.from({ length: 1024 }, (_, i) => Math.floor((i * 1500) / 1024)));
  expect(seen[2]).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(await decoderJaccard(members.slice(1), watching as never)).toBeUndefined();
});

test('is 1 of a copy, little of unrelated SAEs, and undefined without directions', async () => {
  const a = random(60, 16, 3);
  expect((await decoderJaccard([member('a', a), member('b', a)], kernel))!.pairs[0].value).toBe(1);
  const unrelated = (await decoderJaccard([member('a', a), member('b', random(60, 16, 4))], kernel))!;
  expect(unrelated.pairs[0].value).toBeLessThan(0.4);
  expect(await decoderJaccard([member('a', a), member('b', zeros(3, 16))], kernel)).toBeUndefined();
});

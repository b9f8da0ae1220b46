// Rows that are copies up to noise: how many clusters, and what is no cluster.
import { describe, expect, test } from 'vitest';
import {
  addPairDistances,
  clusterScale,
  nearDuplicates,
  pairDistances,
  sampled,
} from '../../src/stats/near-duplicates.js';
import { type Matrix, Rng, row, zeros } from '../../src/tensor/index.js';

const d = 16;

function normal(rows: number, rng: Rng, scale = 1): Matrix {
  const out = zeros(rows, d);
  rng.fillNormal(out.data);
  for (let at = 0; at < out.data.length; at++) out.data[at] *= scale;
  return out;
}

/** Row n is centre n mod `centres`, and noise. */
function clustered(rows: number, centres: number, noise: number, seed = 1): Matrix {
  const middle = normal(centres, new Rng(seed, 'centres'));
  const out = normal(rows, new Rng(seed, 'noise'), noise);
  for (let n = 0; n < rows; n++) {
    const from = row(middle, n % centres);
    row(out, n).forEach((value, j, to) => {
      to[j] = value + from[j];
    });
  }
  return out;
}

const all = (x: Matrix) => Array.from({ length: x.rows }, (_, n) => n);
const found = (x: Matrix) => nearDuplicates(x, all(x));

describe('clusters', () => {
  test.each([5, 40, 113])('%i of them are counted to a fifth, and one row of each is given', (centres) => {
    const clusters = found(clustered(3000, centres, 0.05));
    expect(Math.abs((clusters?.count ?? 0) / centres - 1)).toBeLessThan(0.2);
    expect(Array.from(clusters?.rows ?? [])).toEqual(Array.from({ length: centres }, (_, n) => n));
  });

  test('by hand: two rows of either of two points, six pairs, two of them near', () => {
    const x = { rows: 60, cols: 1, data: Float32Array.from({ length: 60 }, (_, n) => n % 2) };
    // 30·29 near pairs of 60·59/2: the count is 1770/870.
    expect(found(x)?.count).toBeCloseTo(1770 / 870, 12);
    expect(Array.from(found(x)?.rows ?? [])).toEqual([0, 1]);
  });

  test('the rows that are looked at are the only ones that count', () => {
    const x = clustered(300, 10, 0.05);
    const odd = all(x).filter((n) => n % 2 === 1);
    expect(Array.from(nearDuplicates(x, odd)?.rows ?? [])).toEqual([1, 3, 5, 7, 9]);
  });

  test('a few rows far away change nothing', () => {
    const x = clustered(2000, 40, 0.05);
    for (let n = 0; n < 20; n++)
      row(x, n).forEach((_, j, to) => {
        to[j] = 1000 * (n + j);
      });
    expect(Math.abs((found(x)?.count ?? 0) / 40 - 1)).toBeLessThan(0.2);
  });
});

describe('no clusters', () => {
  test('of unrelated rows', () => expect(found(normal(2000, new Rng(2, 'x')))).toBeUndefined());

  test('of as much noise as there is between them', () =>
    expect(found(clustered(2000, 40, 0.7))).toBeUndefined());

  test('of unrelated rows of which some have a twin', () => {
    const x = normal(2000, new Rng(5, 'x'));
    for (let n = 1; n < 400; n += 2) x.data.copyWithin(n * d, (n - 1) * d, n * d);
    expect(found(x)).toBeUndefined();
  });

  test.each([1, 2, 3])('of a cloud in %i dimensions, however near its rows are', (rank) => {
    const x = zeros(2000, d);
    const rng = new Rng(3, 'cloud');
    for (let n = 0; n < x.rows; n++) for (let j = 0; j < rank; j++) x.data[n * d + j] = rng.normal();
    expect(found(x)).toBeUndefined();
  });

  test('of fewer than three rows, or of equal ones', () => {
    expect(nearDuplicates(normal(5, new Rng(1, 'x')), [0, 1])).toBeUndefined();
    expect(found(zeros(50, 4))).toBeUndefined();
  });
});

test('of any number of rows the sample is 1024 of them, each once', () => {
  for (const rows of [10, 1024, 5000, 3_000_000]) {
    const sample = sampled(Int32Array.from({ length: rows }, (_, n) => 2 * n));
    expect(sample.length).toBe(Math.min(rows, 1024));
    expect(new Set(sample).size).toBe(sample.length);
    expect(sample.every((n) => n % 2 === 0 && n < 2 * rows)).toBe(true);
  }
});

test('up to 1024 rows are the sample as they are', () => {
  const rows = Int32Array.from({ length: 1024 }, (_, n) => 3 * n);
  expect(sampled(rows)).toEqual(rows);
});

test('squared distances of all pairs, written row by row, in any blocks of rows', () => {
  const x = normal(11, new Rng(6, 'pairs'));
  const distance = (i: number, j: number) =>
    row(x, i).reduce((sum, v, k) => sum + (v - row(x, j)[k]) ** 2, 0);
  const expected: number[] = [];
  for (let i = 0; i < 11; i++) for (let j = 0; j < i; j++) expected.push(distance(i, j));
  const found = pairDistances(x);
  expect(found.length).toBe(55);
  for (const [at, value] of expected.entries()) expect(found[at]).toBeCloseTo(value, 9);
  const parts = new Float64Array(55).fill(-1);
  addPairDistances(x, 4, 8, parts);
  // Rows 4 … 7: pairs 6 … 27, and no others.
  expect(parts).toEqual(found.map((value, at) => (at >= 6 && at < 28 ? value : -1)));
  addPairDistances(x, 0, 4, parts);
  addPairDistances(x, 8, 11, parts);
  expect(parts).toEqual(found);
});

describe('whether rows fall into clusters, from distances by hand', () => {
  /** So many distances of each size; three quarters of all are 1 or more, so that 1 is that of unrelated rows. */
  const distances = (...of: (readonly [count: number, distance: number])[]) =>
    Float64Array.from(of.flatMap(([count, distance]) => Array<number>(count).fill(distance)));

  test('25 near pairs are enough, 24 are not', () => {
    expect(clusterScale(distances([25, 1e-4], [275, 1]), 1000)).toEqual({ count: 12, squaredRadius: 0.1 });
    expect(clusterScale(distances([24, 1e-4], [276, 1]), 1000)).toBeUndefined();
  });

  test('up to a tenth as many pairs may lie in the gap, which ends at three times the scale', () => {
    const scaleWith = (gap: number, at: number) =>
      clusterScale(distances([30, 1e-4], [gap, at], [267, 1]), 1000)?.squaredRadius;
    expect(scaleWith(3, 0.2)).toBe(0.1);
    // With one pair more a finer scale has to tell them apart.
    expect(scaleWith(4, 0.2)).toBe(0.03);
    expect(scaleWith(4, 0.31)).toBe(0.1);
  });

  test('at each of the scales, where the coarser ones have pairs in their gap', () => {
    const scales = [0.1, 0.03, 0.01, 0.003, 0.001];
    for (const [at, scale] of scales.entries()) {
      const inGaps = scales.slice(0, at).map((coarser) => [30, 2 * coarser] as const);
      const all = distances([30, 1e-4], ...inGaps, [600, 1]);
      expect(clusterScale(all, 1000)).toEqual({ count: all.length / 30, squaredRadius: scale });
    }
    const everywhere = scales.map((scale) => [30, 2 * scale] as const);
    expect(clusterScale(distances([30, 1e-4], ...everywhere, [600, 1]), 1000)).toBeUndefined();
  });

  test('a distance at the scale itself is near, and at the end of the gap in it', () => {
    expect(clusterScale(distances([25, 0.1], [275, 1]), 1000)?.squaredRadius).toBe(0.1);
    const end = 3 * 0.1;
    expect(clusterScale(distances([30, 1e-4], [4, end], [267, 1]), 1000)?.squaredRadius).toBe(0.03);
  });

  test('the distances stay in their order', () => {
    const given = Float64Array.from([1, 0.5, 1, 2]);
    clusterScale(given, 1000);
    expect(Array.from(given)).toEqual([1, 0.5, 1, 2]);
  });

  test('a cluster has two rows on average, or more', () => {
    expect(clusterScale(distances([25, 1e-4], [275, 1]), 24)?.count).toBe(12);
    expect(clusterScale(distances([25, 1e-4], [275, 1]), 23)).toBeUndefined();
  });

  test('nothing is told of rows that are all the same, of one row and of none', () => {
    expect(clusterScale(distances([300, 0]), 25)).toBeUndefined();
    expect(clusterScale(distances(), 1)).toBeUndefined();
    expect(clusterScale(distances([1, 0.5]), 2)).toBeUndefined();
  });
});

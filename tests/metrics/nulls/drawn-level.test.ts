// A level that is drawn writes each draw over the one before; what is scored is what its streams give, in memory of its own.
import { afterAll, expect, test } from 'vitest';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import type { ComparesDirections } from '../../../src/metrics/metric.js';
import { drawnLevel } from '../../../src/metrics/nulls/random-directions.js';
import { decoderRows } from '../../../src/metrics/pairs/matched.js';
import { fillNormals } from '../../../src/tensor/bulk-normals.js';
import { type Matrix, Rng, unitRows, zeros } from '../../../src/tensor/index.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

test('every draw is scored on sets of its own stream', async () => {
  const [d, widths, seed, draws] = [5, [4, 7], 3, 4];
  const scored: number[][][] = [];
  const compares: ComparesDirections = {
    of: 'directions',
    by: 'whole',
    sets: decoderRows,
    score: async (a: Matrix, b: Matrix) => {
      scored.push([[...a.data], [...b.data]]);
      return scored.length;
    },
  };
  const found = await drawnLevel(compares, widths, d, { kernel, seed, draws, precision: 0 });
  expect(found.mean).toBe((1 + 2 + 3 + 4) / 4);
  expect(scored).toHaveLength(draws);
  const fresh = (features: number, n: number, side: number): number[] => {
    const rows = zeros(features, d);
    fillNormals(rows.data, new Rng(seed, 'null', 'random-sets', 'pairs', n, side));
    return [...unitRows(rows).unit.data];
  };
  scored.forEach((sets, n) => {
    expect(sets).toEqual(widths.map((features, side) => fresh(features, n, side)));
  });
});

test('single directions: the mean and SD of |cosine| in three dimensions, where it is uniform', async () => {
  const draws = 400;
  const compares: ComparesDirections = {
    of: 'directions',
    by: 'whole',
    sets: decoderRows,
    score: async (a: Matrix, b: Matrix) =>
      Math.abs(a.data[0] * b.data[0] + a.data[1] * b.data[1] + a.data[2] * b.data[2]),
  };
  const found = await drawnLevel(compares, [1, 1], 3, { kernel, seed: 5, draws, precision: 0 });
  const sd = 1 / Math.sqrt(12);
  expect(found).toMatchObject({ kind: 'random-directions', draws, exact: false });
  expect(Math.abs(found.mean - 0.5)).toBeLessThan((4 * sd) / Math.sqrt(draws));
  expect(found.meanError! / (sd / Math.sqrt(draws))).toBeCloseTo(1, 0);
  // The SD of a uniform number is known to 1/√(5n) of itself.
  expect(Math.abs(found.sd / sd - 1)).toBeLessThan(4 / Math.sqrt(5 * draws));
  // The metric's own precision is what it is drawn to.
  const rough = await drawnLevel({ ...compares, precision: 0.05 }, [1, 1], 3, { kernel, seed: 5, draws });
  expect(rough.draws).toBeGreaterThan(16);
  expect(rough.draws).toBeLessThan(70);
});

test('two sets are alive at a time, each of unit rows, also where the next is larger or smaller', async () => {
  const shapes: string[] = [];
  const compares: ComparesDirections = {
    of: 'directions',
    by: 'whole',
    sets: decoderRows,
    score: async (a: Matrix, b: Matrix) => {
      shapes.push([a.rows, b.rows].join('·'));
      for (const set of [a, b]) {
        expect(set.data).toHaveLength(set.rows * 4);
        for (let i = 0; i < set.rows; i++)
          expect(Math.hypot(...set.data.subarray(4 * i, 4 * i + 4))).toBeCloseTo(1, 6);
      }
      expect([...a.data.subarray(0, 8)]).not.toEqual([...b.data.subarray(0, 8)]);
      return shapes.length;
    },
  };
  const found = await drawnLevel(compares, [2, 3, 9], 4, { kernel, seed: 1, draws: 6, precision: 0 });
  expect(found.mean).toBeCloseTo((1 + 2 + 3 + 4 + 5 + 6) / 6, 12);
  // Every pair of widths in each cycle of three.
  for (const cycle of [shapes.slice(0, 3), shapes.slice(3)])
    expect(cycle.sort()).toEqual(['2·3', '2·9', '3·9']);
});

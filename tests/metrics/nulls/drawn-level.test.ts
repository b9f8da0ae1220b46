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

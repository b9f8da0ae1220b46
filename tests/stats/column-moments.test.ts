// Moments of columns: by hand, against two passes, and in blocks of any size.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ColumnMoments, shiftOf } from '../../src/stats/column-moments.js';
import { fromRows, Rng, rowRange, zeros } from '../../src/tensor/index.js';

test('by hand: (0, 1) and (2, 5)', () => {
  const x = fromRows([
    [0, 1],
    [2, 5],
  ]);
  const moments = new ColumnMoments(Float64Array.of(0, 3));
  moments.add(x);
  expect([...moments.offsets()]).toEqual([1, 0]);
  expect(moments.spread()).toBe(1 + 1 + 4 + 4);
  // About 2: 4, 1, 0, 9.
  expect(moments.overallSd()).toBeCloseTo(Math.sqrt(14 / 4), 14);
  expect([...shiftOf(x)]).toEqual([1, 3]);
});

test('far from 0 they are what two passes give, whatever the blocks', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 600 }),
      fc.integer({ min: 1, max: 300 }),
      fc.nat(),
      (rows, height, seed) => {
        const x = zeros(rows, 3);
        new Rng(seed, 'moments').fillNormal(x.data);
        for (let e = 0; e < x.data.length; e++) x.data[e] += 1000 * (1 + (e % 3));
        const whole = new ColumnMoments(shiftOf(x));
        whole.add(x);
        const parts = new ColumnMoments(shiftOf(x));
        for (let n = 0; n < rows; n += height) parts.add(rowRange(x, n, Math.min(rows, n + height)));
        expect(parts.spread()).toBe(whole.spread());
        const means = [0, 1, 2].map((j) => {
          let sum = 0;
          for (let n = 0; n < rows; n++) sum += x.data[3 * n + j];
          return sum / rows;
        });
        const spread = x.data.reduce((sum, value, e) => sum + (value - means[e % 3]) ** 2, 0);
        expect(Math.abs(whole.spread() - spread)).toBeLessThanOrEqual(1e-11 * spread);
        const centre = means.reduce((a, b) => a + b, 0) / 3;
        const sd = Math.sqrt(x.data.reduce((sum, value) => sum + (value - centre) ** 2, 0) / x.data.length);
        expect(Math.abs(whole.overallSd() - sd)).toBeLessThanOrEqual(1e-12 * sd);
      },
    ),
    { numRuns: 40 },
  );
});

test('equal rows have no spread at all', () => {
  const x = fromRows(Array.from({ length: 7 }, () => [0.1, 1e6, -3.3]));
  const moments = new ColumnMoments(shiftOf(x));
  moments.add(x);
  expect(moments.spread()).toBe(0);
});

test('the shift is the mean of the first 256 rows, or of all there are', () => {
  const later = fromRows(Array.from({ length: 300 }, (_, n) => (n < 256 ? [2, -1] : [9, 9])));
  expect([...shiftOf(later)]).toEqual([2, -1]);
  expect([...shiftOf(fromRows([[3, 5]]))]).toEqual([3, 5]);
  expect([...shiftOf(zeros(0, 2))]).toEqual([0, 0]);
});

test('of one row it is the row, of none the shift, and nothing has a spread', () => {
  const one = new ColumnMoments(Float64Array.of(1, 1));
  one.add(fromRows([[4, 2]]));
  expect([...one.means()]).toEqual([4, 2]);
  expect(one.overallSd()).toBe(1);
  const none = new ColumnMoments(Float64Array.of(1, 7));
  expect([...none.means()]).toEqual([1, 7]);
  expect([...none.spreads()]).toEqual([0, 0]);
  expect(none.overallSd()).toBe(0);
  const narrow = new ColumnMoments(new Float64Array(0));
  narrow.add(zeros(3, 0));
  expect([narrow.rows, narrow.overallSd()]).toEqual([3, 0]);
});

test('what is left without some of the rows', () => {
  const rows = [
    [1, 10],
    [3, 10],
    [8, 70],
    [5, 40],
    [6, -20],
  ];
  const [all, some, others] = [rows, rows.slice(0, 2), rows.slice(2)].map((of) => {
    const moments = new ColumnMoments(Float64Array.of(4, 20));
    moments.add(fromRows(of));
    return moments;
  });
  const left = all.without(some);
  expect(left.rows).toBe(3);
  expect([...left.means()]).toEqual([...others.means()]);
  expect([...left.spreads()]).toEqual([...others.spreads()]);
});

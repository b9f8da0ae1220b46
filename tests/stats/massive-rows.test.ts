// Rows of another size than the others, just inside and outside the bounds.
import { expect, test } from 'vitest';
import { massiveRows } from '../../src/stats/massive-rows.js';

const all = (n: number) => Int32Array.from({ length: n }, (_, i) => i);
/** Squared distances: 1 … 2 for all but some. */
function sizes(n: number, others: Readonly<Record<number, number>> = {}): Float64Array {
  const out = Float64Array.from({ length: n }, (_, i) => 1 + i / n);
  for (const [at, size] of Object.entries(others)) out[Number(at)] = size;
  return out;
}

test('ten times the median distance, and what of it they have', () => {
  // The median of 1 … 2 is about 1.5, so the bound on squares about 150.
  expect(massiveRows(sizes(1000, { 3: 149 }), all(1000))).toBeUndefined();
  const found = massiveRows(sizes(1000, { 3: 151, 500: 600, 999: 2400 }), all(1000));
  expect([...found!.rows]).toEqual([3, 500, 999]);
  expect(found!.times).toBeCloseTo(20, 1);
});

test('more than a twentieth of the rows are no exception', () => {
  const many = (count: number) =>
    massiveRows(
      sizes(1000, Object.fromEntries(Array.from({ length: count }, (_, i) => [7 * i, 1e4]))),
      all(1000),
    );
  expect(many(50)?.rows.length).toBe(50);
  expect(many(51)).toBeUndefined();
});

test('copies do not say what is usual, and rows that are all alike have no size', () => {
  // 970 copies of one row near the middle: without them the others are the usual ones.
  const copied = Float64Array.from({ length: 1000 }, (_, n) => (n < 970 ? 0.001 : 1));
  expect(massiveRows(copied, all(1000))?.rows.length).toBe(30);
  expect(massiveRows(copied, Int32Array.from([0, ...all(30).map((n) => 970 + n)]))).toBeUndefined();
  expect(massiveRows(new Float64Array(50), all(50))).toBeUndefined();
  const alike = Float64Array.from({ length: 50 }, (_, n) => (n === 7 ? 400 : 1));
  expect(massiveRows(alike, all(50))).toEqual({ rows: Int32Array.of(7), times: 20 });
});

test('of many rows the median is of some drawn at random, so that every 128th being massive does not hide them', () => {
  const n = 2 ** 18;
  const tokens = Float64Array.from({ length: n }, (_, i) => (i % 128 === 0 ? 1e6 : 1 + (i % 7) / 7));
  expect(massiveRows(tokens, all(n))?.rows.length).toBe(n / 128);
});

test('a row at ten times the median distance is none yet, and where most rows lie in the middle nothing is usual', () => {
  const alike = (size: number) => Float64Array.from({ length: 50 }, (_, n) => (n === 49 ? size : 1));
  expect(massiveRows(alike(100), all(50))).toBeUndefined();
  expect(massiveRows(alike(100.001), all(50))?.rows).toEqual(Int32Array.of(49));
  expect(
    massiveRows(
      Float64Array.from({ length: 50 }, (_, n) => Number(n < 2)),
      all(50),
    ),
  ).toBeUndefined();
});

test('up to 16,384 rows the median is that of all of them', () => {
  const n = 2 ** 14;
  const { times } = massiveRows(sizes(n, { [n - 1]: 1e4 }), all(n))!;
  expect(times).toBeCloseTo(Math.sqrt(1e4 / (1 + (n / 2 - 0.5) / n)), 12);
});

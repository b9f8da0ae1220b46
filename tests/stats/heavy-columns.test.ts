// Columns of another size than the others, just inside and outside the bounds.
import { expect, test } from 'vitest';
import { heavyColumns } from '../../src/stats/heavy-columns.js';

/** Spreads of 1 for all but some. */
function spreads(d: number, others: Readonly<Record<number, number>>): Float64Array {
  const out = new Float64Array(d).fill(1);
  for (const [at, spread] of Object.entries(others)) out[Number(at)] = spread;
  return out;
}

test('a hundred times the median spread, and their share of all', () => {
  expect(heavyColumns(spreads(100, { 3: 99 }))).toBeUndefined();
  expect(heavyColumns(spreads(100, { 3: 100, 50: 802 }))).toEqual({
    columns: Int32Array.of(3, 50),
    share: 902 / 1000,
  });
});

test('a twentieth of the columns at the most, and of few columns one', () => {
  const first = (d: number, heavy: number) =>
    heavyColumns(spreads(d, Object.fromEntries(Array.from({ length: heavy }, (_, j) => [j, 500]))))?.columns
      .length;
  expect([first(100, 5), first(100, 6), first(8, 1), first(8, 2)]).toEqual([5, undefined, 1, undefined]);
  expect(heavyColumns(spreads(4, { 0: 0, 1: 0, 2: 0 }))).toBeUndefined();
});

test('the size of all spreads together does not matter, nor do columns that have none', () => {
  for (const times of [0.25, 4]) {
    const found = heavyColumns(spreads(100, { 3: 100, 50: 802 }).map((spread) => times * spread));
    expect(found).toEqual({ columns: Int32Array.of(3, 50), share: 902 / 1000 });
    expect(heavyColumns(spreads(100, { 3: 99 }).map((spread) => times * spread))).toBeUndefined();
  }
  expect(heavyColumns(new Float64Array(1))).toBeUndefined();
  expect(heavyColumns(new Float64Array(40))).toBeUndefined();
});

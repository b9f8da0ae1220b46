// Distinct rows: exact and noisy copies, the edge of the tolerance, a brute-force check, and time.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distinctRows } from '../../src/stats/distinct-rows.js';
import { fromRows, type Matrix, Rng, row, takeRows, zeros } from '../../src/tensor/index.js';

function random(rows: number, cols: number, stream: string): Matrix {
  const out = zeros(rows, cols);
  new Rng(7, 'test', stream).fillNormal(out.data);
  return out;
}

test('by hand', () => {
  const x = fromRows([
    [1, 2],
    [3, 4],
    [1, 2],
    [3, 4],
    [1, 2.5],
  ]);
  expect(distinctRows(x)).toEqual({ count: 3, representative: Int32Array.of(0, 1, 0, 1, 4) });
  expect(
    distinctRows(
      fromRows([
        [5, 5],
        [5, 5],
      ]),
    ).count,
  ).toBe(1);
  expect(distinctRows(zeros(0, 4)).count).toBe(0);
});

test('noise up to 1e-4 of the SD is not a difference, more is', () => {
  const x = random(400, 16, 'noise');
  const sd = Math.sqrt(x.data.reduce((sum, v) => sum + v * v, 0) / x.data.length);
  const twice = (size: number) => {
    const out = takeRows(x, [...Array(400).keys(), ...Array(400).keys()]);
    for (let n = 400; n < 800; n++) row(out, n)[n % 16] += size * sd;
    return distinctRows(out).count;
  };
  expect(twice(0.9e-4)).toBe(400);
  expect(twice(-0.9e-4)).toBe(400);
  expect(twice(1.2e-4)).toBe(800);
});

test('it finds what comparing every row with every leader finds', () => {
  const value = fc.constantFrom(0, 5e-5, 1.5e-4, 3e-4, 1, 2);
  const table = fc.array(fc.array(value, { minLength: 2, maxLength: 2 }), { minLength: 2, maxLength: 30 });
  fc.assert(
    fc.property(table, (rows) => {
      const x = fromRows(rows);
      const all = Array.from(x.data);
      const centre = all.reduce((a, b) => a + b, 0) / all.length;
      const sd = Math.sqrt(all.reduce((sum, v) => sum + (v - centre) ** 2, 0) / all.length);
      const leaders: number[] = [];
      const expected = rows.map((_, n) => {
        const found = leaders.find((l) => row(x, l).every((v, j) => Math.abs(v - row(x, n)[j]) <= 1e-4 * sd));
        if (found === undefined) leaders.push(n);
        return found ?? n;
      });
      expect(distinctRows(x)).toEqual({ count: leaders.length, representative: Int32Array.from(expected) });
    }),
  );
});

test('many rows take well under a second, whether few or all are distinct', () => {
  const n = 12_769;
  const few = takeRows(
    random(113, 128, 'few'),
    Array.from({ length: n }, (_, i) => i % 113),
  );
  const all = random(n, 128, 'all');
  for (const [x, count] of [
    [few, 113],
    [all, n],
  ] as const) {
    const start = performance.now();
    expect(distinctRows(x).count).toBe(count);
    expect(performance.now() - start).toBeLessThan(1500);
  }
});

test('a value that is not finite is named', () => {
  expect(() =>
    distinctRows(
      fromRows([
        [1, 2],
        [3, Number.NaN],
      ]),
    ),
  ).toThrow(/row 1, column 1.*NaN/);
});

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

/** Every row against every leader before it. */
function byBruteForce(x: Matrix): Int32Array {
  const all = Array.from(x.data);
  const centre = all.reduce((a, b) => a + b, 0) / all.length;
  const sd = Math.sqrt(all.reduce((sum, v) => sum + (v - centre) ** 2, 0) / all.length);
  const leaders: number[] = [];
  return Int32Array.from({ length: x.rows }, (_, n) => {
    const found = leaders.find((l) => row(x, l).every((v, j) => Math.abs(v - row(x, n)[j]) <= 1e-4 * sd));
    if (found === undefined) leaders.push(n);
    return found ?? n;
  });
}

test('chains of rows, each near the last: no pair is missed, in any number of dimensions', () => {
  const sizes = fc.record({
    cols: fc.integer({ min: 1, max: 40 }),
    kinds: fc.integer({ min: 1, max: 6 }),
    // Of the tolerance, so that some neighbours are the same and others are not.
    step: fc.constantFrom(0.05, 0.4, 0.7, 1, 3),
    offset: fc.constantFrom(0, 100, -1e4),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(sizes, ({ cols, kinds, step, offset, seed }) => {
      const rng = new Rng(seed, 'chains');
      const x = zeros(80, cols);
      const rows = random(kinds, cols, `kinds ${seed}`);
      for (let n = 0; n < x.rows; n++) {
        const from = row(rows, rng.below(kinds));
        // A walk: the kind moves on with every copy of it.
        from.forEach((_, j) => {
          from[j] += 1e-4 * step * (2 * rng.uniform() - 1);
        });
        row(x, n).forEach((_, j, to) => {
          to[j] = from[j] + offset;
        });
      }
      expect(distinctRows(x).representative).toEqual(byBruteForce(x));
    }),
    { numRuns: 150 },
  );
});

test('0 and −0 are the same, and so is all that differs in nothing else', () => {
  expect(
    distinctRows(
      fromRows([
        [0, 0],
        [-0, 0],
        [0, -0],
      ]),
    ).count,
  ).toBe(1);
  expect(
    distinctRows(
      fromRows([
        [0, 1],
        [-0, 1],
        [0, 2],
      ]),
    ).representative,
  ).toEqual(Int32Array.of(0, 0, 2));
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

// Distinct rows: exact and noisy copies, the edge of the tolerance, a brute-force check, and time.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distinctRows, RowKinds } from '../../src/stats/distinct-rows.js';
import { RowSketches } from '../../src/stats/row-sketches.js';
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
  expect(distinctRows(zeros(3, 0)).count).toBe(1);
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

test('the SD is that of all entries about their mean, the first one too', () => {
  const countAt = (factor: number, first: number) => {
    const others = [2, 0, 4, 0, 4];
    const centre = (first + 10) / 6;
    const sd = Math.sqrt([first, ...others].reduce((sum, v) => sum + (v - centre) ** 2, 0) / 6);
    const rows = fromRows([
      [first, 2],
      [0, 4],
      [factor * 1e-4 * sd, 4],
    ]);
    return distinctRows(rows).count;
  };
  for (const first of [1, -30])
    expect([0.998, 1.002].map((factor) => countAt(factor, first))).toEqual([2, 3]);
});

/** What is found with a tolerance of 1, step by step; the rows are taken as they are. */
function stepByStep(x: Matrix, change = (_: RowSketches) => {}) {
  const sketches = new RowSketches(x.rows, new Float64Array(x.cols));
  sketches.add(x);
  change(sketches);
  const kinds = new RowKinds(sketches, 1);
  kinds.screen(0, x.rows);
  const unsure = Array.from(kinds.unsure());
  for (const n of unsure) kinds.settle(n, row(x, n), (values) => values);
  return { unsure, representative: Array.from(kinds.found().representative) };
}

test('rows of equal bits need no second look, whatever else there is', () => {
  const x = random(1500, 5, 'far apart');
  for (let at = 0; at < x.data.length; at++) x.data[at] *= 1e6;
  const twice = takeRows(x, [...Array(1500).keys(), ...Array(1500).keys()]);
  const { unsure, representative } = stepByStep(twice);
  expect(unsure).toEqual([]);
  expect(representative).toEqual(Array.from({ length: 3000 }, (_, n) => n % 1500));
});

test('on a line: a row leads where it is beyond the tolerance of every leader, and within twice of it is looked at again', () => {
  const line = (...values: number[]) =>
    stepByStep({ rows: values.length, cols: 1, data: Float32Array.from(values) });
  expect(line(0, 0.9, 5)).toEqual({ unsure: [0, 1], representative: [0, 0, 2] });
  expect(line(0, 1.5, 5)).toEqual({ unsure: [0, 1], representative: [0, 1, 2] });
  expect(line(0, 2.5, 5)).toEqual({ unsure: [], representative: [0, 1, 2] });
  // The second does not lead, so that the third, which is near it alone, needs no second look.
  expect(line(0, 0.9, 2.8)).toEqual({ unsure: [0, 1], representative: [0, 0, 2] });
  // The third is that of the second, which leads, though it is far from the first.
  expect(line(0, 1.5, 2.3)).toEqual({ unsure: [0, 1, 2], representative: [0, 1, 1] });
  // The second is that of the first, so the third, which is that of the second, is its own.
  expect(line(0, 0.8, 1.6)).toEqual({ unsure: [0, 1, 2], representative: [0, 0, 2] });
});

test('a row whose sketch is near that of another, though its values are not, may be the first of its kind', () => {
  // Coordinates 0 and 8 share a projection, so a sketch allows coordinate 0 to be off by more than the tolerance.
  const units = zeros(2, 9);
  units.data[0] = 1;
  units.data[9 + 8] = 1;
  const sketches = new RowSketches(2, new Float64Array(9));
  sketches.add(units);
  const [own, other] = [0, 8].map((at) => Math.abs(sketches.projections[at]));
  const off = (0.95 * (own + other)) / own;
  expect(off).toBeGreaterThan(1.05);
  const rows = [0, off, off + 0.9].map((value) => [value, ...new Array<number>(8).fill(0)]);
  expect(stepByStep(fromRows(rows)).representative).toEqual([0, 1, 1]);
});

test('neither an equal hash nor an equal projection makes rows the same', () => {
  // The value of coordinate 0 is so large that the projection that it shares with coordinate 8 does not show the other.
  const hidden = fromRows([0, 2, 0].map((value) => [1e9, ...new Array<number>(7).fill(0), value]));
  expect(stepByStep(hidden)).toEqual({ unsure: [0, 1], representative: [0, 1, 0] });
  // More rows than every other slot of their table has room for.
  const x = random(80, 3, 'hashes');
  for (let at = 0; at < x.data.length; at++) x.data[at] *= 3;
  const same = stepByStep(x, ({ hashes }) => hashes.fill(7));
  expect(same).toEqual(stepByStep(x));
});

test('where values do not fit into memory, what sketches cannot tell apart counts as the same', () => {
  const x = fromRows([[0], [0.9], [1.1], [5]]);
  const sketches = new RowSketches(4, new Float64Array(1));
  sketches.add(x);
  const kinds = new RowKinds(sketches, 1);
  kinds.screen(0, 4);
  for (const n of kinds.unsure()) kinds.settle(n, row(x, n), () => undefined);
  expect(Array.from(kinds.found().representative)).toEqual([0, 0, 2, 3]);
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
  ).toThrow(
    expect.objectContaining({
      code: 'input.non-finite',
      details: expect.objectContaining({ field: 'row 1, column 1', found: 'NaN' }),
    }),
  );
});

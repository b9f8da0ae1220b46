// Rows whose sketches are near: what is visited against every pair, and how few cells are looked at for it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowSketches } from '../../src/stats/row-sketches.js';
import { SketchCells } from '../../src/stats/sketch-cells.js';
import { fromRows, Rng, zeros } from '../../src/tensor/index.js';

function sketchesOf(rows: readonly (readonly number[])[]): RowSketches {
  const x = fromRows(rows as number[][]);
  const sketches = new RowSketches(x.rows, new Float64Array(x.cols));
  sketches.add(x);
  return sketches;
}

/** R_k: what a difference of `apart` in every coordinate makes of projection k, a hair more, and two roundings to float32. */
function radii({ projections, reach }: RowSketches, apart: number): number[] {
  return Array.from(reach, (sum, k) => {
    const largest = Math.max(
      ...Array.from(projections)
        .filter((_, at) => at % 8 === k)
        .map(Math.abs),
    );
    return 1.001 * apart * sum + largest / 2 ** 22;
  });
}

/** The largest distance of two rows along a projection, in R. */
function distance({ projections }: RowSketches, radius: readonly number[], a: number, b: number): number {
  return Math.max(
    ...radius.map((r, k) => {
      const off = Math.abs(projections[8 * a + k] - projections[8 * b + k]);
      return off === 0 ? 0 : off / (1.001 * r);
    }),
  );
}

function visited(cells: SketchCells, n: number, within: 1 | 2): Map<number, number> {
  const found = new Map<number, number>();
  cells.near(n, within, (row, off) => found.set(row, off));
  return found;
}

const rows = 24;

test('every row within R or 2R that was put in is visited, with its distance, and none that is farther', () => {
  const sizes = fc.record({
    cols: fc.integer({ min: 1, max: 20 }),
    // In tolerances: rows lie close together, far apart, or on both sides of the edges of cells.
    spread: fc.constantFrom(0.5, 3, 30, 1000),
    apart: fc.constantFrom(1e-4, 0.02, 5),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(sizes, ({ cols, spread, apart, seed }) => {
      const rng = new Rng(seed, 'cells');
      const kinds = Array.from({ length: 4 }, () => Array.from({ length: cols }, () => rng.normal()));
      const sketches = sketchesOf(
        Array.from({ length: rows }, (_, n) =>
          kinds[n % 4].map((v) => v + spread * apart * (rng.uniform() - 0.5)),
        ),
      );
      const radius = radii(sketches, apart);
      const cells = new SketchCells(sketches, apart);
      for (let n = 0; n < rows; n++) {
        for (const within of [1, 2] as const) {
          const expected = new Map<number, number>();
          for (let m = 0; m < n; m++) {
            const off = distance(sketches, radius, n, m);
            if (off <= within) expected.set(m, expect.closeTo(off, 9));
          }
          expect(visited(cells, n, within)).toEqual(expected);
        }
        cells.insert(n);
      }
      cells.clear();
      expect(visited(cells, 0, 2).size).toBe(0);
    }),
    { numRuns: 10 },
  );
});

test('a walk along a line meets every edge of a cell', () => {
  // Steps of a third of the tolerance over some four cells, to both sides of 0.
  const sketches = sketchesOf(Array.from({ length: 201 }, (_, n) => [(n - 100) / 3]));
  const radius = radii(sketches, 1);
  const cells = new SketchCells(sketches, 1);
  for (let n = 0; n < sketches.rows; n++) cells.insert(n);
  for (let n = 0; n < sketches.rows; n++)
    for (const within of [1, 2] as const) {
      const least = Array.from({ length: 15 }, (_, at) => n + at - 7).filter(
        (m) => m >= 0 && m < sketches.rows && distance(sketches, radius, n, m) <= within,
      );
      expect([...visited(cells, n, within).keys()].sort((a, b) => a - b)).toEqual(least);
    }
});

test('a tolerance of 0 leaves what rounding to float32 can do; of rows that are all 0 nothing', () => {
  const large = sketchesOf([[1e6], [1e6 * (1 + 2 ** -23)], [1e6 * (1 + 2 ** -20)], [-1e6]]);
  const cells = new SketchCells(large, 0);
  for (const n of [0, 2, 3]) cells.insert(n);
  expect([...visited(cells, 1, 1).keys()]).toEqual([0]);
  const none = sketchesOf([
    [0, 0],
    [0, 0],
  ]);
  const same = new SketchCells(none, 0);
  same.insert(0);
  expect(visited(same, 1, 1)).toEqual(new Map([[0, 0]]));
});

test('there are slots for 1.4 rows each, 16 at least, in a power of two', () => {
  const slots = (rows: number) => new SketchCells(sketchesOf(new Array<number[]>(rows).fill([1])), 1).slots;
  expect([1, 11, 12, 45, 46, 91, 92].map(slots)).toEqual([16, 16, 32, 64, 128, 128, 256]);
});

test('rows are equal where all eight projections are', () => {
  const base = Array.from({ length: 8 }, (_, j) => j + 1);
  const others = base.map((_, at) => base.map((v, j) => (j === at ? v + 1 : v)));
  const cells = new SketchCells(sketchesOf([base, base, ...others]), 1);
  expect([cells.equal(0, 1), cells.equal(1, 0), cells.equal(5, 5)]).toEqual([true, true, true]);
  for (let n = 2; n < 10; n++) expect([cells.equal(0, n), cells.equal(n, 1)]).toEqual([false, false]);
});

test('few rows are held against each other that are far apart', () => {
  // Rows of a wide cloud: each is alone in its cell, and cells seldom share a slot.
  const x = zeros(2000, 16);
  new Rng(2, 'cells').fillNormal(x.data);
  const sketches = new RowSketches(2000, new Float64Array(16));
  sketches.add(x);
  let looked = 0;
  const { projections } = sketches;
  const counted = new Proxy(projections, {
    get: (target, key) => {
      if (typeof key === 'string' && key !== 'length') looked++;
      return Reflect.get(target, key);
    },
  });
  const cells = new SketchCells({ ...sketches, projections: counted, rows: 2000 } as RowSketches, 1e-4);
  for (let n = 0; n < 2000; n++) cells.insert(n);
  looked = 0;
  for (let n = 0; n < 2000; n++) cells.near(n, 2, () => {});
  // Eight to find its cell, sixteen to hold it against itself, and two for each other row that shares one of some six slots.
  expect(looked / 2000).toBeLessThan(40);
});

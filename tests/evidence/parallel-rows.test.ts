// Decoder rows that repeat others: how many there are, whatever their lengths, compared at once and from shorter rows.
import { afterAll, describe, expect, it } from 'vitest';
import { parallelRows } from '../../src/evidence/parallel-rows.js';
import type { Kernel } from '../../src/kernel/interface.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { dot, type Matrix, row, unitRows, zeros } from '../../src/tensor/matrix.js';
import { Rng } from '../../src/tensor/rng.js';

const portable = createPortableKernel({ threads: 1 });
afterAll(() => portable.close());

/** As the other, and counts the products that are taken at the full width. */
function counting(width: number): { kernel: Kernel; pairs: () => number } {
  let pairs = 0;
  const kernel: Kernel = {
    ...portable,
    bestMatches: (a, b, options) => {
      if (a.cols === width) pairs += a.rows * b.rows;
      return portable.bestMatches(a, b, options);
    },
  };
  return { kernel, pairs: () => pairs };
}

async function countParallelRows(unit: Matrix, kernel: Kernel, work: object): Promise<number> {
  return (await parallelRows(unit, kernel, work)).count;
}

/** Row by row against all others. */
function byHand(m: Matrix): number {
  const { unit } = unitRows(m);
  const rows = Array.from({ length: unit.rows }, (_, i) => row(unit, i));
  return rows.filter((u, i) => rows.some((v, j) => i !== j && Math.abs(dot(u, v)) > 0.99)).length;
}

function gaussian(rows: number, cols: number): Matrix {
  const rng = new Rng(3, 'rows');
  const m = zeros(rows, cols);
  for (let e = 0; e < m.data.length; e++) m.data[e] = rng.normal();
  return m;
}

/** Makes row `to` one at this |cosine| with row `from`, as far as a third row is at right angles to it. */
function turn(m: Matrix, from: number, to: number, cosine: number, sign = 1): void {
  const { unit } = unitRows(m);
  const [u, v] = [row(unit, from), row(unit, to)];
  const along = dot(u, v);
  const aside = v.map((x, j) => x - along * u[j]);
  const length = Math.sqrt(dot(aside, aside));
  const sine = Math.sqrt(1 - cosine * cosine);
  row(m, to).set(u.map((x, j) => 7 * sign * (cosine * x + (sine / length) * aside[j])));
}

describe.each([
  [40, 'at once'],
  [512, 'from shorter rows'],
])('rows of width %i, compared %s', (width) => {
  it('of each direction all rows but the first repeat it, however many there are', async () => {
    const m = gaussian(300, width);
    const copies = [
      [7, 3, 250, 40, 299],
      [100, 101],
      [8, 200, 9],
    ];
    for (const [from, ...others] of copies)
      for (const to of others) row(m, to).set(row(m, from).map((v) => -2 * v));
    turn(m, 101, 5, 0.995);
    const { count, repeated } = await parallelRows(unitRows(m).unit, portable, {});
    expect(count).toBe(11);
    expect([...repeated]).toEqual([7, 9, 40, 100, 101, 200, 250, 299]);
    const none = await parallelRows(unitRows(gaussian(1, width)).unit, portable, {});
    expect(none).toEqual({ count: 0, repeated: new Int32Array(0) });
  });

  it('of groups that are near each other keeps one row, and gives the others in ascending order', async () => {
    const m = gaussian(20, width);
    row(m, 9).set(row(m, 1));
    // Row 4 is merged with row 1 in a second round, when rows 9 and 6 are gone.
    turn(m, 1, 4, 0.995);
    row(m, 6).set(row(m, 4));
    const { count, repeated } = await parallelRows(unitRows(m).unit, portable, {});
    expect([count, ...repeated]).toEqual([4, 4, 6, 9]);
  });

  it('counts both of a pair, turned round or not, on the right side of 0.99', async () => {
    const m = gaussian(300, width);
    turn(m, 0, 1, 0.9905);
    turn(m, 2, 3, 0.9905, -1);
    turn(m, 4, 5, 0.9895);
    expect(await countParallelRows(unitRows(m).unit, portable, {})).toBe(4);
    expect(byHand(m)).toBe(4);
  });

  it('counts rows that are the same, whatever their length, and none without a direction', async () => {
    const m = gaussian(100, width);
    row(m, 1).set(row(m, 0).map((x) => x / 1e3));
    row(m, 3).set(row(m, 2));
    row(m, 4).fill(0);
    row(m, 5).fill(0);
    expect(await countParallelRows(unitRows(m).unit, portable, {})).toBe(4);
  });

  it('counts none of one row, and of no row', async () => {
    expect(await countParallelRows(unitRows(gaussian(1, width)).unit, portable, {})).toBe(0);
    expect(await countParallelRows(gaussian(0, width), portable, {})).toBe(0);
  });
});

describe('shorter rows', () => {
  it('are an eighth as wide, and taken from 256 dimensions on', async () => {
    for (const [width, widths] of [
      [255, [255]],
      [256, [32]],
      [1001, [126]],
    ] as const) {
      const seen: number[] = [];
      const kernel: Kernel = {
        ...portable,
        bestMatches: (a, b, options) => {
          seen.push(a.cols);
          return portable.bestMatches(a, b, options);
        },
      };
      // None of these has a parallel, and none looks as if it had.
      expect(await countParallelRows(unitRows(gaussian(12, width)).unit, kernel, {})).toBe(0);
      expect(seen).toEqual(widths);
    }
  });

  it('leave few pairs to the full width', async () => {
    const m = gaussian(400, 1024);
    turn(m, 0, 1, 0.999);
    const { kernel, pairs } = counting(1024);
    expect(await countParallelRows(unitRows(m).unit, kernel, {})).toBe(2);
    expect(pairs()).toBeLessThan(400);
  });

  it('miss nothing where each row has one large coordinate', async () => {
    const m = zeros(300, 256);
    for (let i = 0; i < 300; i++) row(m, i)[i % 256] = 1 + i;
    expect(await countParallelRows(unitRows(m).unit, portable, {})).toBe(88);
  });

  it('miss nothing where a sum is 0', async () => {
    // Coordinates 0 and 32 are added up or subtracted, so that one of these has no shorter row.
    for (const sign of [1, -1]) {
      const m = gaussian(20, 256);
      row(m, 0).fill(0).set([1], 0);
      row(m, 0).set([sign], 32);
      row(m, 1).set(row(m, 0));
      expect(await countParallelRows(unitRows(m).unit, portable, {})).toBe(2);
    }
  });
});

// Decoder rows that repeat others: how many there are, whatever their lengths, compared at once and from shorter rows.
import { afterAll, describe, expect, it } from 'vitest';
import { parallelRows } from '../../src/evidence/parallel-rows.js';
import type { Kernel } from '../../src/kernel/interface.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { dot, fromRows, type Matrix, row, rowRange, unitRows, zeros } from '../../src/tensor/matrix.js';
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

it('links all rows of a group in one round, whichever of them is whose neighbour', async () => {
  // The third row is the neighbour of the first, and the second that of the third; the first two are 9° apart, which is too far.
  const at = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  for (const [degrees, expected] of [
    [
      [0, 9, 5, 90],
      [3, 1, 2],
    ],
    [
      [90, 9, 0, 5],
      [3, 2, 3],
    ],
    [
      [9, 0, 5, 90],
      [3, 1, 2],
    ],
    [[0, 9, 90, 20], [0]],
  ]) {
    const { unit } = unitRows(fromRows((degrees as number[]).map(at)));
    const { count, repeated } = await parallelRows(unit, portable, {});
    expect([count, ...repeated]).toEqual(expected);
  }
});

/** The shorter rows of unit rows, each of length 1. */
async function shorterRows(unit: Matrix): Promise<Matrix> {
  let seen: Matrix | undefined;
  const kernel: Kernel = {
    ...portable,
    bestMatches: (a, b, options) => {
      seen ??= { ...a, data: a.data.slice() };
      return portable.bestMatches(a, b, options);
    },
  };
  await parallelRows(unit, kernel, {});
  return seen!;
}

describe('shorter rows', () => {
  it('are sums of coordinates with signs, scaled by how many they are', async () => {
    // 257 coordinates go into 33 numbers: eight into each of the first 26, seven into the others.
    const m = zeros(257, 257);
    for (let i = 0; i < 257; i++) {
      row(m, i)[i] = 1;
      row(m, i)[(i + 1) % 257] = 1;
    }
    const short = await shorterRows(unitRows(m).unit);
    expect([short.rows, short.cols]).toEqual([257, 33]);
    const length = (group: number) => 1 / Math.sqrt(group < 26 ? 8 : 7);
    for (let i = 0; i < 256; i++) {
      const [a, b] = [i % 33, (i + 1) % 33];
      const both = Math.hypot(length(a), length(b));
      const values = Array.from(row(short, i), Math.abs);
      expect(values[a]).toBeCloseTo(length(a) / both, 6);
      expect(values[b]).toBeCloseTo(length(b) / both, 6);
      expect(values.filter((value) => value > 0)).toHaveLength(2);
    }
  });

  it('miss no parallel whose difference they show most of', async () => {
    const unit = zeros(256, 256);
    for (let i = 0; i < 256; i++) row(unit, i)[i] = 1;
    const signs = await shorterRows(unit);
    for (let group = 0; group < 32; group += 5) {
      const m = gaussian(40, 256);
      // A direction that all of its length is left of in the shorter rows.
      const whole = Float32Array.from({ length: 256 }, (_, j) =>
        j % 32 === group ? row(signs, j)[group] / Math.sqrt(8) : 0,
      );
      const [u] = [row(unitRows(m).unit, 0)];
      row(m, 1).set(u.map((value, j) => Math.sqrt(1 - 0.13 ** 2) * value + 0.13 * whole[j]));
      expect(byHand(rowRange(m, 0, 2))).toBe(2);
      expect(await countParallelRows(unitRows(m).unit, portable, {})).toBe(2);
    }
  });

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

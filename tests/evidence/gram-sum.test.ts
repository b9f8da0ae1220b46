// The centred Gram matrix of rows that come block by block: by hand, and against the definition.
import { expect, test } from 'vitest';
import { GramSum } from '../../src/evidence/gram-sum.js';
import { fromRows, type Matrix, rowRange } from '../../src/tensor/matrix.js';
import { atOnce } from './at-once.js';
import { normal } from './pass-cases.js';

/** Σ(x − x̄)(x − x̄)ᵀ, pair of columns by pair of columns. */
function byDefinition({ rows, cols, data }: Matrix): number[] {
  const column = (j: number) => Array.from({ length: rows }, (_, n) => data[n * cols + j]);
  const centred = Array.from({ length: cols }, (_, j) => {
    const values = column(j);
    const mean = values.reduce((a, b) => a + b) / rows;
    return values.map((value) => value - mean);
  });
  return centred.flatMap((a) => centred.map((b) => a.reduce((sum, value, n) => sum + value * b[n], 0)));
}

/** x̄ − s */
function offsetsOf({ rows, cols, data }: Matrix, shift: Float64Array): Float64Array {
  return shift.map((s, j) => {
    let sum = 0;
    for (let n = 0; n < rows; n++) sum += data[n * cols + j];
    return sum / rows - s;
  });
}

async function sumOf(blocks: readonly Matrix[], shift: Float64Array): Promise<GramSum> {
  const sum = new GramSum(shift, atOnce);
  for (const block of blocks) await sum.add(block, {});
  return sum;
}

function expectClose(found: Float64Array, wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length);
  wanted.forEach((value, e) => {
    expect(found[e]).toBeCloseTo(value, 6);
  });
}

test('three rows of two columns, by hand', async () => {
  // Means 2 and 6, deviations (−1, −3), (0, 1), (1, 2).
  const x = fromRows([
    [1, 3],
    [2, 7],
    [3, 8],
  ]);
  const shift = Float64Array.of(1, 4);
  const sum = await sumOf([x], shift);
  expect([...sum.centred(3, Float64Array.of(1, 2))]).toEqual([2, 5, 5, 14]);
  // About the shift itself: (0, −1), (1, 3), (2, 4).
  expect([...sum.centred(3, Float64Array.of(0, 0))]).toEqual([5, 11, 11, 26]);
  // It can be asked again.
  expect([...sum.centred(3, Float64Array.of(1, 2))]).toEqual([2, 5, 5, 14]);
});

test('without one of four rows it is that of the other three', async () => {
  const [first, ...others] = [
    [5, -2],
    [1, 3],
    [2, 7],
    [3, 8],
  ];
  const shift = Float64Array.of(1, 4);
  const all = await sumOf([fromRows([first, ...others])], shift);
  const left = all.without(await sumOf([fromRows([first])], shift));
  expect([...left.centred(3, Float64Array.of(1, 2))]).toEqual([2, 5, 5, 14]);
});

test('of several columns, in blocks, about any shift, it is what the definition says', async () => {
  const x = normal(300, 5, 'gram');
  for (let n = 0; n < 300; n++) {
    x.data[5 * n + 1] += 3 + x.data[5 * n + 3];
    x.data[5 * n + 4] -= 2 * x.data[5 * n];
  }
  const wanted = byDefinition(x);
  for (const shift of [new Float64Array(5), Float64Array.of(0.5, 2, -1, 0.1, 0.3)]) {
    const sum = await sumOf([rowRange(x, 0, 256), rowRange(x, 256, 300)], shift);
    const found = sum.centred(300, offsetsOf(x, shift));
    expectClose(found, wanted);
    for (let i = 0; i < 5; i++) for (let j = 0; j < i; j++) expect(found[5 * i + j]).toBe(found[5 * j + i]);
  }
});

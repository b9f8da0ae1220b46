// Sums of rows and products in float32, in the order that every kernel adds in.
import { expect, test } from 'vitest';
import { addRows32, productsWithRows32 } from '../../src/kernel/portable/combine32.js';
import { randomRows } from '../contracts/training-cases.js';

/** Where float32 is full: one more is lost. */
const full = 2 ** 24;

function product(v: Record<number, number>, d = 32): number {
  const row = new Float32Array(d).fill(1);
  const values = Float32Array.from({ length: d }, (_, j) => v[j] ?? 0);
  const out = new Float64Array(1);
  productsWithRows32(out, values, Int32Array.of(0), 0, 1, row);
  return out[0];
}

test('every sum of rows is rounded to float32, one row after the other', () => {
  const sumOf = (scales: number[]): number => {
    const out = Float32Array.of(7, full);
    const rows = Int32Array.from(scales, () => 1);
    addRows32(out, 1, 1, Float32Array.from(scales), rows, 0, scales.length, Float32Array.of(9, 1));
    expect(out[0]).toBe(7);
    return out[1];
  };
  expect(sumOf([1])).toBe(full);
  expect(sumOf([1, 1, 1, 1, 1])).toBe(full);
  expect(sumOf([2, 0.5, 0.5, 0.5])).toBe(full + 2);
  expect(sumOf([-full, 1, 1, 1, 1])).toBe(4);
});

test('products are rounded before they are added', () => {
  const third = Math.fround(1 / 3);
  const out = Float32Array.of(-third * third);
  addRows32(out, 0, 1, Float32Array.of(third), Int32Array.of(0), 0, 1, Float32Array.of(third));
  expect(out[0]).toBe(0);
});

test('sixteen lanes in float32, two and two in float32, eight in float64', () => {
  expect(product({ 0: full, 16: 1, 8: -full })).toBe(0);
  expect(product({ 0: full, 8: 1 })).toBe(full);
  expect(product({ 0: full, 1: 1 })).toBe(full + 1);
  expect(product({ 7: full, 15: -full, 3: 1 })).toBe(1);
});

test.each([1, 7, 16, 33, 200])('close to the product in float64, d %i', (d) => {
  const v = randomRows(1, d, 1, 1).data;
  const m = randomRows(3, d, 3, 2).data;
  const out = new Float64Array(4).fill(5);
  productsWithRows32(out, v, Int32Array.of(9, 2, 0, 1), 1, 4, m);
  expect(out[0]).toBe(5);
  [2, 0, 1].forEach((row, s) => {
    let [exact, size] = [0, 0];
    for (let j = 0; j < d; j++) {
      exact += v[j] * m[row * d + j];
      size += Math.abs(v[j] * m[row * d + j]);
    }
    expect(Math.abs(out[s + 1] - exact)).toBeLessThanOrEqual((d / 16 + 3) * 2 ** -24 * size);
  });
});

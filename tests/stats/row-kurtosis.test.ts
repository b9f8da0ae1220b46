// Kurtosis of the entries of rows: by hand, and what uniform, free and few large entries have.
import { expect, test } from 'vitest';
import { freeKurtosis, rowKurtosis } from '../../src/stats/row-kurtosis.js';
import { fromRows, Rng, zeros } from '../../src/tensor/index.js';

test('by hand', () => {
  // d Σv⁴ / (Σv²)²: 2·(1 + 16)/25, and 1 for entries of one size.
  expect(rowKurtosis(fromRows([[1, 2]]))).toBeCloseTo(34 / 25, 12);
  expect(rowKurtosis(fromRows([[3, -3, 3, 3]]))).toBeCloseTo(1, 12);
  expect(rowKurtosis(fromRows([[7, 0, 0, 0]]))).toBeCloseTo(4, 12);
  // Rows without a length do not count; about a centre.
  expect(
    rowKurtosis(
      fromRows([
        [0, 0],
        [1, 2],
      ]),
    ),
  ).toBeCloseTo(34 / 25, 12);
  expect(rowKurtosis(fromRows([[2, 4]]), [1, 2])).toBeCloseTo(34 / 25, 12);
  expect(rowKurtosis(fromRows([[5, 5]]), [5, 5])).toBeUndefined();
});

test('of uniform and of normal entries', () => {
  const [uniform, normal] = [zeros(4000, 60), zeros(4000, 60)];
  new Rng(1, 'uniform').fillUniform(uniform.data, 3);
  new Rng(1, 'normal').fillNormal(normal.data);
  expect(Math.abs(rowKurtosis(uniform)! - 1.8)).toBeLessThan(0.03);
  expect(Math.abs(rowKurtosis(normal)! - freeKurtosis(60))).toBeLessThan(0.05);
});

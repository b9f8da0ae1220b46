// Effective rank against numpy's SVD, by hand, and under changes that must not matter.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { symmetricEigenvalues } from '../../src/kernel/portable/eigen.js';
import { gram } from '../../src/kernel/portable/gram.js';
import { effectiveRankOf } from '../../src/stats/effective-rank.js';
import { fromRows, Rng } from '../../src/tensor/index.js';
import type { Matrix } from '../../src/tensor/matrix.js';
import { fixture } from '../metrics/fixture.js';

/** Of all rows at once, as the pass over activations has it of blocks. */
function effectiveRank(x: Matrix): number {
  return effectiveRankOf(symmetricEigenvalues(gram(x, { centred: true }), x.cols), x.cols);
}

test('effective rank agrees with numpy', () => {
  for (const { rows, value } of fixture.effectiveRank) {
    expect(Math.abs(effectiveRank(fromRows(rows)) - value)).toBeLessThan(1e-6);
  }
});

test('by hand: one direction, two equal ones, none', () => {
  expect(
    effectiveRank(
      fromRows([
        [1, 2],
        [2, 4],
        [5, 10],
      ]),
    ),
  ).toBeCloseTo(1, 6);
  expect(
    effectiveRank(
      fromRows([
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ]),
    ),
  ).toBeCloseTo(2, 10);
  // σ = 3√2 and 1√2, so p = ¾ and ¼.
  const expected = Math.exp(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)));
  expect(
    effectiveRank(
      fromRows([
        [3, 0],
        [-3, 0],
        [0, 1],
        [0, -1],
      ]),
    ),
  ).toBeCloseTo(expected, 10);
  expect(
    effectiveRank(
      fromRows([
        [7, 7],
        [7, 7],
      ]),
    ),
  ).toBe(0);
});

test('rounding noise in directions that are not used does not count', () => {
  const rng = new Rng(1, 'test');
  const [u, v] = [0, 1].map(() => Array.from({ length: 64 }, () => rng.below(2000) - 1000));
  const four = [u.map((a) => 3 * a), u.map((a) => -3 * a), v, v.map((a) => -a)];
  const many = Array.from({ length: 80 }, (_, n) => four[n % 4]);
  expect(effectiveRank(fromRows(many))).toBeCloseTo(effectiveRank(fromRows(four)), 9);
});

test('scale, offset and order of rows do not matter; it stays within 1 and the rank', () => {
  const table = fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 }), {
    minLength: 3,
    maxLength: 12,
  });
  fc.assert(
    fc.property(table, (rows) => {
      const plain = effectiveRank(fromRows(rows));
      const changed = effectiveRank(fromRows([...rows].reverse().map((r) => r.map((v) => 4 * v + 16))));
      expect(changed).toBeCloseTo(plain, 6);
      if (plain > 0) expect(plain).toBeGreaterThan(1 - 1e-9);
      expect(plain).toBeLessThan(Math.min(rows.length - 1, 3) + 1e-9);
    }),
  );
});

test('from eigenvalues, by hand: what is noise beside the largest does not count', () => {
  expect(effectiveRankOf([0, 0, 4, 4], 4)).toBeCloseTo(2, 12);
  expect(effectiveRankOf([-1e-16, 2 ** -53, 1], 3)).toBe(1);
  // However small all are.
  expect(effectiveRankOf([1e-20, 1e-20], 2)).toBeCloseTo(2, 12);
  expect(effectiveRankOf([0, 0], 2)).toBe(0);
  expect(effectiveRankOf([], 0)).toBe(0);
});

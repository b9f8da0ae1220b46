// Mean, SD and quantiles, by hand and as NumPy has them.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mean, median, quantile, quantileOfSorted, sampleSd } from '../../src/stats/summary.js';

test('mean and sample SD by hand', () => {
  expect(mean([2, 4, 9])).toBe(5);
  expect(mean([7])).toBe(7);
  expect(mean([])).toBeNaN();
  // (9 + 1 + 16)/2 = 13.
  expect(sampleSd([2, 4, 9])).toBeCloseTo(Math.sqrt(13), 14);
  expect(sampleSd([3, 3])).toBe(0);
  expect(sampleSd([7])).toBeNaN();
  // Far from 0 the two passes lose nothing.
  expect(sampleSd([1e8 + 2, 1e8 + 4, 1e8 + 9])).toBeCloseTo(Math.sqrt(13), 12);
});

test('quantiles between order statistics by hand, whatever the order of the values', () => {
  const values = [40, 10, 30, 20];
  expect([0, 1 / 3, 0.5, 0.75, 0.9, 1].map((q) => quantile(values, q))).toEqual([
    10,
    20,
    25,
    32.5,
    expect.closeTo(37, 12),
    40,
  ]);
  expect(values).toEqual([40, 10, 30, 20]);
  expect([0, 0.3, 1].map((q) => quantile([5], q))).toEqual([5, 5, 5]);
  // As numbers, not as text.
  expect(quantile([10, 9, 100], 0.5)).toBe(10);
  expect(quantileOfSorted(Float64Array.of(1, 2, 10), 0.75)).toBe(6);
});

test.each([
  [0.1, 1],
  [0.37, 2.221],
  [0.5, 3.25],
  [0.95, 8.51],
])('the quantile %d agrees with numpy', (q, value) => {
  // numpy 2: numpy.quantile([3.5, 9, 1, 3, 1.1, 7.6, 4, 1], q)
  expect(quantile([3.5, 9, 1, 3, 1.1, 7.6, 4, 1], q)).toBeCloseTo(value, 12);
});

test('medians by hand', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test('a quantile rises with its share, within the values', () => {
  const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 12 });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(values, share, share, (of, p, q) => {
      const [low, high] = [quantile(of, Math.min(p, q)), quantile(of, Math.max(p, q))];
      expect(low).toBeLessThanOrEqual(high + 1e-12);
      expect(low).toBeGreaterThanOrEqual(Math.min(...of) - 1e-12);
      expect(high).toBeLessThanOrEqual(Math.max(...of) + 1e-12);
    }),
  );
});

// The distribution of a best |cosine|: against scipy, by hand, and against directions that are drawn in two ways.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawBestCosine } from '../../src/metrics/draws/drawn-cosine.js';
import { bothWays, expectedMax, maxSurvival, pairSpread } from '../../src/stats/best-cosine.js';
import { mean, sampleSd } from '../../src/stats/summary.js';
import { Rng } from '../../src/tensor/rng.js';
import { fixture, relative } from '../metrics/nulls/fixture.js';

test('tails agree with scipy, down to 1e-141', () => {
  expect(fixture.survival.some(({ value }) => value > 0 && value < 1e-100)).toBe(true);
  for (const { width, features, cosine, value } of fixture.survival) {
    const measured = maxSurvival(width, features, cosine);
    expect(relative(measured, value), `(${width}, ${features}) ${cosine}`).toBeLessThan(1e-10);
  }
});

test('the mean of a best |cosine| agrees with scipy', () => {
  for (const { width, features, value } of fixture.expectedMax) {
    expect(relative(expectedMax(width, features), value), `(${width}, ${features})`).toBeLessThan(1e-8);
  }
});

test('the spread of a pair agrees with a double integral by scipy', () => {
  for (const { width, a, b, value } of fixture.pairSpread) {
    expect(relative(pairSpread(width, a, b), value), `(${width}, ${a}, ${b})`).toBeLessThan(1e-6);
  }
});

test('cases with a formula', () => {
  // In two dimensions the angle is uniform, in three |cosine| is.
  expect(maxSurvival(2, 1, 0.5)).toBeCloseTo(2 / 3, 13);
  expect(maxSurvival(3, 4, 0.9)).toBeCloseTo(1 - 0.9 ** 4, 13);
  expect(maxSurvival(3, 1, 1)).toBe(0);
  expect(maxSurvival(7, 5, 0)).toBe(1);
  expect(maxSurvival(1, 5, 1)).toBe(1);
  expect(pairSpread(3, 1, 1)).toBeCloseTo(Math.sqrt(1 / 12), 7);
  expect(pairSpread(1, 4, 4)).toBe(0);
  expect(() => maxSurvival(3, 4, 1.01)).toThrow(/0 … 1/);
  expect(() => maxSurvival(3, 0, 0.5)).toThrow(/features/);
});

test('what both ways share, by hand in three dimensions, where |cosine| is uniform', () => {
  // Var(m_n) = n/((n + 1)²(n + 2)), and κ = (1/(F + 1) + 1/(G + 1))·(1/(F + G + 1) − 1/(F + G + 2)).
  const variance = (n: number) => n / ((n + 1) ** 2 * (n + 2));
  for (const [f, g] of [
    [1, 1],
    [2, 2],
    [2, 3],
    [7, 4],
  ]) {
    const alone = (variance(g) / f + variance(f) / g) / 4;
    const shared = ((1 / (f + 1) + 1 / (g + 1)) * (1 / (f + g + 1) - 1 / (f + g + 2))) / 2;
    expect(bothWays(3, f, g)).toBeCloseTo(1 + shared / alone, 6);
    expect(pairSpread(3, f, g)).toBeCloseTo(Math.sqrt(alone + shared), 7);
  }
  // One cosine is both its row's best and its column's.
  expect(bothWays(3, 1, 1)).toBeCloseTo(2, 6);
  expect(bothWays(2, 1, 1)).toBeCloseTo(2, 6);
  // In one dimension nothing varies.
  expect(bothWays(1, 4, 4)).toBe(1);
});

test.each([
  expectedMax,
  maxSurvival,
  pairSpread,
  bothWays,
])('%o refuses what is no number of features', (of) => {
  for (const count of [0, 1.5]) {
    const refused = expect.objectContaining({
      code: 'usage.argument',
      details: expect.objectContaining({ found: String(count), expected: 'a whole number ≥ 1' }),
    });
    expect(() => of(3, count, 1)).toThrow(refused);
    expect(() => of(count, 3, 1)).toThrow(refused);
  }
});

test('a cosine outside of 0 … 1 is refused', () => {
  for (const cosine of [-0.1, 1.1, Number.NaN])
    expect(() => maxSurvival(3, 4, cosine)).toThrow(
      expect.objectContaining({
        code: 'usage.argument',
        details: { found: String(cosine), expected: '0 … 1' },
      }),
    );
});

test('a tail falls with the cosine and the dimensions and rises with the features', () => {
  const count = fc.integer({ min: 2, max: 500 });
  const cosine = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(count, count, cosine, cosine, (width, features, s, t) => {
      const [low, high] = [Math.min(s, t), Math.max(s, t)];
      const at = maxSurvival(width, features, low);
      expect(maxSurvival(width, features, high)).toBeLessThanOrEqual(at + 1e-12);
      expect(maxSurvival(width, features + 1, low)).toBeGreaterThanOrEqual(at - 1e-12);
      expect(maxSurvival(width + 1, features, low)).toBeLessThanOrEqual(at + 1e-12);
    }),
  );
});

test('features drawn by two numbers a direction have the exact mean and tail', () => {
  for (const [width, features] of [
    [2, 3],
    [3, 10],
    [40, 200],
  ]) {
    const rng = new Rng(1, 'test', width);
    const values = Array.from({ length: 2000 }, () => drawBestCosine(width, features, rng));
    const error = sampleSd(values) / Math.sqrt(values.length);
    expect(Math.abs(mean(values) - expectedMax(width, features))).toBeLessThan(4 * error);
    const p = values.map((v) => maxSurvival(width, features, v));
    expect(mean(p)).toBeGreaterThan(0.47);
    expect(mean(p)).toBeLessThan(0.53);
  }
  expect(drawBestCosine(1, 3, new Rng(1))).toBe(1);
});

// The one-to-one null by formula: against proven optima of other random weights, single rows, and its own finer lattice.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectedMax } from '../../src/stats/best-cosine.js';
import { meanOptimalWeight } from '../../src/stats/cavity-equation.js';
import {
  assignmentFormulaHolds,
  assignmentSpread,
  cosines,
  expectedAssignment,
} from '../../src/stats/random-assignment.js';

test.each([
  [150, 150],
  [300, 300],
  [100, 200],
  [60, 240],
])('uniform costs: the proven optimum, for %i and %i', (f, g) => {
  // In three dimensions 1 − |cosine| is uniform. As small costs go it is as good as exponential, of which the k-th
  // cheapest assignment is known: Σ_{i+j<f} 1/((f − i)(g − j)) (Linusson & Wästlund, and Nair, Prabhakar & Sharma, 2004),
  // π²/6 in the limit.
  let proven = 0;
  for (let i = 0; i < f; i++) for (let j = 0; i + j < f; j++) proven += 1 / ((f - i) * (g - j));
  // The density jumps at cosine 1: so many points over the range that the jump is midway between two of them.
  const lowest = 1 - Math.min(1, 70 / g) - (1 - 0.5 / g) / 2;
  const points = 600.5 * (1 - (f === g ? lowest : 0) - lowest);
  const cost = f * (1 - meanOptimalWeight(cosines(3, true), f, g, points));
  expect(cost / proven).toBeGreaterThan(0.99);
  expect(cost / proven).toBeLessThan(1.01);
});

test.each([
  [16, 1],
  [64, 7],
  [64, 50],
  [768, 4096],
])('one row gets the best of its columns: in %i dimensions, of %i', (d, g) => {
  expect(meanOptimalWeight(cosines(d, true), 1, g, 512)).toBeCloseTo(expectedMax(d, g), 6);
});

test('one row and one column have a mean cosine of 0, one row and two columns half the mean difference', () => {
  expect(meanOptimalWeight(cosines(64, false), 1, 1, 512)).toBeCloseTo(0, 6);
  // On these lattices the chance to be beaten at the lower end comes out at 1.
  expect(meanOptimalWeight(cosines(8, false), 1, 1)).toBeCloseTo(0, 6);
  expect(meanOptimalWeight(cosines(5, true), 1, 1, 511)).toBeCloseTo(3 / 8, 6);
  // The larger of two cosines exceeds their mean by half of E|w − w′| ≈ √(1/πd) for many dimensions.
  expect(meanOptimalWeight(cosines(4096, false), 1, 2, 512)).toBeCloseTo(Math.sqrt(1 / Math.PI / 4096), 5);
});

/** E of the largest of n standard normal numbers. */
const largestNormal = [0, 0.5641895835, 0.8462843753, 1.029375373, 1.1629644736];

test.each([
  2, 3, 4, 5,
])('one row of normal weights and %i columns: the mean of the largest order statistic', (g) => {
  // Cosines in d dimensions are normal with variance 1/d, up to terms of order 1/d.
  const d = 1e6;
  const mean = meanOptimalWeight(cosines(d, false), 1, g, 512) * Math.sqrt(d);
  expect(mean).toBeCloseTo(largestNormal[g - 1], 4);
});

test.each([
  [128, 1024, 1024, false, 0.2715],
  [128, 1024, 1024, true, 0.2884],
  [256, 2048, 2048, false, 0.2057],
  [128, 512, 1024, false, 0.2789],
  [32, 1024, 1024, false, 0.5195],
] as const)('the optimum that SciPy finds of drawn directions: %i, %i, %i', (d, f, g, absolute, drawn) => {
  // 12 pairs each: linear_sum_assignment, to a standard error of at most 0.0003.
  expect(Math.abs(expectedAssignment(d, f, g, absolute) - drawn)).toBeLessThan(6e-4);
});

test.each([
  [16, 8, 8, false, 12_000, 0.2963060787657401, 0.04926083083758619],
  [16, 8, 8, true, 12_000, 0.39583199439749994, 0.03755511857013624],
  [16, 8, 16, false, 10_000, 0.41766628517994675, 0.041521621576850264],
  [16, 16, 8, true, 10_000, 0.4888535658232708, 0.03427414724751091],
  [16, 32, 32, false, 4000, 0.4540430439002321, 0.01809188294182796],
  [16, 32, 32, true, 4000, 0.5205627443070603, 0.014343906260563895],
  [64, 12, 40, false, 6000, 0.2638373693694091, 0.016152702561281568],
  [64, 40, 12, true, 6000, 0.2959360775510393, 0.014598655982465717],
  [64, 16, 16, false, 8000, 0.19369716229251085, 0.015587047405502123],
  [64, 16, 16, true, 8000, 0.23615301639283776, 0.01329755052877589],
] as const)('small shapes, and the SD, as drawn: %i, %i, %i, %s', (d, f, g, absolute, pairs, mean, sd) => {
  // NumPy's default_rng(1), directions from standard normal numbers, and SciPy's linear_sum_assignment of the cosines, or of
  // their sizes, of so many pairs of sets.
  const error = sd / Math.sqrt(pairs);
  // The formula is as good as 1,000 pairs; the smallest shape is off by a little more.
  expect(Math.abs(expectedAssignment(d, f, g, absolute) - mean)).toBeLessThan(
    3 * error + sd / Math.sqrt(1000),
  );
  expect(Math.abs(assignmentSpread(d, f, g, absolute) / sd - 1)).toBeLessThan(0.05);
});

/** M and s = ∂M/∂ln f at fixed ρ, from the cavity equation. */
function independent(d: number, f: number, g: number, absolute: boolean) {
  const weights = cosines(d, absolute);
  const mean = meanOptimalWeight(weights, f, g);
  return { mean, slope: (meanOptimalWeight(weights, 1.1 * f, 1.1 * g) - mean) / Math.log(1.1) };
}

test.each([
  [false, 1.8],
  [true, 0.85],
])('the mean is that of independent cosines and the two fitted terms, absolute: %s', (absolute, c) => {
  const { mean, slope } = independent(16, 8, 12, absolute);
  // M + .58·s·ρ^4.5/f − c·ρ^2.5/(d^1.8·f^0.4)
  const [added, taken] = [0.58 * slope * (2 / 3) ** 4.5, c * (2 / 3) ** 2.5];
  const expected = mean + added / 8 - taken / (16 ** 1.8 * 8 ** 0.4);
  expect(expectedAssignment(16, 8, 12, absolute)).toBeCloseTo(expected, 12);
});

test('the SD is the slope times the fitted factor', () => {
  const { slope } = independent(16, 8, 12, false);
  const expected = slope * Math.sqrt((1.4 - 0.36 * (2 / 3) ** 1.7) / 8);
  expect(assignmentSpread(16, 12, 8, false)).toBeCloseTo(expected, 12);
});

test('what is exceeded with some probability: by hand in three dimensions, where cosines are uniform', () => {
  const [signed, folded] = [cosines(3, false), cosines(3, true)];
  for (const p of [0.001, 0.25, 0.5, 0.75, 0.999]) {
    expect(signed.exceeded(p)).toBeCloseTo(1 - 2 * p, 10);
    expect(folded.exceeded(p)).toBeCloseTo(1 - p, 10);
  }
  // The lower end of the support for 1 and above.
  expect([1, 7].map(signed.exceeded)).toEqual([-1, -1]);
  expect([1, 7].map(folded.exceeded)).toEqual([0, 0]);
  expect(signed.density(0.3)).toBeCloseTo(0.5, 12);
  expect(folded.density(0.3)).toBeCloseTo(1, 12);
});

test.each([
  [16, 8, 8, false],
  [16, 8, 9, true],
  [16, 1024, 1024, true],
  [128, 512, 1024, true],
  [64, 1024, 16_384, false],
  [4096, 131_072, 131_072, true],
  [4096, 131_071, 131_072, false],
  [4096, 1024, 131_072, true],
  // Few features in many dimensions: most of −1 … 1 is empty.
  [64, 8, 69, false],
  [512, 8, 69, false],
  [4096, 8, 8, false],
  [4096, 69, 70, false],
  [65_536, 8, 69, false],
  [65_536, 70, 70, false],
] as const)('half the step changes next to nothing, at any size: %i, %i, %i, %s', (d, f, g, absolute) => {
  const weights = cosines(d, absolute);
  const off = meanOptimalWeight(weights, f, g) - meanOptimalWeight(weights, f, g, 256);
  expect(Math.abs(off)).toBeLessThan(2e-6);
});

test('it rises with the features, falls with the dimensions, and has no order of sides', () => {
  const features = fc.integer({ min: 8, max: 3000 });
  const dimensions = fc.integer({ min: 64, max: 2000 });
  fc.assert(
    fc.property(dimensions, features, features, fc.boolean(), (d, f, g, absolute) => {
      const here = expectedAssignment(d, f, g, absolute);
      expect(expectedAssignment(d, g, f, absolute)).toBe(here);
      expect(expectedAssignment(d + 8, f, g, absolute)).toBeLessThan(here);
      expect(expectedAssignment(d, 2 * f, 2 * g, absolute)).toBeGreaterThan(here);
      expect(expectedAssignment(d, f, g, true)).toBeGreaterThan(expectedAssignment(d, f, g, false));
      // No better than every row with its best column.
      expect(here).toBeLessThan(expectedMax(d, Math.max(f, g)));
      const spread = assignmentSpread(d, f, g, absolute);
      expect(assignmentSpread(d, g, f, absolute)).toBe(spread);
      expect(assignmentSpread(d, 4 * f, 4 * g, absolute) / spread).toBeLessThan(0.55);
    }),
    { numRuns: 12 },
  );
});

test('where it holds, and what it says elsewhere', () => {
  expect(assignmentFormulaHolds(16, 8, 1024)).toBe(true);
  expect(assignmentFormulaHolds(16, 8, 1025)).toBe(false);
  expect(assignmentFormulaHolds(64, 131_072, 8)).toBe(true);
  expect(assignmentFormulaHolds(63, 16_000, 8)).toBe(false);
  expect(assignmentFormulaHolds(15, 32, 32)).toBe(false);
  expect(assignmentFormulaHolds(64, 7, 64)).toBe(false);
  expect(() => assignmentFormulaHolds(0, 8, 8)).toThrow(/d.*≥ 1/);
  expect(() => assignmentFormulaHolds(64, 8.5, 8)).toThrow(/f.*8\.5/);
  expect(() => expectedAssignment(8, 32, 32, false)).toThrow(/8, 32, 32/);
  expect(() => assignmentSpread(64, 32, 1, true)).toThrow(
    expect.objectContaining({
      code: 'usage.argument',
      details: expect.objectContaining({ field: 'd, f, g', found: '64, 32, 1' }),
    }),
  );
});

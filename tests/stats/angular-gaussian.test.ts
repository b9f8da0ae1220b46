// Spectra of normal distributions whose directions have a given second moment: by hand, as drawn, and back again.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { angularGaussianSpectrum, secondMoment } from '../../src/stats/angular-gaussian.js';
import { Rng } from '../../src/tensor/rng.js';

test('one, two and equal eigenvalues by hand', () => {
  expect(Array.from(angularGaussianSpectrum(Float64Array.of(3)))).toEqual([1]);
  // In two dimensions m₁/m₂ = √(λ₁/λ₂).
  const [first, second] = angularGaussianSpectrum(Float64Array.of(0.8, 0.2));
  expect(first / second).toBeCloseTo(16, 5);
  for (const value of angularGaussianSpectrum(Float64Array.of(5, 5, 5, 0))) {
    expect([0, 1 / 3].some((v) => Math.abs(value - v) < 1e-12)).toBe(true);
  }
});

test('what has no part in the second moment has none in the spectrum, and the others are as they are without it', () => {
  const [first, none, second] = angularGaussianSpectrum(Float64Array.of(0.8, 0, 0.2));
  expect(none).toBe(0);
  expect(first / second).toBeCloseTo(16, 5);
  expect(first + second).toBeCloseTo(1, 12);
});

test('the second moment of the spectrum is that which was asked for, to a billionth', () => {
  // Each round halves what the logarithm of the ratio is off by, so some of these end just inside.
  for (const share of [0.55, 0.6, 0.7, 0.8, 0.83, 0.9, 0.93, 0.97, 0.99]) {
    const wanted = [share, 1 - share];
    const found = secondMoment(angularGaussianSpectrum(Float64Array.from(wanted)));
    for (const [i, m] of wanted.entries()) expect(Math.abs(found[i] / m - 1)).toBeLessThanOrEqual(1e-9);
  }
});

test('the size of a normal distribution does not change the directions', () => {
  const lambda = [0.6, 0.3, 0.1];
  const plain = secondMoment(Float64Array.from(lambda));
  for (const size of [1e-30, 1e30])
    secondMoment(Float64Array.from(lambda, (value) => size * value)).forEach((m, i) => {
      expect(m).toBeCloseTo(plain[i], 12);
    });
});

test('the second moment is that of directions that are drawn', () => {
  const lambda = [0.6, 0.25, 0.1, 0.05];
  const rng = new Rng(1, 'test');
  const sums = [0, 0, 0, 0];
  const draws = 40_000;
  for (let n = 0; n < draws; n++) {
    const squares = lambda.map((v) => v * rng.normal() ** 2);
    const length = squares.reduce((a, b) => a + b);
    squares.forEach((v, i) => {
      sums[i] += v / length / draws;
    });
  }
  secondMoment(Float64Array.from(lambda)).forEach((m, i) => {
    // Shares have an SD below 0.35.
    expect(Math.abs(m - sums[i])).toBeLessThan((4 * 0.35) / Math.sqrt(draws));
  });
});

test('there and back, also for spectra over many orders of magnitude', () => {
  const spectrum = fc.array(fc.double({ min: -8, max: 0, noNaN: true }), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(spectrum, (logs) => {
      const moment = Float64Array.from(logs, (l) => 10 ** l);
      const total = moment.reduce((a, b) => a + b);
      const found = secondMoment(angularGaussianSpectrum(moment));
      found.forEach((m, i) => {
        expect(Math.abs((m * total) / moment[i] - 1)).toBeLessThan(1e-6);
      });
    }),
    { numRuns: 40 },
  );
});

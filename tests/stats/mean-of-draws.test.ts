// The mean of draws, its error and spread, by hand.
import { expect, test } from 'vitest';
import { meanOfDraws } from '../../src/stats/mean-of-draws.js';
import { studentTQuantile } from '../../src/stats/student-t.js';

const t = (freedom: number) => studentTQuantile(0.975, freedom) / 1.96;
const one = new Map([['all', 3]]);

test('one stratum: SD/√n, stretched for few draws and for stopping', () => {
  const values = [1, 2, 3, 6];
  const sd = Math.sqrt(14 / 3);
  const { mean, error, spread } = meanOfDraws(values, ['all', 'all', 'all', 'all'], one);
  expect(mean).toBe(3);
  expect(error).toBeCloseTo((sd / 2) * t(3) * 1.5, 12);
  // Of the mean over the three draws of a cycle.
  expect(spread).toBeCloseTo((sd / Math.sqrt(3)) * t(3), 12);
  expect(meanOfDraws([2, 2], ['all', 'all'], one)).toEqual({ mean: 2, error: 0, spread: 0 });
});

test('two strata: balanced after two cycles, noise before', () => {
  const strata = new Map([
    ['low', 1],
    ['high', 1],
  ]);
  // Variances 0.02 and 0.08 in the strata, two draws each.
  const values = [0.9, 10.2, 9.8, 1.1];
  const of = ['low', 'high', 'high', 'low'];
  const { mean, error, spread } = meanOfDraws(values, of, strata);
  expect(mean).toBeCloseTo(5.5, 12);
  const terms = [0.25 * 0.01, 0.25 * 0.04];
  const square = terms[0] + terms[1];
  const freedom = square ** 2 / (terms[0] ** 2 + terms[1] ** 2);
  expect(error).toBeCloseTo(Math.sqrt(square) * t(freedom) * 1.5, 10);
  expect(spread).toBeCloseTo(Math.sqrt((0.5 * 0.02 + 0.5 * 0.08) / 2) * t(freedom), 10);
  // Three draws are no whole number of cycles.
  expect(meanOfDraws(values.slice(0, 3), of.slice(0, 3), strata).error).toBeGreaterThan(5);
});

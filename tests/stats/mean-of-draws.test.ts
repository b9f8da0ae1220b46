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

test('strata that are drawn one and three times in a cycle count as often', () => {
  const strata = new Map([
    ['low', 1],
    ['high', 3],
  ]);
  const values = [1, 10, 11, 12, 3, 10, 13, 10];
  const of = ['low', 'high', 'high', 'high', 'low', 'high', 'high', 'high'];
  const { mean, error, spread } = meanOfDraws(values, of, strata);
  expect(mean).toBe(70 / 8);
  // Variances 2 of two draws and 8/5 of six: 10, 11, 12, 10, 13, 10 with mean 11.
  const terms = [(1 / 16) * (2 / 2), (9 / 16) * (1.6 / 6)];
  const square = terms[0] + terms[1];
  const freedom = square ** 2 / (terms[0] ** 2 / 1 + terms[1] ** 2 / 5);
  expect(error).toBeCloseTo(Math.sqrt(square) * t(freedom) * 1.25, 10);
  expect(spread).toBeCloseTo(Math.sqrt((0.25 * 2 + 0.75 * 1.6) / 4) * t(freedom), 10);
});

/** As of one stratum: the SD of all. */
function overall(values: readonly number[], cycle: number) {
  const n = values.length;
  const centre = values.reduce((a, b) => a + b) / n;
  const variance = values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / (n - 1);
  return {
    mean: expect.closeTo(centre, 12),
    error: expect.closeTo(Math.sqrt(variance / n) * t(n - 1) * (1 + 2 / n), 10),
    spread: expect.closeTo(Math.sqrt(variance / cycle) * t(n - 1), 10),
  };
}

test('all draws count alike within a cycle, after one with a stratum drawn once, and where strata say less', () => {
  const two = new Map([
    ['low', 1],
    ['high', 1],
  ]);
  const of = ['low', 'high', 'high', 'low', 'low'];
  const cut = [0.9, 10.2, 9.8, 1.1, 1.3];
  expect(meanOfDraws(cut, of, two)).toEqual(overall(cut, 2));
  expect(meanOfDraws(cut.slice(0, 2), of.slice(0, 2), two)).toEqual(overall(cut.slice(0, 2), 2));
  // The strata are alike, and their degrees of freedom fewer.
  const alike = [1, 2, 3, 2.5];
  expect(meanOfDraws(alike, of.slice(0, 4), two)).toEqual(overall(alike, 2));
  const values = [1, 2, 3, 6, 7, 9];
  expect(meanOfDraws(values, new Array(6).fill('all'), one)).toEqual(overall(values, 3));
});

test('strata without any spread leave no error', () => {
  const two = new Map([
    ['low', 1],
    ['high', 1],
  ]);
  const found = meanOfDraws([1, 9, 9, 1], ['low', 'high', 'high', 'low'], two);
  expect(found).toEqual({ mean: 5, error: 0, spread: 0 });
});

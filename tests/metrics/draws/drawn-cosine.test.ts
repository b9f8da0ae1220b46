// One best |cosine| drawn by two numbers a direction, with numbers that are given instead of drawn.
import { expect, test } from 'vitest';
import { drawBestCosine } from '../../../src/metrics/draws/drawn-cosine.js';
import type { Rng } from '../../../src/tensor/index.js';

/** Gives these numbers in turn, and says how many are left. */
function given(normals: number[], uniforms: number[] = []) {
  const next = (of: number[]) => () => {
    if (of.length === 0) throw new Error('asked for more');
    return of.shift()!;
  };
  const rng = { normal: next(normals), uniform: next(uniforms) } as unknown as Rng;
  return { rng, left: () => [normals.length, uniforms.length] };
}

test('in one dimension it is 1 and nothing is drawn; in two the normals are the coordinates', () => {
  expect(drawBestCosine(1, 3, given([]).rng)).toBe(1);
  expect(drawBestCosine(2, 1, given([3, 4]).rng)).toBeCloseTo(3 / 5, 15);
  expect(drawBestCosine(2, 1, given([-4, 3]).rng)).toBeCloseTo(4 / 5, 15);
  // No length along the first axis is no cosine, whatever the rest is.
  expect(drawBestCosine(2, 1, given([0]).rng)).toBe(0);
  // The best of two, whichever comes first.
  expect(drawBestCosine(2, 2, given([3, 4, 5, 12]).rng)).toBeCloseTo(3 / 5, 15);
  expect(drawBestCosine(2, 2, given([5, 12, 3, 4]).rng)).toBeCloseTo(3 / 5, 15);
});

/** χ² of the rest, by 2d(1 + cx)³ with d = k/2 − 1/3 and c = 1/√(9d): numpy, from a normal number x that is accepted. */
test.each([
  { width: 3, x: 0, square: 4 / 3 },
  { width: 3, x: 1, square: 3.7237150041807543 },
  { width: 9, x: 0, square: 8 - 2 / 3 },
  { width: 9, x: 1.5, square: 14.70845422183814 },
  { width: 9, x: -1, square: 4.131607645428937 },
])('the squared length of the rest in $width dimensions from $x is $square', ({ width, x, square }) => {
  expect(drawBestCosine(width, 1, given([2, x], [0.5]).rng)).toBeCloseTo(Math.sqrt(4 / (4 + square)), 14);
});

test('what Marsaglia and Tsang reject is drawn again', () => {
  // Of χ²₂: no length from −3; from 3 one whose log of the ratio, −0.575, is below log 0.6 and above log 0.55.
  const again = given([2, -3, 3, 1], [0.4, 0.5]);
  expect(drawBestCosine(3, 1, again.rng)).toBeCloseTo(Math.sqrt(4 / (4 + 3.7237150041807543)), 14);
  expect(again.left()).toEqual([0, 0]);
  const taken = given([2, 3], [0.45]);
  expect(drawBestCosine(3, 1, taken.rng)).toBeCloseTo(Math.sqrt(4 / (4 + 14.681802561682867)), 14);
  // Of 0 the ratio is 1, which no uniform number is above.
  const least = given([2, 0, 0], [0, 0.5]);
  expect(drawBestCosine(3, 1, least.rng)).toBeCloseTo(Math.sqrt(4 / (4 + 4 / 3)), 14);
  expect(least.left()).toEqual([0, 0]);
});

test('a direction that no rest would make the best one is passed over', () => {
  // Least χ²₁₀₀₀: 1000·r with r − 1 − ln r = 120·ln 2/1000; scipy: −W(−exp(−1 − 120·ln 2/1000)).
  const least = 645.5954465235909;
  const best = 900 / (1000 - 2 / 3);
  const first = (share: number) => Math.sqrt(best * least * share);
  const short = given([30, 0, first(1 - 1e-6)], [0.5]);
  expect(drawBestCosine(1001, 2, short.rng)).toBeCloseTo(Math.sqrt(best / (1 + best)), 14);
  expect(short.left()).toEqual([0, 0]);
  const long = given([30, 0, first(1 + 1e-6), 0], [0.5, 0.5]);
  expect(drawBestCosine(1001, 2, long.rng)).toBeCloseTo(Math.sqrt(best / (1 + best)), 14);
  expect(long.left()).toEqual([0, 0]);
});

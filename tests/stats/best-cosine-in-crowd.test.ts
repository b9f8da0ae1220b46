// p-values in a crowd of directions: against inversion of the characteristic function, the isotropic formula, and draws.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxSurvival } from '../../src/stats/best-cosine.js';
import {
  type CrowdTail,
  crowdTail,
  maxSurvivalInCrowd,
  type SeenDirection,
  survivalInCrowd,
} from '../../src/stats/best-cosine-in-crowd.js';
import { Rng } from '../../src/tensor/rng.js';

interface Case {
  spectrum: string;
  direction: string;
  lambda: number[];
  squares: number[];
  tails: { cosine: number; value: number }[];
}

const fixture = (name: string): Case[] =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'));
const cases = fixture('crowd');

/** A direction by the squares of its coordinates. */
function seen({ weights, logS }: CrowdTail, squares: readonly number[]): SeenDirection {
  const b = Array.from(logS, (_, i) =>
    squares.reduce((sum, square, k) => sum + square * weights[i * squares.length + k], 0),
  );
  return { b, within: squares.reduce((a, c) => a + c, 0) };
}

test('tails from 1e-2 to 1e-6 of every spectrum and direction', () => {
  const worst = new Map<number, number>();
  for (const { spectrum, direction, lambda, squares, tails } of cases) {
    const crowd = crowdTail(Float64Array.from(lambda));
    for (const { cosine, value } of tails) {
      const off = Math.abs(Math.log(survivalInCrowd(crowd, seen(crowd, squares), cosine) / value));
      const size = Math.round(Math.log10(value));
      worst.set(size, Math.max(off, worst.get(size) ?? 0));
      const most = { [-2]: 1.25, [-4]: 1.12, [-6]: 1.08 }[size]!;
      expect(off, `${spectrum} (${lambda.length}), ${direction}, ${value}`).toBeLessThan(Math.log(most));
      // Of an isotropic crowd the tail is that of the whole sphere.
      if (spectrum === 'flat') expect(off).toBeLessThan(1e-3);
    }
  }
  expect([...worst.keys()].sort()).toEqual([-2, -4, -6]);
});

test.each(fixture('crowd-formula'))('the formula itself, by SciPy without a grid: $spectrum, $direction', ({
  lambda,
  squares,
  tails,
}) => {
  const crowd = crowdTail(Float64Array.from(lambda));
  const direction = seen(crowd, squares);
  // Next to the mean and next to 1 differences of nearly equal numbers remain of weights in float32.
  const most = [4e-4, 4e-5, 4e-5, 4e-5, 2e-4, 5e-3];
  for (const [at, { cosine, value }] of tails.entries())
    expect(Math.abs(survivalInCrowd(crowd, direction, cosine) / value - 1), `${cosine}`).toBeLessThan(
      most[at],
    );
});

test('below the mean it is that of the sphere in as many dimensions as 1 over the mean square', () => {
  // In a plane the angle is uniform: P(|cos φ| ≥ c) = 2·acos(c)/π.
  const plane = crowdTail(Float64Array.of(1, 1));
  const uniform = (c: number) => (2 * Math.acos(c)) / Math.PI;
  for (const c of [0.05, 0.3, 0.5, 0.7])
    expect(survivalInCrowd(plane, seen(plane, [0.5, 0.5]), c)).toBeCloseTo(uniform(c), 4);
  // Half of a direction lies outside: all cosines are smaller by √½.
  for (const c of [0.05, 0.3, 0.45])
    expect(survivalInCrowd(plane, seen(plane, [0.25, 0.25]), c)).toBeCloseTo(uniform(c * Math.SQRT2), 4);
  // In three dimensions |cos| is uniform itself.
  const space = crowdTail(Float64Array.of(1, 1, 1));
  for (const c of [0.05, 0.3, 0.5])
    expect(survivalInCrowd(space, seen(space, [0.2, 0.2, 0.6]), c)).toBeCloseTo(1 - c, 4);
});

test('a direction with more than half of the crowd is one in less than two dimensions', () => {
  // Where B is b at the first point of the grid, the number of dimensions is 1/b: I_{1−c²}((1/b − 1)/2, ½), mpmath 1.3.
  const plane = crowdTail(Float64Array.of(1, 1));
  const tail = (b: number, cosine: number) =>
    survivalInCrowd(plane, { b: new Float64Array(plane.logS.length).fill(b), within: 1 }, cosine);
  expect(tail(1 / 1.25, 0.3)).toBeCloseTo(0.9337611730863665, 12);
  expect(tail(1 / 1.25, 0.6)).toBeCloseTo(0.853878260983198, 12);
  expect(tail(1 / 1.6, 0.3)).toBeCloseTo(0.865359141050121, 12);
  expect(tail(1 / 1.6, 0.6)).toBeCloseTo(0.7090459682447979, 12);
  // All of it is one dimension, in which every |cosine| is 1.
  expect(tail(1, 0.6)).toBe(1);
});

test('the best of some is as high with 1 − (1 − p₁)^G', () => {
  const space = crowdTail(Float64Array.of(1, 1, 1));
  const direction = seen(space, [0.2, 0.2, 0.6]);
  const best = (features: number, cosine: number) => maxSurvivalInCrowd(space, features, direction, cosine);
  // In three dimensions |cos| is uniform.
  for (const features of [1, 2, 7]) expect(best(features, 0.5)).toBeCloseTo(1 - 0.5 ** features, 4);
  // Of a small p₁ it is nearly G times as much: for G = 3, 3p₁ − 3p₁² + p₁³.
  const one = survivalInCrowd(space, direction, 0.9999);
  expect(one).toBeGreaterThan(0.9e-4);
  expect(one).toBeLessThan(1.1e-4);
  expect(best(3, 0.9999) / (3 * one - 3 * one ** 2 + one ** 3)).toBeCloseTo(1, 12);
  expect([best(1, 0), best(1000, 0)]).toEqual([1, 1]);
});

test('it has no step that matters where the cosine passes the mean, and the formula changes', () => {
  for (const { spectrum, direction, lambda, squares } of cases) {
    const crowd = crowdTail(Float64Array.from(lambda));
    const of = seen(crowd, squares);
    const total = lambda.reduce((a, b) => a + b);
    const mean = Math.sqrt(lambda.reduce((sum, value, k) => sum + value * squares[k], 0) / total);
    if (mean > 0.99) continue;
    const at = [-1e-4, -1e-5, -1e-6, 0, 1e-6, 1e-5, 1e-4].map((off) =>
      survivalInCrowd(crowd, of, mean * (1 + off)),
    );
    for (const [n, p] of at.entries()) {
      expect(Math.abs(p / at[3] - 1), `${spectrum}, ${direction}, ${n}`).toBeLessThan(0.02);
    }
  }
});

test('of a direction that the crowd does not reach only the cosine 0 is ever met', () => {
  const plane = crowdTail(Float64Array.of(1, 1));
  const outside = seen(plane, [0, 0]);
  expect([0, 0.1].map((c) => survivalInCrowd(plane, outside, c))).toEqual([1, 0]);
  expect(survivalInCrowd(plane, seen(plane, [0.5, 0.5]), 1)).toBe(0);
});

test('next to a cosine of 1 it goes on falling, and stays a probability', () => {
  for (const { spectrum, direction, lambda, squares } of cases) {
    const crowd = crowdTail(Float64Array.from(lambda));
    const of = seen(crowd, squares);
    let last = survivalInCrowd(crowd, of, 0.99);
    for (let k = 3; k <= 15; k++) {
      const p = survivalInCrowd(crowd, of, 1 - 10 ** -k);
      expect(p, `${spectrum}, ${direction}, ${k}`).toBeLessThanOrEqual(last);
      expect(p).toBeGreaterThanOrEqual(0);
      last = p;
    }
  }
});

test('of a flat spectrum it is the p-value on the sphere, at any cosine and in any number of dimensions', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 300 }),
      fc.integer({ min: 1, max: 20_000 }),
      fc.double({ min: 0.001, max: 0.99, noNaN: true }),
      (d, features, cosine) => {
        const crowd = crowdTail(new Float64Array(d).fill(3));
        const direction = seen(
          crowd,
          Array.from({ length: d }, () => 1 / d),
        );
        const expected = maxSurvival(d, features, cosine);
        const found = maxSurvivalInCrowd(crowd, features, direction, cosine);
        if (expected > 1e-250) expect(Math.abs(found / expected - 1)).toBeLessThan(1e-3);
      },
    ),
    { numRuns: 300 },
  );
});

test('p-values of the best among drawn directions are nearly uniform where they matter', () => {
  const lambda = Float64Array.from({ length: 12 }, (_, k) => 1 / (1 + k));
  const crowd = crowdTail(lambda);
  const rng = new Rng(5, 'test');
  const draw = () => lambda.map((value) => Math.sqrt(value) * rng.normal());
  const length = (x: Float64Array) => Math.hypot(...x);
  const below = new Map([0.3, 0.1, 0.02].map((level) => [level, 0]));
  for (let n = 0; n < 2000; n++) {
    const u = draw();
    const squares = Array.from(u, (value) => (value / length(u)) ** 2);
    let best = 0;
    for (let j = 0; j < 40; j++) {
      const x = draw();
      const product = x.reduce((sum, value, k) => sum + value * u[k], 0);
      best = Math.max(best, Math.abs(product) / length(x) / length(u));
    }
    const p = maxSurvivalInCrowd(crowd, 40, seen(crowd, squares), Math.min(best, 1));
    for (const [level, count] of below) if (p <= level) below.set(level, count + 1);
  }
  for (const [level, count] of below) {
    const error = Math.sqrt((level * (1 - level)) / 2000);
    expect(Math.abs(count / 2000 - level), `${level}`).toBeLessThan(0.1 * level + 4 * error);
  }
});

test('it falls as the cosine grows, and is 1 at 0 and 0 beyond the span of the crowd', () => {
  for (const { lambda, squares } of cases) {
    const crowd = crowdTail(Float64Array.from(lambda));
    const direction = seen(crowd, squares);
    let last = 1;
    for (let c = 0; c <= 1; c += 0.02) {
      const p = survivalInCrowd(crowd, direction, c);
      expect(p).toBeLessThanOrEqual(last + 1e-9);
      last = p;
    }
    expect(survivalInCrowd(crowd, direction, 0)).toBe(1);
  }
  const plane = crowdTail(Float64Array.of(1, 1));
  const tilted = seen(plane, [0.3, 0.2]);
  expect(survivalInCrowd(plane, tilted, 0.71)).toBe(0);
  // In a plane the angle to the projection is uniform: P(|cos φ| ≥ c/‖Pû‖) = 2·acos(·)/π.
  expect(survivalInCrowd(plane, tilted, 0.6)).toBeCloseTo((2 * Math.acos(0.6 / Math.sqrt(0.5))) / Math.PI, 3);
  const line = crowdTail(Float64Array.of(2));
  expect(survivalInCrowd(line, seen(line, [0.25]), 0.5)).toBe(1);
  expect(survivalInCrowd(line, seen(line, [0.25]), 0.51)).toBe(0);
  expect(() => crowdTail(new Float64Array(3))).toThrow(/no spectrum/);
});

test('the grid goes from s·λ_max = 1e-5 to s·λ_min = 1e10, whatever the scale of the spectrum and without its zeros', () => {
  const { logS, lambda } = crowdTail(Float64Array.of(2, 0, 6));
  expect([...lambda]).toEqual([0.25, 0, 0.75]);
  expect(logS[0]).toBeCloseTo(Math.log(1e-5 / 0.75), 12);
  const ends = (last: number, end: number) => {
    expect(last).toBeGreaterThanOrEqual(end - 1e-9);
    expect(last).toBeLessThan(end + 0.2);
  };
  ends(logS.at(-1)!, Math.log(1e10 / 0.25));
  // Values below a billionth of the largest are as good as none.
  const steep = crowdTail(Float64Array.of(1, 1e-12));
  ends(steep.logS.at(-1)!, Math.log(1e19));
});

test('of a crowd on one line every direction has the same cosine; without a spectrum there is none', () => {
  const crowd = crowdTail(Float64Array.of(3));
  const along = (within: number, cosine: number) => survivalInCrowd(crowd, { b: [], within }, cosine);
  expect([along(1, 1), along(0.25, 0.5), along(0.25, 0.5 + 5e-7), along(0.25, 0.5 + 2e-6)]).toEqual([
    1, 1, 1, 0,
  ]);
  expect(along(0.25, 0)).toBe(1);
  const refused = expect.objectContaining({
    code: 'usage.argument',
    details: expect.objectContaining({ field: 'lambda', found: 'sum 0' }),
  });
  expect(() => crowdTail(new Float64Array(2))).toThrow(refused);
});

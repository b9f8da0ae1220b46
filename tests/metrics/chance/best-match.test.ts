// Chance levels: against scipy, by hand, and against directions that are really drawn.
import { afterAll, expect, test } from 'vitest';
import type { Kernel } from '../../../src/kernel/interface.js';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import {
  bestMatchLevel,
  drawMax,
  meanByFormula,
  multiplyAdds,
  randomDirectionsNull,
  sdByFormula,
} from '../../../src/metrics/chance/best-match.js';
import { expectedMax, pairSpread } from '../../../src/stats/best-cosine.js';
import { mean } from '../../../src/stats/summary.js';
import { type Matrix, Rng, unitRows, zeros } from '../../../src/tensor/index.js';
import { fixture } from '../fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

test('the expected largest |cosine| agrees with scipy', () => {
  for (const { width, features, value } of fixture.expectedMax) {
    expect(Math.abs(expectedMax(width, features) - value), `(${width}, ${features})`).toBeLessThan(1e-7);
  }
});

test('the expected largest |cosine| in cases with a formula', () => {
  expect(expectedMax(1, 5)).toBe(1);
  expect(expectedMax(2, 1)).toBeCloseTo(2 / Math.PI, 8);
  // In three dimensions |cosine| is uniform: the largest of F has mean F/(F + 1).
  for (const features of [1, 4, 100, 100_000]) {
    expect(expectedMax(3, features)).toBeCloseTo(features / (features + 1), 8);
  }
  expect(() => expectedMax(128, 0)).toThrow(/features.*≥ 1/);
});

test('the expected largest |cosine| at the sizes of real dictionaries', () => {
  expect(expectedMax(128, 16)).toBeCloseTo(0.183, 3);
  expect(expectedMax(128, 128)).toBeCloseTo(0.247, 3);
  expect(expectedMax(128, 1024)).toBeCloseTo(0.2988, 4);
  expect(expectedMax(512, 256)).toBeCloseTo(0.134, 3);
  expect(expectedMax(512, 4096)).toBeCloseTo(0.1671, 4);
  expect(expectedMax(768, 8192)).toBeCloseTo(0.1427, 4);
});

test('drawn groups scatter about the exact mean, also for unequal widths', async () => {
  const draws = 40;
  const drawn: number[] = [];
  const watching: Kernel = {
    ...kernel,
    bestMatches: async (a, b) => {
      const matches = await kernel.bestMatches(a, b);
      drawn.push(0.5 * (mean(matches.aToB.abs.value) + mean(matches.bToA.abs.value)));
      return matches;
    },
  };
  const none = await randomDirectionsNull([30, 60, 90], 16, { kernel: watching, seed: 1, draws });
  const of = (f: number) => expectedMax(16, f);
  expect(none.mean).toBeCloseTo((of(30) + of(60) + of(90)) / 3, 10);
  expect(drawn).toHaveLength(3 * draws);
  expect(Math.abs(mean(drawn) - none.mean)).toBeLessThan((4 * none.sd) / Math.sqrt(draws));
  expect(none).toMatchObject({ kind: 'random-directions', draws, exact: true });
  expect(none.high - none.low).toBeCloseTo(2 * 1.96 * none.sd, 12);
  // One best |cosine| has an SD near 0.06; the mean of a group is far steadier, but not constant.
  expect(none.sd).toBeGreaterThan(0.0005);
  expect(none.sd).toBeLessThan(0.01);
});

test('the same seed gives the same null; a null over pairs needs two members and two draws', async () => {
  const draw = (seed: number) => randomDirectionsNull([20, 20], 8, { kernel, seed, draws: 3 });
  expect(await draw(5)).toEqual(await draw(5));
  expect((await draw(5)).sd).not.toBe((await draw(6)).sd);
  await expect(randomDirectionsNull([20], 8, { kernel, seed: 1, draws: 3 })).rejects.toThrow(/two members/);
  await expect(randomDirectionsNull([20, 20], 8, { kernel, seed: 1, draws: 1 })).rejects.toThrow(/draws/);
});

const stopped = { kernel, seed: 1, draws: 2, signal: AbortSignal.abort() };

test('a pair of single directions in three dimensions, and the mean over unequal pairs', () => {
  // |cosine| is uniform there: mean ½, variance 1/12; the largest of F has mean F/(F + 1).
  expect(meanByFormula([1, 1], 3)).toBeCloseTo(1 / 2, 8);
  expect(sdByFormula([1, 1], 3)).toBeCloseTo(Math.sqrt(1 / 12), 7);
  expect(meanByFormula([1, 4, 4], 3)).toBeCloseTo((0.5 + 0.8 + 0.8) / 3, 8);
  const [unequal, same] = [pairSpread(3, 1, 4), pairSpread(3, 4, 4)];
  expect(sdByFormula([1, 4, 4], 3)).toBeCloseTo(Math.sqrt(2 * unequal ** 2 + same ** 2) / 3, 14);
});

test('groups are drawn for the SD up to 2³¹ multiply-adds, and else it has a formula too', async () => {
  expect(multiplyAdds([2, 3, 4], 5)).toBe((2 * 3 + 2 * 4 + 3 * 4) * 5);
  await expect(randomDirectionsNull([2 ** 15, 2 ** 15], 2, stopped)).rejects.toThrow(/cancelled/);
  const widths = [2 ** 15, 2 ** 15 + 1];
  const [mean, sd] = [meanByFormula(widths, 2), sdByFormula(widths, 2)];
  const [low, high] = [mean - 1.96 * sd, mean + 1.96 * sd];
  const level = await randomDirectionsNull(widths, 2, stopped);
  expect(level).toEqual({ kind: 'random-directions', mean, sd, low, high, draws: 0, exact: true });
  // What would not be drawn is refused like what would.
  await expect(randomDirectionsNull(widths, 2, { ...stopped, draws: 1 })).rejects.toThrow(/draws/);
  expect(() => meanByFormula([5], 2)).toThrow(/two members/);
});

test('every draw is a whole group from streams of its own, and all that are asked for are drawn', async () => {
  const seen: Matrix[][] = [];
  const watching: Kernel = {
    ...kernel,
    bestMatches: (a, b) => {
      seen.push([a, b]);
      return kernel.bestMatches(a, b);
    },
  };
  const fresh = (member: number, rows: number, n: number) => {
    const out = zeros(rows, 3);
    new Rng(7, 'null', 'random-directions', n, member).fillNormal(out.data);
    return unitRows(out).unit;
  };
  const options = { kernel: watching, seed: 7, draws: 3, precision: 1 };
  const { mean, sd, draws } = await drawMax([2, 3, 4], 3, options);
  expect(draws).toBe(3);
  expect(seen).toHaveLength(9);
  const [a, b, c] = [2, 3, 4].map((rows, member) => fresh(member, rows, 2));
  expect(seen.slice(6)).toEqual([
    [a, b],
    [a, c],
    [b, c],
  ]);
  expect(mean).toBeGreaterThan(0.5);
  // A null takes the SD of them alone.
  const level = await randomDirectionsNull([2, 3, 4], 3, options);
  expect(level).toMatchObject({ kind: 'random-directions', sd, draws: 3, exact: true });
});

test('the check draws pairs up to 2³³ multiply-adds, and fifty features for each draw beyond', async () => {
  const { name, level, check } = bestMatchLevel;
  expect(name).toBe('best-match');
  const options = { kernel, seed: 1, draws: 3 };
  expect(await level([4, 5], 6, options)).toEqual(await randomDirectionsNull([4, 5], 6, options));
  const { sd: _, ...drawn } = await drawMax([4, 5], 6, options);
  expect(await check!([4, 5], 6, options)).toEqual({ of: 'pairs', ...drawn });
  await expect(check!([2 ** 9, 2 ** 9], 2 ** 15, stopped)).rejects.toThrow(/cancelled/);
  const widths = [2 ** 9, 2 ** 9 + 1];
  const features = await check!(widths, 2 ** 15, stopped);
  expect(features).toMatchObject({ of: 'features', draws: 100 });
  const off = features!.mean - meanByFormula(widths, 2 ** 15);
  expect(Math.abs(off)).toBeLessThan(4 * features!.meanError);
});

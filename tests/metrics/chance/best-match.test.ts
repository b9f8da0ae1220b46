// Chance levels: against scipy, by hand, and against directions that are really drawn.
import { afterAll, expect, test } from 'vitest';
import type { Kernel } from '../../../src/kernel/interface.js';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import { randomDirectionsNull } from '../../../src/metrics/chance/best-match.js';
import { expectedMax } from '../../../src/stats/best-cosine.js';
import { mean } from '../../../src/stats/summary.js';
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

// Every null that has a formula, against 1,000 pairs drawn at each point of a grid of shapes (bench/null-grid.mjs).
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import { meanByFormula, sdByFormula } from '../../../src/metrics/chance/best-match.js';
import { sharedDirectionsNulls } from '../../../src/metrics/chance/shared.js';
import { randomSubspacesNull } from '../../../src/metrics/nulls/random-subspaces.js';
import { meanOptimalWeight } from '../../../src/stats/cavity-equation.js';
import {
  assignmentFormulaHolds,
  assignmentSpread,
  cosines,
  expectedAssignment,
} from '../../../src/stats/random-assignment.js';
import { mean } from '../../../src/stats/summary.js';

interface Point {
  readonly metric: string;
  readonly d: number;
  readonly f: number;
  readonly g: number;
  readonly draws: number;
  readonly mean: number;
  readonly sd: number;
}

const { points }: { readonly points: readonly Point[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/null-grid.json', import.meta.url), 'utf8'),
);

interface Moments {
  readonly mean: number;
  readonly sd: number;
}

interface Formula {
  readonly holds: (point: Point) => boolean;
  readonly of: (point: Point) => Moments | Promise<Moments>;
  /** Stated relative accuracy of the SD. */
  readonly sdWithin: number;
}

const oneToOne = (absolute: boolean): Formula => ({
  holds: ({ d, f, g }) => assignmentFormulaHolds(d, f, g),
  of: ({ d, f, g }) => ({
    mean: expectedAssignment(d, f, g, absolute),
    sd: assignmentSpread(d, f, g, absolute),
  }),
  sdWithin: 0.1,
});

const subspace = (rank: number): Formula => ({
  holds: () => true,
  of: ({ d }) => randomSubspacesNull(rank, d, 2),
  sdWithin: 0,
});

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const formulas: Record<string, Formula> = {
  'decoder.max': {
    // The spread takes two rows for uncorrelated.
    holds: ({ d }) => d >= 16,
    of: ({ d, f, g }) => ({ mean: meanByFormula([f, g], d), sd: sdByFormula([f, g], d) }),
    sdWithin: 0.05,
  },
  'decoder.matched': oneToOne(false),
  'decoder.matched.abs': oneToOne(true),
  'subspace.8': subspace(8),
  'subspace.16': subspace(16),
  'subspace.32': subspace(32),
  'subspace.64': subspace(64),
  'shared.lenient': {
    holds: () => true,
    // What has to be drawn is the strict form.
    of: async ({ d, f, g }) =>
      (await sharedDirectionsNulls([f, g], d, { kernel, seed: 1, draws: 2 })).lenient,
    sdWithin: 0,
  },
};

const held = points.filter((point) => formulas[point.metric].holds(point));
const byFormula = await Promise.all(held.map(async (point) => formulas[point.metric].of(point)));

test('the grid holds every null that has a formula, from 1,000 draws each but the largest', () => {
  expect([...new Set(held.map(({ metric }) => metric))].sort()).toEqual(Object.keys(formulas).sort());
  expect(held.filter(({ draws }) => draws >= 1000).length).toBeGreaterThanOrEqual(100);
  expect(points.every(({ draws, d, f, g }) => draws >= 1000 || d * f * g > 2 ** 23)).toBe(true);
});

test('means by formula are within 3 standard errors of the drawn ones', () => {
  const off = held.map(({ mean, sd, draws }, i) => (byFormula[i].mean - mean) / (sd / Math.sqrt(draws)));
  for (const [i, point] of held.entries()) {
    expect(Math.abs(off[i]), JSON.stringify(point)).toBeLessThan(3);
  }
  // All together they scatter as draws do, which would show an error of half a standard error throughout.
  const square = mean(off.map((z) => z * z));
  expect(square).toBeLessThan(1 + 3 * Math.sqrt(2 / off.length));
});

test('SDs by formula are as accurate as stated', () => {
  for (const [i, point] of held.entries()) {
    // An SD from n draws of a roughly normal score has the relative error 1/√(2n).
    const noise = 3.5 / Math.sqrt(2 * point.draws);
    const off = Math.abs(byFormula[i].sd / point.sd - 1);
    expect(off, JSON.stringify(point)).toBeLessThan(formulas[point.metric].sdWithin + noise);
  }
});

test('in eight dimensions independent cosines are off, so the formula is not used', () => {
  const crowded = points.filter(({ metric, d, f }) => metric === 'decoder.matched' && d === 8 && f === 128);
  expect(crowded).toHaveLength(1);
  for (const { d, f, g, mean, sd, draws } of crowded) {
    expect(assignmentFormulaHolds(d, f, g)).toBe(false);
    const off = meanOptimalWeight(cosines(d, false), f, g) - mean;
    expect(off).toBeGreaterThan((10 * sd) / Math.sqrt(draws));
  }
});

// What crowds score, with best cosines that are given: means, errors and spreads by hand, what is drawn and how often.
import { afterAll, expect, test } from 'vitest';
import type { Kernel } from '../../../src/kernel/interface.js';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import { type Crowd, drawOnAxes } from '../../../src/metrics/draws/crowd.js';
import { crowdScores } from '../../../src/metrics/draws/crowd-scores.js';
import { inTurn } from '../../../src/metrics/draws/draw-scores.js';
import type { DrawOptions } from '../../../src/metrics/draws/draws.js';
import { bothWays } from '../../../src/stats/best-cosine.js';
import { mean, sampleSd } from '../../../src/stats/summary.js';
import { type Matrix, Rng, row, zeros } from '../../../src/tensor/index.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

/** A crowd on the first axes of d, with these shares of the second moment; drawn with the same, which only matters for draws. */
function crowd(features: number, d: number, shares: readonly number[]): Crowd {
  const axes = zeros(shares.length, d);
  for (const k of shares.keys()) axes.data[k * d + k] = 1;
  const moment = Float64Array.from(shares);
  return { features, moment, lambda: moment, axes };
}

interface Asked {
  readonly looking: Matrix;
  readonly drawn: Matrix;
}

/** Crowds whose best cosines are these, by the direction that looks and its place; and what was asked. */
async function scored(
  crowds: readonly Crowd[],
  best: (looking: Float32Array, at: number, asked: Asked) => number,
  options: Partial<DrawOptions> = {},
) {
  const seen: Asked[] = [];
  const bestMatches: Kernel['bestMatches'] = async (a, b) => {
    const copy = ({ rows, cols, data }: Matrix): Matrix => ({ rows, cols, data: data.slice() });
    const asked = { looking: copy(a), drawn: copy(b) };
    seen.push(asked);
    const found = (of: Float64Array) => ({
      value: of,
      index: new Int32Array(of.length),
      secondValue: of,
      secondIndex: new Int32Array(of.length),
    });
    const ofA = found(Float64Array.from({ length: a.rows }, (_, i) => best(row(a, i), i, asked)));
    const ofB = found(new Float64Array(b.rows));
    return { aToB: { abs: ofA, signed: ofA }, bToA: { abs: ofB, signed: ofB } };
  };
  const all = { kernel: { ...kernel, bestMatches }, seed: 6, draws: 2, precision: 0, ...options };
  return { drawn: await crowdScores('test', crowds, all), seen };
}

const few = [2 / 3, 1 / 3];

test('whole groups are drawn up to 2²⁰ multiply-adds to make a set, and else single sets, where any is larger', async () => {
  // In 256 dimensions sixteen features are 2²⁰. A group of two asks once for both, a set for those that look in it.
  const asked = async (...features: number[]) => {
    const crowds = features.map((count) => crowd(count, 256, few));
    const { seen } = await scored(crowds, () => 0.5);
    return seen.map(({ drawn }) => drawn.cols);
  };
  // Whole sets in space; else on their axes.
  expect(await asked(16, 16)).toEqual([256, 256]);
  expect(await asked(16, 17)).toEqual([2, 2]);
  expect(await asked(17, 17)).toEqual([2, 2]);
});

test('few directions: the mean of their cosines, their spread as error, and the SD of the group, by hand', async () => {
  const sizes = [2, 22, 24];
  const crowds = sizes.map((features) => crowd(features, 256, few));
  // Each set is told by how many directions it has, and has an amplitude of its own.
  const amplitude = new Map([
    [2, 0.1],
    [22, 0.2],
    [24, 0.3],
  ]);
  const variance = (set: number, rows: number) => (amplitude.get(set)! ** 2 * rows) / (rows - 1);
  const { drawn, seen } = await scored(
    crowds,
    (_, at, { drawn: { rows } }) => 0.5 + (at % 2 === 0 ? 1 : -1) * amplitude.get(rows)!,
  );
  const turns = [0, 1].map((n) => inTurn(n, 3, 6, 'test'));
  expect(seen.map(({ drawn: { rows } }) => rows)).toEqual(turns.map((set) => sizes[set]));
  const others = (set: number) => sizes.filter((size) => size !== sizes[set]);
  expect(seen.map(({ looking: { rows } }) => rows)).toEqual(
    turns.map((set) => others(set)[0] + others(set)[1]),
  );
  expect(drawn.mean).toBeCloseTo(0.5, 14);
  expect(drawn.draws).toBe(2);
  // The two means are the same, so that the error is that of the rows: √Σv/2, v = mean(variance/rows)/2.
  const ofDraw = turns.map((set) => {
    const parts = others(set).map((rows) => variance(sizes[set], rows) / rows);
    return (parts[0] + parts[1]) / 2 / 2;
  });
  expect(drawn.meanError).toBeCloseTo(Math.sqrt(ofDraw[0] + ofDraw[1]) / 2, 12);
  // The set that was not drawn has the mean variance of those that were.
  const known = turns.map((set) => {
    const [a, b] = others(set).map((rows) => variance(sizes[set], rows));
    return (a + b) / 2;
  });
  const filled = sizes.map((_, set) => known[turns.indexOf(set)] ?? (known[0] + known[1]) / 2);
  const sum = [
    [0, 1],
    [0, 2],
    [1, 2],
  ].reduce((total, [i, j]) => {
    const both = bothWays(256, sizes[i], sizes[j]);
    return total + 0.25 * (filled[j] / sizes[i] + filled[i] / sizes[j]) * both;
  }, 0);
  expect(drawn.sd).toBeCloseTo(Math.sqrt(sum) / 3, 12);
});

test('what follows from a direction’s mean cos² with the set is taken away, from 32 directions on', async () => {
  // Moments (1/2, 1/3, 1/6) and (1/4, 1/4, 1/2) on the same axes: E[q] = 1/8 + 1/12 + 1/12 = 7/24 both ways.
  const [own, other] = [
    [1 / 2, 1 / 3, 1 / 6],
    [1 / 4, 1 / 4, 1 / 2],
  ];
  const q = (looking: Float32Array, moment: readonly number[]) =>
    moment.reduce((sum, share, k) => sum + share * looking[k] ** 2, 0);
  for (const features of [31, 32]) {
    const crowds = [crowd(features, 256, own), crowd(features + 1, 256, other)];
    const inSet: number[][] = [];
    const { drawn, seen } = await scored(crowds, (looking, at, { drawn: { rows } }) => {
      const moment = rows === features ? own : other;
      const value = 0.3 + 0.4 * q(looking, moment);
      if (at === 0) inSet.push([]);
      inSet.at(-1)!.push(value);
      return value;
    });
    expect(seen.map(({ looking: { rows } }) => rows).sort()).toEqual([features, features + 1]);
    const exact = 0.3 + 0.4 * (7 / 24);
    // Of a line in q nothing is left to chance.
    if (features === 32) {
      expect(drawn.mean).toBeCloseTo(exact, 6);
      expect(drawn.meanError).toBeLessThan(1e-6);
    } else {
      expect(Math.abs(drawn.mean - exact)).toBeGreaterThan(1e-4);
      expect(drawn.meanError).toBeGreaterThan(1e-3);
    }
    // The spread is that of the cosines themselves.
    const first = inTurn(0, 2, 6, 'test');
    const [inFirst, inSecond] = [0, 1].map((set) => sampleSd(inSet[set === first ? 0 : 1]) ** 2);
    const one = 0.25 * (inSecond / features + inFirst / (features + 1));
    const sd = Math.sqrt(one * bothWays(256, features, features + 1));
    expect(drawn.sd).toBeCloseTo(sd, 12);
  }
});

test('what is left beside the line in q has n − 2 degrees of freedom', async () => {
  const features = 40;
  const crowds = [crowd(features, 256, few), crowd(features, 256, few)];
  /** ±0.1 in turn, less what a line in q makes of it: least squares, as in any book. */
  const restOf = ({ looking }: Asked) => {
    const q = Array.from(
      { length: features },
      (_, i) => (2 * row(looking, i)[0] ** 2 + row(looking, i)[1] ** 2) / 3,
    );
    const turns = q.map((_, i) => (i % 2 === 0 ? 0.1 : -0.1));
    const centre = mean(q);
    const slope = mean(turns.map((y, i) => y * (q[i] - centre))) / mean(q.map((x) => (x - centre) ** 2));
    return turns.map((y, i) => ({ q: q[i], rest: y - mean(turns) - slope * (q[i] - centre) }));
  };
  const squares = new Map<Asked, number>();
  const { drawn } = await scored(crowds, (_, at, asked) => {
    const all = restOf(asked);
    squares.set(
      asked,
      all.reduce((sum, { rest }) => sum + rest ** 2, 0),
    );
    return 0.3 + 0.4 * all[at].q + all[at].rest;
  });
  // The mean is that of the line at E[q] = 4/9 + 1/9, in either draw.
  expect(drawn.mean).toBeCloseTo(0.3 + 0.4 * (5 / 9), 6);
  const [a, b] = [...squares.values()].map((sum) => sum / (features - 2) / features);
  expect(drawn.meanError).toBeCloseTo(Math.sqrt(a + b) / 2, 7);
});

test('the directions of each set count as much as those of others, whatever their number', async () => {
  const sizes = [20, 21, 22];
  const crowds = sizes.map((features) => crowd(features, 256, few));
  const { drawn } = await scored(crowds, (_, at, { drawn: { rows } }) =>
    at < sizes.find((size) => size !== rows)! ? 0.2 : 0.8,
  );
  expect(drawn.mean).toBeCloseTo(0.5, 14);
});

test('a single direction has no spread; on a single axis all have the same q', async () => {
  const known = { mean: 0.5, sd: 0, meanError: 0, draws: 2 };
  expect((await scored([crowd(1, 256, few), crowd(17, 256, few)], () => 0.5)).drawn).toEqual(known);
  const line = await scored([crowd(40, 256, [1]), crowd(40, 256, [1])], (_, at) =>
    at % 2 === 0 ? 0.4 : 0.6,
  );
  expect(line.drawn.mean).toBeCloseTo(0.5, 14);
  expect(line.drawn.meanError).toBeCloseTo(Math.sqrt((2 * 0.01 * 40) / 39 / 40) / 2, 12);
});

test('4096 directions look in a set together, 1024 where a thousandth is near enough', async () => {
  const asked = async (count: number, precision?: number) => {
    const crowds = Array.from({ length: count }, () => crowd(5000, 16, few));
    const { seen } = await scored(crowds, () => 0.5, { precision });
    return seen[0].looking.rows;
  };
  expect(await asked(2)).toBe(4096);
  expect(await asked(2, 0.999e-3)).toBe(4096);
  expect(await asked(2, 1e-3)).toBe(1024);
  expect(await asked(4, 1e-3)).toBe(3 * 342);
});

test('sets, and those that look in them, come from streams of their own', async () => {
  const crowds = [crowd(20, 256, few), crowd(21, 256, few), crowd(22, 256, few)];
  const { seen } = await scored(crowds, () => 0.5, { draws: 3 });
  seen.forEach(({ looking, drawn }, n) => {
    const set = inTurn(n, 3, 6, 'test');
    const rng = (...of: (string | number)[]) => new Rng(6, 'null', 'test', 'sets', n, ...of);
    expect(drawn).toEqual(drawOnAxes(crowds[set], 20 + set, rng('set')));
    const others = [0, 1, 2].filter((i) => i !== set);
    const all = others.flatMap((i) => [...drawOnAxes(crowds[i], 20 + i, rng('looking', i)).data]);
    expect([...looking.data].map((v) => v.toFixed(6))).toEqual(all.map((v) => v.toFixed(6)));
  });
});

test('no cosine is above 1, and drawing ends at the precision, or after whole cycles of unlike sets', async () => {
  const crowds = [20, 21, 22].map((features) => crowd(features, 256, few));
  const one = await scored(crowds, () => 1.2, { draws: 9, precision: 1e-9 });
  expect(one.drawn).toEqual({ mean: 1, sd: 0, meanError: 0, draws: 2 });
  const noisy = (_: Float32Array, at: number) => 0.5 + (at % 2 === 0 ? 0.1 : -0.1);
  expect((await scored(crowds, noisy, { draws: 8 })).drawn.draws).toBe(6);
  expect((await scored(crowds, noisy, { draws: 5 })).drawn.draws).toBe(5);
  const { meanError } = (await scored(crowds, noisy, { draws: 4 })).drawn;
  expect((await scored(crowds, noisy, { draws: 8, precision: meanError })).drawn.draws).toBe(4);
});

test('too little to draw from is refused, and what is cancelled ends', async () => {
  const crowds = [20, 21].map((features) => crowd(features, 256, few));
  for (const [of, options, message] of [
    [crowds.slice(1), {}, /two members/],
    [crowds, { draws: 1 }, /draws/],
    [crowds, { precision: Number.NaN }, /precision/],
    [crowds, { signal: AbortSignal.abort() }, /cancelled/],
  ] as const) {
    await expect(scored(of, () => 0.5, options)).rejects.toThrow(message);
  }
});

// Drawing scores of groups: what each way draws, and that both say the same where pairs are uncorrelated.
import { expect, test } from 'vitest';
import { drawScores } from '../../../src/metrics/draws/draw-scores.js';

const options = { seed: 3, draws: 4000, precision: 0 };

interface Set {
  label: number;
  value: number;
}

/** Sets are numbers with the SD of their label; scores of uncorrelated pairs: products, plus a constant by label. */
function sets(labels: readonly number[], whole: boolean) {
  return {
    stream: 'test',
    labels,
    make: (member: number, rng: { normal(): number }) => ({
      label: labels[member],
      value: labels[member] * rng.normal(),
    }),
    score: async (a: Set, b: Set) => [a.value * b.value + a.label + b.label, 1],
    whole,
  };
}

test('pairs by kind have the mean and spread of whole groups', async () => {
  const labels = [1, 2, 1, 1, 3];
  // Means: the pairs of two labels; variances: products of squares, over 10² pairs.
  const pairs = labels.flatMap((a, i) => labels.slice(i + 1).map((b) => [a, b]));
  const centre = pairs.reduce((sum, [a, b]) => sum + a + b, 0) / 10;
  const sd = Math.sqrt(pairs.reduce((sum, [a, b]) => sum + (a * b) ** 2, 0)) / 10;
  for (const whole of [true, false]) {
    const [score, constant] = await drawScores(sets(labels, whole), options);
    expect(Math.abs(score.mean - centre)).toBeLessThan(4 * score.meanError);
    expect(score.sd / sd).toBeGreaterThan(0.9);
    expect(score.sd / sd).toBeLessThan(1.1);
    expect(constant.mean).toBeCloseTo(1, 12);
    expect(constant).toMatchObject({ sd: 0, meanError: 0 });
  }
});

test('whole groups make every member and score every pair; pairs make two sets and score them', async () => {
  const counted = async (labels: readonly number[], whole: boolean, draws: number) => {
    const done = { made: 0, scored: 0 };
    const { make, score, ...rest } = sets(labels, whole);
    const [{ draws: said }] = await drawScores(
      {
        ...rest,
        make: (member, rng) => {
          done.made++;
          return make(member, rng);
        },
        score: (a, b) => {
          done.scored++;
          return score(a, b);
        },
      },
      { seed: 1, draws, precision: 0 },
    );
    return { ...done, said };
  };
  expect(await counted([5, 5, 5, 5], true, 3)).toEqual({ made: 12, scored: 18, said: 3 });
  expect(await counted([5, 5, 5, 5], false, 3)).toEqual({ made: 6, scored: 3, said: 3 });
  expect(await counted([5, 5, 6, 5], false, 7)).toEqual({ made: 14, scored: 7, said: 7 });
  // Fifteen draws of six pairs would leave kinds unbalanced after two rounds.
  expect(await counted([5, 5, 6, 5], false, 15)).toEqual({ made: 24, scored: 12, said: 12 });
  expect(await counted([1, 2, 3], false, 2)).toEqual({ made: 4, scored: 2, said: 2 });
});

/** Share of `runs` seeds whose mean is within 1.96 errors of the truth, and the mean number of draws. */
async function coverage(labels: readonly number[], whole: boolean, precision: number, draws: number) {
  const pairs = labels.flatMap((a, i) => labels.slice(i + 1).map((b) => a + b));
  const truth = pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
  const runs = 1000;
  let within = 0;
  let used = 0;
  for (let seed = 0; seed < runs; seed++) {
    const [score] = await drawScores(sets(labels, whole), { seed, draws, precision });
    if (Math.abs(score.mean - truth) <= 1.96 * score.meanError) within++;
    if (score.draws < draws) expect(score.meanError).toBeLessThanOrEqual(precision);
    expect(score.draws).toBeGreaterThanOrEqual(2);
    used += score.draws / runs;
  }
  return { within: within / runs, used };
}

test('honours the precision it states, whenever it stops', async () => {
  // Products of normals have heavy tails, which t takes for narrower: about 93 % of cases at the worst.
  for (const [labels, whole] of [
    [[1, 1, 1, 1], true],
    [[1, 1, 1, 1], false],
    // Alike but not the same: what the kinds differ in is part of the error.
    [[1, 1.01, 1.02, 1.03], false],
    [[1, 1.2, 3], false],
  ] as const) {
    for (const precision of [0.3, 0.6, 2]) {
      const { within, used } = await coverage(labels, whole, precision, 60);
      expect(within, `${labels}, ${whole}, ${precision}`).toBeGreaterThan(0.915);
      expect(used).toBeLessThan(precision === 2 ? 20 : 61);
    }
  }
});

test('strata of very different means are balanced, so that their difference is no noise', async () => {
  const steady = {
    ...sets([1, 40, 80], false),
    score: async (a: Set, b: Set) => [a.label + b.label + 0.001 * a.value],
  };
  const [score] = await drawScores(steady, { seed: 1, draws: 60, precision: 0.5 });
  expect(score.draws).toBe(6);
  expect(Math.abs(score.mean - 242 / 3)).toBeLessThan(2 * score.meanError);
});

test('the limit is kept, and then the error is what it is', async () => {
  const few = await drawScores(sets([1, 1, 1], false), { seed: 4, draws: 5, precision: 1e-6 });
  expect(few[0].draws).toBe(5);
  expect(few[0].meanError).toBeGreaterThan(0.1);
  // Both scores have to be known; and each draw is the same however many there are.
  const [enough] = await drawScores(sets([1, 1, 1], false), {
    seed: 4,
    draws: 500,
    precision: few[0].meanError,
  });
  expect(enough).toEqual(few[0]);
});

test('what may be rare is not said to be absent after two draws', async () => {
  const never = { ...sets([1, 1], false), score: async () => [0], step: 0.01 };
  const [score] = await drawScores(never, { seed: 1, draws: 100, precision: 5e-4 });
  expect(score).toMatchObject({ mean: 0, draws: 30 });
  expect(score.meanError).toBeCloseTo(5e-4, 12);
});

test('too little to draw from is refused', async () => {
  await expect(drawScores(sets([1], true), options)).rejects.toThrow(/two members/);
  await expect(drawScores(sets([1, 1], false), { seed: 1, draws: 1 })).rejects.toThrow(/draws/);
  await expect(drawScores(sets([1, 1], false), { ...options, precision: Number.NaN })).rejects.toThrow(
    /precision/,
  );
  const signal = AbortSignal.abort();
  await expect(drawScores(sets([1, 1], false), { ...options, signal })).rejects.toThrow(/cancelled/);
});

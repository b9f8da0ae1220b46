// Drawing scores of groups: what each way draws, and that both say the same where pairs are uncorrelated.
import { expect, test } from 'vitest';
import { drawScores, inTurn, wholeCycles } from '../../../src/metrics/draws/draw-scores.js';
import { studentTQuantile } from '../../../src/stats/student-t.js';
import { Rng } from '../../../src/tensor/index.js';

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
  // By default to 5e-4: 1.5 steps in 30 draws.
  const [score] = await drawScores(never, { seed: 1, draws: 100 });
  expect(score).toMatchObject({ mean: 0, draws: 30 });
  expect(score.meanError).toBeCloseTo(5e-4, 12);
  // What does not say that it counts is known after two that are the same.
  const [sure] = await drawScores(
    { ...sets([1, 1], false), score: async () => [0] },
    { seed: 1, draws: 100 },
  );
  expect(sure).toEqual({ mean: 0, sd: 0, meanError: 0, draws: 2 });
});

test('sets come from streams of their own: by draw and member of a group, by draw and side of a pair', async () => {
  const made = async (whole: boolean) => {
    const seen: [number, number][] = [];
    const make = (member: number, rng: Rng) => {
      seen.push([member, rng.normal()]);
    };
    const drawing = { stream: 'test', labels: [1, 2, 3], make, score: async () => [0], whole };
    await drawScores<void>(drawing, { seed: 6, draws: 2 });
    return seen;
  };
  const first = (...stream: (string | number)[]) => new Rng(6, 'null', 'test', ...stream).normal();
  const members = [0, 1, 2];
  expect(await made(true)).toEqual([0, 1].flatMap((n) => members.map((i) => [i, first(n, i)])));
  const pairs = [
    [0, 1],
    [0, 2],
    [1, 2],
  ];
  const turns = [0, 1].map((n) => pairs[inTurn(n, 3, 6, 'test')]);
  const sides = turns.flatMap((pair, n) => pair.map((i, side) => [i, first('pairs', n, side)]));
  expect(await made(false)).toEqual(sides);
});

test('the pairs take turns in cycles, each in a random order of its own', () => {
  for (let n = 0; n < 30; n++) {
    const order = new Rng(6, 'null', 'test', 'order', Math.floor(n / 10)).permutation(10);
    expect(inTurn(n, 10, 6, 'test')).toBe(order[n % 10]);
  }
});

test('two labels are one kind of pair, whichever comes first', async () => {
  const make = (member: number) => [1, 2, 1][member];
  const drawing = { stream: 'test', labels: [1, 2, 1], make, whole: false };
  const score = async (a: number, b: number) => [a === b ? 0 : 10 * a];
  const [{ mean, draws, meanError }] = await drawScores({ ...drawing, score }, { seed: 1, draws: 6 });
  expect([mean, draws]).toEqual([10, 6]);
  // 10 and 20 of one kind, which nothing told them apart.
  expect(meanError).toBeGreaterThan(1);
});

test('draws that would leave kinds unbalanced again are not made; of one kind, any number', () => {
  const kinds = (...counts: number[]) => new Map(counts.map((count, i) => [String(i), count]));
  expect(wholeCycles(15, kinds(2, 4))).toBe(12);
  expect(wholeCycles(12, kinds(2, 4))).toBe(12);
  expect(wholeCycles(11, kinds(2, 4))).toBe(11);
  expect(wholeCycles(15, kinds(6))).toBe(15);
});

test('a group’s mean score is a draw, whose SD is stretched as of few draws', async () => {
  let pair = 0;
  // Three pairs a draw: means 1, 2, 3 and 6.
  const means = [1, 2, 3, 6];
  const drawing = { stream: 'test', labels: [1, 1, 1], make: () => 0, whole: true };
  const score = async () => [means[Math.floor(pair / 3)] + (pair++ % 3) - 1];
  const [found] = await drawScores({ ...drawing, score }, { seed: 1, draws: 4, precision: 0 });
  expect(found.mean).toBeCloseTo(3, 14);
  expect(found.sd).toBeCloseTo((Math.sqrt(14 / 3) * studentTQuantile(0.975, 3)) / 1.96, 12);
  const two = { ...drawing, labels: [1, 1], score: async () => [4, 5] };
  const alike = await drawScores(two, { seed: 1, draws: 4 });
  expect(alike.map(({ mean }) => mean)).toEqual([4, 5]);
});

test.each([
  true,
  false,
])('what is cancelled makes and scores nothing any more; whole groups: %s', async (whole) => {
  for (const at of ['make', 'score']) {
    const stop = new AbortController();
    const done = { make: 0, score: 0 };
    const count = (step: 'make' | 'score') => {
      done[step]++;
      if (step === at) stop.abort();
    };
    const drawing = {
      stream: 'test',
      labels: [1, 1, 1],
      make: () => count('make'),
      score: async () => {
        count('score');
        return [1];
      },
      whole,
    };
    const cancelled = drawScores<void>(drawing, { seed: 1, draws: 5, signal: stop.signal });
    await expect(cancelled).rejects.toThrow(/cancelled/);
    expect(done.score).toBeLessThanOrEqual(1);
    expect(done.make).toBeLessThanOrEqual(whole && at === 'make' ? 1 : whole ? 3 : 2);
  }
});

test('too little to draw from is refused', async () => {
  const refused = (field?: string) => ({
    code: 'usage.argument',
    details: field === undefined ? {} : { field },
  });
  const alone = drawScores(sets([1], true), options);
  await expect(alone).rejects.toMatchObject({
    ...refused(),
    message: expect.stringMatching(/two members.*1/),
  });
  const few = drawScores(sets([1, 1], false), { seed: 1, draws: 1 });
  await expect(few).rejects.toMatchObject(refused('draws'));
  const unknown = drawScores(sets([1, 1], false), { ...options, precision: Number.NaN });
  await expect(unknown).rejects.toMatchObject(refused('precision'));
  const signal = AbortSignal.abort();
  await expect(drawScores(sets([1, 1], false), { ...options, signal })).rejects.toThrow(/cancelled/);
});

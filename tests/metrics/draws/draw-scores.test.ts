// Drawing scores of groups: what each way draws, and that both say the same where pairs are uncorrelated.
import { expect, test } from 'vitest';
import { drawScores } from '../../../src/metrics/draws/draw-scores.js';

const options = { seed: 3, draws: 4000 };

/** Sets are numbers with the SD of their label; scores of uncorrelated pairs: products, plus a constant by label. */
function sets(labels: readonly number[], whole: boolean) {
  return {
    stream: 'test',
    labels,
    make: (member: number, rng: { normal(): number }) => ({
      label: labels[member],
      value: labels[member] * rng.normal(),
    }),
    score: async (a: { label: number; value: number }, b: { label: number; value: number }) => [
      a.value * b.value + a.label + b.label,
      1,
    ],
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

test('whole groups make every member and score every pair; pairs make two of each label and score each kind once', async () => {
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
      { seed: 1, draws },
    );
    return { ...done, said };
  };
  expect(await counted([5, 5, 5, 5], true, 3)).toEqual({ made: 12, scored: 18, said: 3 });
  expect(await counted([5, 5, 5, 5], false, 3)).toEqual({ made: 6, scored: 3, said: 3 });
  expect(await counted([5, 5, 6, 5], false, 7)).toEqual({ made: 12, scored: 8, said: 8 });
  expect(await counted([1, 2, 3], false, 2)).toEqual({ made: 6, scored: 6, said: 6 });
});

test('the error of the mean is the scatter of the mean over seeds', async () => {
  for (const whole of [true, false]) {
    const runs = await Promise.all(
      Array.from({ length: 300 }, (_, seed) => drawScores(sets([1, 1, 2], whole), { seed, draws: 10 })),
    );
    const means = runs.map(([score]) => score.mean);
    const centre = means.reduce((a, b) => a + b) / 300;
    const real = means.reduce((sum, m) => sum + (m - centre) ** 2, 0) / 299;
    const claimed = runs.reduce((sum, [score]) => sum + score.meanError ** 2, 0) / 300;
    expect(claimed / real).toBeGreaterThan(0.75);
    expect(claimed / real).toBeLessThan(1.33);
  }
});

test('too little to draw from is refused', async () => {
  await expect(drawScores(sets([1], true), options)).rejects.toThrow(/two members/);
  await expect(drawScores(sets([1, 1], false), { seed: 1, draws: 1 })).rejects.toThrow(/draws/);
  const signal = AbortSignal.abort();
  await expect(drawScores(sets([1, 1], false), { ...options, signal })).rejects.toThrow(/cancelled/);
});

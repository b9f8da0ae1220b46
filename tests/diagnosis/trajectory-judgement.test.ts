// Not finished or never: on simulated scores over training whose course is known.
import { describe, expect, it } from 'vitest';
import { flatLoss, judgeTrajectory, leastGain, type TrajectoryPoint } from '../../src/diagnosis/index.js';
import { measured } from '../../src/metrics/measured.js';
import { nullBand } from '../../src/metrics/nulls/null.js';
import { pairsOf } from '../../src/metrics/pairs/pair-scores.js';
import { Rng } from '../../src/tensor/index.js';

const metric = 'decoder.matched';
const chance = 0.2;

interface Course {
  /** Corrected score at a step. */
  readonly score: (step: number) => number;
  readonly loss?: (step: number) => number;
  readonly steps?: readonly number[];
  readonly saes?: number;
  /** SD of what an SAE adds to its pairs at a step. */
  readonly noise?: number;
}

const powers = (last: number) => Array.from({ length: last + 1 }, (_, i) => 2 ** i);

function points({ score, loss, steps = powers(10), saes = 4, noise = 0.001 }: Course): TrajectoryPoint[] {
  return steps.map((step) => {
    const rng = new Rng(11, 'course', step);
    const own = Array.from({ length: saes }, () => noise * rng.normal());
    const pairs = pairsOf(saes).map(([i, j]) => {
      const value = chance + (1 - chance) * (score(step) + own[i] + own[j]);
      return { a: `s${i}`, b: `s${j}`, value, aToB: value, bToA: value };
    });
    const members = own.map((_, i) => `s${i}`);
    const level = nullBand('random-directions', chance, 0.004, 20, false);
    return {
      step,
      metrics: { [metric]: measured({ id: metric, pairs, leftOut: 0 }, members, [level]) },
      ...(loss ? { loss: loss(step) } : {}),
    };
  });
}

const flat = () => 0.5;
const still = () => 3;

describe('judgeTrajectory', () => {
  it('by hand: .1 more at each doubling, without noise', () => {
    const judged = judgeTrajectory(
      metric,
      points({
        score: (t) => 0.1 * (Math.log2(t) - 6),
        loss: (t) => t ** -0.5,
        steps: [64, 256, 512, 1024],
        noise: 0,
      }),
    )!;
    expect(judged).toMatchObject({ metric, verdict: 'unfinished' });
    expect(judged.corrected).toBeCloseTo(0.4, 10);
    expect(judged.perDoubling).toBeCloseTo(0.1, 10);
    expect(judged.extrapolated).toBeCloseTo(0.6, 10);
    // 1 − 2^−½
    expect(judged.lossFall).toBeCloseTo(0.2929, 4);
    expect(judged.interval).toMatchObject({ low: expect.closeTo(0.1, 10), high: expect.closeTo(0.1, 10) });
  });

  it.each<[string, Course, string]>([
    ['rising at the end', { score: (t) => 0.05 * Math.log2(t) }, 'unfinished'],
    // Nothing for long, then up: at the last step still within its null.
    [
      'just leaving its null',
      { score: (t) => Math.max(0, 0.03 * (Math.log2(t) - 9.5)) + 0.006, steps: [...powers(10), 700] },
      'undecided',
    ],
    ['risen long ago', { score: (t) => 0.8 * (1 - 1 / t), loss: still }, 'settled'],
    ['risen, while the loss still falls', { score: flat, loss: (t) => 1 / t }, 'settled'],
    ['at its null, and the loss is flat', { score: () => 0, loss: still }, 'never'],
    ['at its null, and the loss falls', { score: () => 0, loss: (t) => 1 / t }, 'undecided'],
    ['at its null, and the loss unknown', { score: () => 0 }, 'undecided'],
    ['beyond its null by next to nothing', { score: () => 0.03, loss: still }, 'never'],
    ['lost on the way', { score: (t) => 1 - 0.07 * Math.log2(t) }, 'falling'],
    ['two snapshots', { score: (t) => 0.05 * Math.log2(t), steps: [512, 1024] }, 'undecided'],
    ['snapshots too early', { score: (t) => 0.05 * Math.log2(t), steps: [1, 2, 4, 8, 1024] }, 'undecided'],
    ['two SAEs', { score: (t) => 0.05 * Math.log2(t), saes: 2 }, 'unfinished'],
    [
      'rising, but too noisy to be sure',
      { score: (t) => 0.2 + 0.03 * Math.log2(t / 1024), noise: 0.1 },
      'undecided',
    ],
    ['rising from far below', { score: (t) => 0.03 * Math.log2(t / 1024) - 0.02 }, 'undecided'],
    ['too noisy to call', { score: () => 0, loss: still, noise: 0.2 }, 'undecided'],
  ])('%s', (_, course, verdict) => {
    expect(judgeTrajectory(metric, points(course))?.verdict).toBe(verdict);
  });

  it('turns at its thresholds', () => {
    const at = (gain: number) =>
      judgeTrajectory(metric, points({ score: (t) => 0.5 + gain * Math.log2(t / 1024), noise: 0 }))!.verdict;
    expect([at(leastGain - 1e-6), at(leastGain + 1e-6)]).toEqual(['settled', 'unfinished']);
    expect([at(-leastGain + 1e-6), at(-leastGain - 1e-6)]).toEqual(['settled', 'falling']);
    const beta = -Math.log2(1 - flatLoss);
    const fall = (power: number) =>
      judgeTrajectory(metric, points({ score: () => 0, noise: 0, loss: (t) => t ** -power }))!.verdict;
    expect([fall(beta - 1e-6), fall(beta + 1e-6)]).toEqual(['never', 'undecided']);
  });

  it('does not extrapolate beyond full agreement, and takes pairs that are there throughout', () => {
    const course = points({ score: (t) => 0.09 * Math.log2(t) });
    expect(judgeTrajectory(metric, course)?.extrapolated).toBe(1);
    const [pair] = course[8].metrics[metric]!.pairs;
    const less = course.map((point, i) => {
      const found = point.metrics[metric]!;
      return i === 9 ? { ...point, metrics: { [metric]: { ...found, pairs: found.pairs.slice(1) } } } : point;
    });
    expect(pair).toMatchObject({ a: 's0', b: 's1' });
    expect(judgeTrajectory(metric, less)?.verdict).toBe('unfinished');
  });

  it('is undefined where the score is not there at the end', () => {
    const course = points({ score: flat });
    expect(judgeTrajectory('activation.max.live', course)).toBeUndefined();
    expect(judgeTrajectory(metric, [])).toBeUndefined();
    expect(judgeTrajectory(metric, [...course, { step: 4096, metrics: {} }])).toBeUndefined();
  });
});

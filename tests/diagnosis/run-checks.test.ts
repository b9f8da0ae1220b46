// Checks of how the SAEs came to be: seeds, data and training, just inside and outside their thresholds.
import { describe, expect, test } from 'vitest';
import type { MemberEvidence, PairDependence } from '../../src/diagnosis/index.js';
import { finding, independent, member, members, outcome, overTwo, score, scores } from './hand.js';

describe('seeds', () => {
  const pairs = (...dependence: Partial<PairDependence>[]) => ({
    dependence: dependence.map(
      (pair, i): PairDependence => ({
        ...independent('a', ['b', 'c', 'd'][i]),
        ...pair,
      }),
    ),
  });

  test('two SAEs with the same directions are one; the effect is the score of the other pairs', () => {
    expect(outcome('seeds.not-applied', pairs({ sameFeatures: 0.98 }))).toBe('refuted info');
    const some = finding('seeds.not-applied', {
      ...pairs({ sameFeatures: 0.99 }, {}),
      metrics: { 'decoder.max': overTwo('decoder.max', [1, 0.4]) },
    });
    expect(some).toMatchObject({
      severity: 'fail',
      evidence: { pairs: 2, copies: 1 },
      effect: { metric: 'decoder.max', score: 0.7, without: 0.4 },
    });
    const all = pairs({ sameFeatures: 1 }, { sameFeatures: 1 });
    expect(
      finding('seeds.not-applied', { ...all, metrics: { 'decoder.max': overTwo('decoder.max', [1, 1]) } })
        .effect,
    ).toBeUndefined();
  });

  test('a shared start, by the initial weights', () => {
    expect(outcome('seeds.same-init', pairs({ sameInit: false }, { sameInit: false }))).toBe('refuted info');
    expect(finding('seeds.same-init', pairs({ sameInit: true }, { sameInit: false }))).toMatchObject({
      severity: 'fail',
      evidence: { pairs: 2, shared: 1, known: 1 },
    });
  });

  test('a shared start, by rows that agree index by index beyond what all rows share', () => {
    const at = (mean: number, shifted: number, shiftedSd: number) => {
      const { sameInit: _, ...unknown } = independent('a', 'b');
      return outcome('seeds.same-init', {
        dependence: [{ ...unknown, atIndex: { mean, shifted, shiftedSd } }],
      });
    };
    expect(at(0.3, 0, 0.03)).toBe('supported fail');
    expect(at(0.24, 0, 0.01)).toBe('refuted info');
    expect(at(0.9, 0.85, 0.001)).toBe('refuted info');
    expect(at(0.3, 0, 0.04)).toBe('refuted info');
  });

  test('a known start counts, not what the index shows; copies are copies', () => {
    const atIndex = { mean: 0.5, shifted: 0, shiftedSd: 0.01 };
    expect(outcome('seeds.same-init', pairs({ sameInit: false, atIndex }))).toBe('refuted info');
    expect(outcome('seeds.same-init', pairs({ sameInit: true, sameFeatures: 1 }))).toBe('refuted info');
  });

  test('with other widths, a start that is not known cannot be compared', () => {
    const { sameInit: _, atIndex: __, ...unknown } = independent('a', 'b');
    expect(finding('seeds.same-init', { dependence: [unknown] })).toMatchObject({
      verdict: 'inconclusive',
      needs: ['init'],
    });
  });

  test('the effect is the score without partners of the same index', () => {
    const found = finding('seeds.same-init', {
      ...pairs({ sameInit: true }),
      counterfactual: [
        { headline: 'decoder.max', removed: ['seeds.same-init'], measured: score('decoder.max', 0.4, 0.3) },
      ],
    });
    expect(found.effect).toEqual({ metric: 'decoder.max', score: 0.9, without: 0.4 });
    expect(finding('seeds.same-init', pairs({ sameInit: true }))).not.toHaveProperty('effect');
  });
});

describe('data.misfit', () => {
  const fitting = (
    explainedVariance: number,
    change: Partial<MemberEvidence> = {},
  ): Partial<MemberEvidence> => ({
    fit: { explainedVariance, mse: 1 - explainedVariance, l0: 4 },
    ...change,
  });
  const group = (...some: Partial<MemberEvidence>[]) => ({
    members: some.map((change, i) => member(['a', 'b', 'c', 'd'][i], change)),
  });

  test('one that explains far less than the others, by three times their error and a fifth of the variance', () => {
    const found = finding('data.misfit', group(fitting(0.9), fitting(0.4), fitting(0.88)));
    expect(found).toMatchObject({
      severity: 'fail',
      evidence: { misfits: 1, worst: 2, worstExplained: 0.4 },
    });
    expect(found.evidence.othersExplained).toBeCloseTo(0.89, 12);
    expect(outcome('data.misfit', group(fitting(0.9), fitting(0.71), fitting(0.9)))).toBe('refuted info');
    expect(outcome('data.misfit', group(fitting(0.99), fitting(0.8), fitting(0.99)))).toBe('refuted info');
    expect(outcome('data.misfit', group(fitting(0.65), fitting(0.1), fitting(0.65)))).toBe('refuted info');
  });

  test('all of them, by the loss that they were trained to', () => {
    const trained = { training: { steps: 10, losses: [1, 0.8, 0.1] } };
    expect(outcome('data.misfit', group(fitting(0.2, trained), fitting(0.2, trained)))).toBe(
      'supported fail',
    );
    expect(outcome('data.misfit', group(fitting(0.85, trained), fitting(0.85, trained)))).toBe(
      'refuted info',
    );
  });

  test('or by one that is known to be the mean of rows', () => {
    // Of 50 entries each: 0.1 of one.
    const ofRows = { training: { steps: 10, losses: [50, 40, 5], lossOver: 'rows' as const } };
    const found = finding('data.misfit', group(fitting(0.2, ofRows), fitting(0.2, ofRows)));
    expect(found.severity).toBe('fail');
    expect(found.evidence.trainedExplained).toBeCloseTo(0.9, 12);
    // A loss that is known to be one of entries counts however bad it is.
    const ofEntries = { training: { steps: 10, losses: [50, 40, 12], lossOver: 'entries' as const } };
    expect(
      finding('data.misfit', group(fitting(0.2, ofEntries), fitting(0.2, ofEntries))).evidence
        .trainedExplained,
    ).toBeCloseTo(-11, 12);
  });

  test('but not by one that must be a sum over the width, where that is not known', () => {
    const summed = { training: { steps: 10, losses: [128, 102.4, 12.8] } };
    const found = finding('data.misfit', group(fitting(0.2, summed), fitting(0.2, summed)));
    expect(found.severity).toBe('info');
    expect(found.evidence.trainedExplained).toBeUndefined();
  });

  test('all of them, where they explain less than the mean does, unless they are still at their start', () => {
    const start = { init: { cosineMedian: 0.9, unmoved: 0 } };
    expect(outcome('data.misfit', group(fitting(-0.1), fitting(-0.2)))).toBe('supported fail');
    expect(outcome('data.misfit', group(fitting(-0.1, start), fitting(-0.2, start)))).toBe('refuted info');
  });

  test('without pairs that fit there is no effect', () => {
    const none = { ...group(fitting(-1), fitting(-1)), metrics: scores({ 'activation.max': [0.5, 0.2] }) };
    expect(finding('data.misfit', none)).not.toHaveProperty('effect');
  });

  test('the effect is the score of the pairs that fit', () => {
    const metrics = {
      'activation.max': overTwo('activation.max', [0.2, 0.8]),
    };
    expect(
      finding('data.misfit', { ...group(fitting(0.9), fitting(0.1), fitting(0.9)), metrics }).effect,
    ).toEqual({
      metric: 'activation.max',
      score: 0.5,
      without: 0.8,
    });
  });
});

describe('training.init-drift', () => {
  const init = (all: number, live?: number, deadOnes?: number) => ({
    members: members({
      init: {
        cosineMedian: all,
        unmoved: 0,
        ...(live === undefined ? {} : { cosineMedianLive: live }),
        ...(deadOnes === undefined ? {} : { cosineMedianDead: deadOnes }),
      },
    }),
  });

  test('live rows at their start: the displacement is what the score misses', () => {
    const found = finding('training.init-drift', {
      ...init(0.8, 0.8),
      metrics: scores({ 'decoder.max': [0.32, 0.3], 'displacement.max': [0.8, 0.3] }),
    });
    expect(found).toMatchObject({
      verdict: 'supported',
      severity: 'fail',
      effect: { metric: 'decoder.max', score: 0.32, without: 0.8 },
    });
    expect(found.evidence.onlyDead).toBeUndefined();
    expect(outcome('training.init-drift', init(0.8, 0.8))).toBe('supported warn');
    expect(outcome('training.init-drift', init(0.69, 0.69))).toBe('refuted info');
  });

  test('only dead rows at their start: said so, with the live score as effect', () => {
    const found = finding('training.init-drift', {
      ...init(0.95, 0.4, 0.99),
      metrics: scores({ 'decoder.max': [0.32, 0.3], 'decoder.max.live': [0.5, 0.2] }),
    });
    expect(found).toMatchObject({
      verdict: 'supported',
      severity: 'warn',
      evidence: { onlyDead: 1 },
      effect: { metric: 'decoder.max', score: 0.32, without: 0.5 },
    });
  });

  test('live rows at their start are enough, wherever the others are', () => {
    expect(outcome('training.init-drift', init(0.4, 0.8))).toBe('supported warn');
    // Displacements that agree less by as much are read differently, too.
    const less = scores({ 'decoder.max': [0.8, 0.3], 'displacement.max': [0.32, 0.3] });
    expect(outcome('training.init-drift', { ...init(0.8, 0.8), metrics: less })).toBe('supported fail');
  });

  const shape = (cosine: number, live?: number, deadOnes?: number) => {
    const { init: _, ...unknown } = member('a');
    const start = {
      cosine,
      tied: 0,
      ...(live === undefined ? {} : { cosineLive: live }),
      ...(deadOnes === undefined ? {} : { cosineDead: deadOnes }),
    };
    return finding('training.init-drift', { members: [{ ...unknown, start }] });
  };

  test('where the start is unknown, by the shape of the weights; no trace of a start is no answer', () => {
    expect(shape(0.9)).toMatchObject({ severity: 'warn', evidence: { estimated: 1, cosineMean: 0.9 } });
    expect(shape(0.9, 0.8).evidence.onlyDead).toBeUndefined();
    expect(shape(0.9, 0.3, 0.95)).toMatchObject({ severity: 'warn', evidence: { onlyDead: 1 } });
    expect(shape(0.5)).toMatchObject({ verdict: 'inconclusive', needs: ['init'] });
    expect(shape(0.9, 0.3)).toMatchObject({ severity: 'warn', evidence: { onlyDead: 1 } });
    expect(shape(0.9, undefined, 0.95)).toMatchObject({ severity: 'warn', evidence: { onlyDead: 1 } });
    expect(shape(0.3, 0.8).evidence).not.toHaveProperty('onlyDead');
    expect(shape(0.3, 0.8).verdict).toBe('supported');
    expect(shape(0)).toMatchObject({ verdict: 'inconclusive', needs: ['init'] });
  });

  test('runs that agree more than rows near a start of their own can are not near it', () => {
    const { init: _, ...unknown } = member('a');
    const start = { cosine: 0.9, tied: 0 };
    const pairs = [{ a: 'a', b: 'b', value: 0.95, aToB: 0.95, bToA: 0.95 }];
    const agreeing = (mean: number) => ({
      members: [{ ...unknown, start }],
      dependence: [independent('a', 'b')],
      metrics: {
        'decoder.max': {
          ...score('decoder.max', mean, 0.3),
          pairs: pairs.map((p) => ({ ...p, value: mean })),
        },
      },
    });
    // 0.81 · 0.3 + 2 · 0.9 · √0.19 · 0.3 + 0.19 = 0.67, and 0.05 more.
    expect(outcome('training.init-drift', agreeing(0.71))).toBe('supported warn');
    expect(finding('training.init-drift', agreeing(0.73))).toMatchObject({
      verdict: 'inconclusive',
      needs: ['init'],
      evidence: { cosineMean: 0.9 },
    });
  });

  test('with firing unknown, all rows decide', () => {
    expect(finding('training.init-drift', init(0.8)).evidence.onlyDead).toBeUndefined();
    expect(outcome('training.init-drift', init(0.8))).toBe('supported warn');
  });
});

describe('training.unfinished', () => {
  /** L ∝ step^−β at the middle of each of 20 stretches. */
  const power = (beta: number) => Array.from({ length: 20 }, (_, i) => (i + 0.5) ** -beta);
  const run = (beta: number | undefined, cosine?: number) =>
    finding('training.unfinished', {
      members: ['a', 'b'].map((id) => {
        const { init: _, ...rest } = member(id);
        return {
          ...rest,
          ...(beta === undefined ? {} : { training: { steps: 1000, losses: power(beta) } }),
          ...(cosine === undefined ? {} : { init: { cosineMedian: cosine, unmoved: 0 } }),
        };
      }),
    });

  test('what as many steps again would take away is read off the loss', () => {
    expect(run(1).evidence.lossFall).toBeCloseTo(0.5, 1);
    expect(run(0.3, 0.6).evidence.lossFall).toBeCloseTo(1 - 2 ** -0.3, 2);
  });

  test('a loss that falls matters where features are still turning, or where it falls steeply', () => {
    expect(run(0.4, 0.6)).toMatchObject({ verdict: 'supported', severity: 'warn' });
    expect(run(0.4, 0.8).severity).toBe('fail');
    expect(run(0.2, 0.6).verdict).toBe('refuted');
    expect(run(0.4, 0.4).verdict).toBe('refuted');
    expect(run(1.2, 0.4).verdict).toBe('refuted');
    expect(run(1.7, 0.4).verdict).toBe('supported');
    expect(run(0, 0.9).verdict).toBe('refuted');
  });

  test('steps that are missing until a cosine of one half, at the rate so far', () => {
    // cos 30° = √3/2: moved by tan 30° = 1/√3 of its length in 1000 steps, √3 of it in 3000.
    expect(run(1, Math.sqrt(3) / 2).evidence.moreSteps).toBeCloseTo(2000, 6);
    expect(run(1, 0.4).evidence.moreSteps).toBeUndefined();
    // Rows that have not moved at all have no rate.
    expect(run(1, 1).evidence.moreSteps).toBeUndefined();
  });

  test('without the loss, rows that hardly moved are a sign; rows that moved by 60° are another', () => {
    expect(run(undefined, 0.8)).toMatchObject({ verdict: 'supported', severity: 'warn' });
    expect(run(undefined, 0.6)).toMatchObject({ verdict: 'inconclusive', needs: ['training'] });
    expect(run(undefined, 0.4).verdict).toBe('refuted');
    expect(run(undefined)).toMatchObject({ verdict: 'inconclusive', needs: ['training'] });
  });
});

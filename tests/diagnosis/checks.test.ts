// Every check by hand: just inside and just outside its thresholds, and without what it needs.
import { describe, expect, test } from 'vitest';
import {
  checks,
  type Evidence,
  type Finding,
  type FindingId,
  findingIds,
} from '../../src/diagnosis/index.js';
import { dead, evidence, member, members, score, scores, weightsOnly } from './hand.js';

function finding(id: FindingId, change: Partial<Evidence> | Evidence): Finding {
  const found = checks.map((check) => check(evidence(change))).find((f) => f.id === id);
  if (!found) throw new Error(`no check gives ${id}`);
  return found;
}

const outcome = (id: FindingId, change: Partial<Evidence>) => {
  const { verdict, severity } = finding(id, change);
  return `${verdict} ${severity}`;
};

test('there is one check for each finding, and a healthy group raises none', () => {
  const found = checks.map((check) => check(evidence()));
  expect(found.map((f) => f.id).sort()).toEqual([...findingIds].sort());
  expect(found.filter((f) => f.verdict !== 'refuted' || f.severity !== 'info')).toEqual([]);
});

test('without activations and init, what cannot be checked says what it needs', () => {
  const found = checks.map((check) => check(weightsOnly()));
  const needs = Object.fromEntries(
    found.filter((f) => f.verdict === 'inconclusive').map((f) => [f.id, f.needs]),
  );
  const activations = ['activations'];
  expect(needs).toEqual({
    'data.distinct-rows': activations,
    'data.effective-rank': activations,
    'usage.dead-by-firing': activations,
    'usage.norm-is-not-usage': activations,
    'training.init-drift': ['init'],
    'metric.dead-dilution': activations,
    'metric.wrong-null': activations,
    'metric.disagreement': activations,
  });
  expect(found.filter((f) => f.severity !== 'info')).toEqual([]);
});

test('a single SAE needs another', () => {
  const alone = { members: [member('a')], metrics: {} };
  for (const id of ['metric.dead-dilution', 'metric.wrong-null', 'metric.disagreement'] as const) {
    expect(finding(id, alone)).toMatchObject({ verdict: 'inconclusive', needs: ['another SAE'] });
  }
});

describe('data.distinct-rows', () => {
  const rows = (all: number, distinctRows: number) =>
    outcome('data.distinct-rows', { activations: { rows: all, distinctRows, effectiveRank: 30 } });

  test('fewer than features fails; under a twentieth of the rows warns', () => {
    expect(rows(200, 100)).toBe('refuted info');
    expect(rows(200, 99)).toBe('supported fail');
    expect(rows(2000, 100)).toBe('refuted info');
    expect(rows(2001, 100)).toBe('supported warn');
  });

  test('the widest SAE decides', () => {
    const wide = { members: [member('a'), member('b', { features: 400 })] };
    const activations = { rows: 1000, distinctRows: 300, effectiveRank: 30 };
    expect(outcome('data.distinct-rows', { ...wide, activations })).toBe('supported fail');
  });

  test('the effect is the score on distinct rows, where it moves', () => {
    const spoilt = (without: number) => ({
      activations: { rows: 5000, distinctRows: 99, effectiveRank: 30 },
      counterfactual: [
        {
          headline: 'activation.max',
          removed: ['data.distinct-rows'],
          measured: score('activation.max', without, 0.2),
        } as const,
      ],
    });
    expect(finding('data.distinct-rows', spoilt(0.5)).effect).toEqual({
      metric: 'activation.max',
      score: 0.9,
      without: 0.5,
    });
    expect(finding('data.distinct-rows', spoilt(0.89)).effect).toBeUndefined();
  });
});

test('data.effective-rank: under a tenth of d warns, one direction fails', () => {
  const rank = (effectiveRank: number) =>
    outcome('data.effective-rank', { activations: { rows: 5000, distinctRows: 5000, effectiveRank } });
  expect(rank(5.1)).toBe('refuted info');
  expect(rank(4.9)).toBe('supported warn');
  expect(rank(1.9)).toBe('supported fail');
});

test('usage.dead-by-firing: by the mean dead share, with the live score as effect', () => {
  const share = (count: number) => outcome('usage.dead-by-firing', { members: members(dead(count)) });
  expect(share(9)).toBe('refuted info');
  expect(share(11)).toBe('supported warn');
  expect(share(51)).toBe('supported fail');
  const mixed = finding('usage.dead-by-firing', {
    members: [member('a', dead(60)), member('b', dead(0)), member('c', dead(30))],
    metrics: scores({ 'activation.max': [0.4, 0.1], 'activation.max.live': [0.7, 0.2] }),
  });
  expect(mixed.evidence).toMatchObject({ deadShare: 0.3, liveMin: 40, liveMax: 100 });
  expect(mixed.effect).toEqual({ metric: 'activation.max', score: 0.4, without: 0.7 });
});

test('usage.norm-is-not-usage: by how far the two counts are apart', () => {
  const counts = (byFiring: number, byNorm: number) =>
    outcome('usage.norm-is-not-usage', {
      members: members({ usage: { live: 100 - byFiring, deadByFiring: byFiring, deadByNorm: byNorm } }),
    });
  expect(counts(4, 0)).toBe('refuted info');
  expect(counts(6, 0)).toBe('supported warn');
  expect(counts(0, 6)).toBe('supported warn');
  expect(counts(90, 90)).toBe('refuted info');
  expect(counts(90, 10)).toBe('supported fail');
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

  test('with firing unknown, all rows decide', () => {
    expect(finding('training.init-drift', init(0.8)).evidence.onlyDead).toBeUndefined();
    expect(outcome('training.init-drift', init(0.8))).toBe('supported warn');
  });
});

test('weights.degenerate: repeated rows, tiny rows that are not zero, and a decoder without spread', () => {
  const share = (change: Parameters<typeof members>[0]) =>
    outcome('weights.degenerate', { members: members(change) });
  expect(share({ parallelFeatures: 4 })).toBe('refuted info');
  expect(share({ parallelFeatures: 6 })).toBe('supported warn');
  expect(share({ parallelFeatures: 51 })).toBe('supported fail');
  const usage = { live: 100, deadByFiring: 0, deadByNorm: 8 };
  expect(share({ usage })).toBe('supported warn');
  expect(share({ usage, numerics: { nan: 0, inf: 0, zeroFeatures: 8 } })).toBe('refuted info');
  const decoder = { mean: 1, std: 0, normMean: 1, normStd: 0, normMin: 1, normMax: 1 };
  expect(share({ weights: { decoder, encoder: { mean: 0, std: 1 } } })).toBe('supported fail');
});

test('numerics.non-finite: one value is enough', () => {
  const bad = (nan: number, inf: number) => ({
    members: [member('a', { numerics: { nan, inf, zeroFeatures: 0 } }), member('b'), member('c')],
  });
  expect(outcome('numerics.non-finite', bad(0, 0))).toBe('refuted info');
  expect(outcome('numerics.non-finite', bad(1, 0))).toBe('supported fail');
  expect(finding('numerics.non-finite', bad(2, 3)).evidence).toEqual({
    nan: 2,
    inf: 3,
    saes: 3,
    excluded: 1,
  });
});

test('numerics.zero-features: any warns, most fails', () => {
  const zero = (zeroFeatures: number) =>
    outcome('numerics.zero-features', { members: members({ numerics: { nan: 0, inf: 0, zeroFeatures } }) });
  expect(zero(0)).toBe('refuted info');
  expect(zero(1)).toBe('supported warn');
  expect(zero(51)).toBe('supported fail');
});

describe('metric.dead-dilution', () => {
  const diluted = (all: number, live: number) => ({
    metrics: scores({ 'activation.max': [all, 0.05], 'activation.max.live': [live, 0.5] }),
  });

  test('pull is the move over what there is to find', () => {
    expect(finding('metric.dead-dilution', diluted(0.7, 0.9)).evidence.activationPull).toBeCloseTo(0.5, 12);
    expect(outcome('metric.dead-dilution', diluted(0.7, 0.9))).toBe('supported warn');
    expect(outcome('metric.dead-dilution', diluted(0.1, 0.9))).toBe('supported fail');
    expect(outcome('metric.dead-dilution', diluted(0.85, 0.9))).toBe('refuted info');
  });

  test('a live score at chance gives no pull from rounding', () => {
    expect(outcome('metric.dead-dilution', diluted(0.49, 0.5))).toBe('refuted info');
  });

  test('the effect is on the score that moves furthest', () => {
    const found = finding('metric.dead-dilution', {
      metrics: scores({
        'activation.max': [0.1, 0.05],
        'activation.max.live': [0.9, 0.5],
        'decoder.max': [0.4, 0.3],
        'decoder.max.live': [0.31, 0.3],
      }),
      splits: { 'activation.max': { liveShare: 0.25, liveScore: 0.4, deadShare: 0.75, deadScore: 0 } },
    });
    expect(found.effect).toEqual({ metric: 'activation.max', score: 0.1, without: 0.9 });
    expect(found.evidence).toMatchObject({ activationLivePart: 0.1, activationDeadPart: 0 });
    expect(found.evidence.decoderLivePart).toBeUndefined();
  });
});

test('metric.wrong-null: the level of random directions turns a reading, or not', () => {
  const held = (activation: readonly [number, number]) =>
    finding('metric.wrong-null', {
      metrics: scores({ 'decoder.max': [0.9, 0.3], 'activation.max': activation }),
    });
  expect(held([0.5, 0.1]).verdict).toBe('refuted');
  expect(held([0.2, 0.1])).toMatchObject({
    verdict: 'supported',
    severity: 'fail',
    evidence: { activationOwnNull: 1, activationWrongNull: -1, turned: 1 },
  });
  expect(held([0.1, 0.1])).toMatchObject({ verdict: 'supported', severity: 'warn' });
});

test('metric.disagreement: by the corrected live scores and their intervals', () => {
  const pair = (activation: number, decoder: number, reach?: number) =>
    outcome('metric.disagreement', {
      metrics: {
        'activation.max.live': score('activation.max.live', activation, 0.5, reach),
        'decoder.max.live': score('decoder.max.live', decoder, 0.2, reach),
      },
    });
  expect(pair(0.9, 0.84)).toBe('refuted info');
  expect(pair(0.9, 0.76)).toBe('refuted info');
  expect(pair(0.9, 0.6)).toBe('supported warn');
  expect(pair(0.9, 0.6, 0.2)).toBe('refuted info');
  expect(pair(0.9, 0.2)).toBe('supported fail');
});

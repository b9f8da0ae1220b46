// Checks of how scores are to be read, just inside and outside their thresholds.
import { describe, expect, test } from 'vitest';
import { nullBand } from '../../src/metrics/nulls/null.js';
import { finding, outcome, score, scores } from './hand.js';

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

test('metric.dead-dilution: a live score below chance is as far from it, and the larger move is told, not the larger score', () => {
  const below = finding('metric.dead-dilution', {
    metrics: scores({ 'activation.max': [0.25, 0.05], 'activation.max.live': [0.375, 0.5] }),
  });
  expect(below).toMatchObject({ severity: 'fail', evidence: { activationPull: 1 } });
  const both = finding('metric.dead-dilution', {
    metrics: scores({
      'activation.max': [0.1, 0.05],
      'activation.max.live': [0.5, 0.25],
      'decoder.max': [0.9, 0.3],
      'decoder.max.live': [0.8, 0.3],
    }),
  });
  expect(both.effect?.metric).toBe('activation.max');
  const second = finding('metric.dead-dilution', {
    metrics: scores({
      'activation.max': [0.5, 0.05],
      'activation.max.live': [0.6, 0.25],
      'decoder.max': [0.4, 0.3],
      'decoder.max.live': [0.8, 0.3],
    }),
  });
  expect(second.effect?.metric).toBe('decoder.max');
});

describe('metric.wrong-null', () => {
  test('the level of random directions would turn a reading: worth knowing, no alarm', () => {
    const held = (activation: readonly [number, number]) =>
      finding('metric.wrong-null', {
        metrics: scores({ 'decoder.max': [0.9, 0.3], 'activation.max': activation }),
      });
    expect(held([0.5, 0.1]).verdict).toBe('refuted');
    expect(held([0.2, 0.1])).toMatchObject({
      verdict: 'supported',
      severity: 'info',
      evidence: { activationOwnNull: 1, activationWrongNull: -1, turned: 1 },
    });
  });

  const easy = (kind: 'untrained' | 'covariance-matched', level: number) => {
    const metric = kind === 'untrained' ? 'activation.max.live' : 'decoder.max.live';
    const strict = { ...score(metric, 0.5, 0.2), otherNulls: [nullBand(kind, level, 0.01, 5, true)] };
    return finding('metric.wrong-null', {
      metrics: { 'decoder.max': score('decoder.max', 0.9, 0.3), [metric]: strict },
    });
  };

  test('a score beyond its own null but not beyond a stricter one that fits', () => {
    expect(easy('untrained', 0.51)).toMatchObject({
      severity: 'fail',
      evidence: { activationLiveEasy: 1, activationLiveStrictNull: 0.51, activationLiveUntrained: 1 },
    });
    expect(easy('covariance-matched', 0.48)).toMatchObject({
      severity: 'fail',
      evidence: { decoderLiveEasy: 1, decoderLiveUntrained: 0 },
    });
    expect(easy('untrained', 0.3)).toMatchObject({ verdict: 'refuted', severity: 'info' });
    expect(easy('untrained', 0.3).evidence.activationLiveEasy).toBeUndefined();
  });
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
  // 0.8 of the way up against 0.575, and against 0.5.
  expect(pair(0.9, 0.66)).toBe('refuted info');
  expect(pair(0.9, 0.6)).toBe('supported warn');
  expect(pair(0.9, 0.6, 0.2)).toBe('refuted info');
  expect(pair(0.9, 0.2)).toBe('supported fail');
});

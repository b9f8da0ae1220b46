// The verdict on a group by hand: which score decides, and when nothing can be told.
import { expect, test } from 'vitest';
import { diagnose, type Evidence } from '../../src/diagnosis/index.js';
import { dead, evidence, member, members, scores, weightsOnly } from './hand.js';

const verdict = (change: Partial<Evidence>) => diagnose(evidence(change)).verdict;

const live = (activation: readonly [number, number], decoder: readonly [number, number]) => ({
  metrics: scores({ 'activation.max.live': activation, 'decoder.max.live': decoder }),
});

test('all trusted scores half way to full agreement: reproducible, decided by the lowest', () => {
  expect(verdict(live([0.9, 0.2], [0.7, 0.3]))).toEqual({
    verdict: 'reproducible',
    deciding: { metric: 'decoder.max.live', score: 0.7, null: 0.3, corrected: expect.closeTo(4 / 7, 12) },
  });
});

test('some agreement: partly, decided by the highest that is beyond chance', () => {
  expect(verdict(live([0.4, 0.1], [0.41, 0.3]))).toMatchObject({
    verdict: 'partly',
    deciding: { metric: 'activation.max.live' },
  });
  expect(verdict(live([0.1, 0.1], [0.9, 0.3]))).toMatchObject({
    verdict: 'partly',
    deciding: { metric: 'decoder.max.live' },
  });
});

test('no score clear of its null, or by too little to matter: not beyond chance', () => {
  expect(verdict(live([0.11, 0.1], [0.3, 0.3])).verdict).toBe('not-beyond-chance');
  expect(verdict(live([0.14, 0.1], [0.33, 0.3])).verdict).toBe('not-beyond-chance');
});

test('without activations the decoder decides', () => {
  expect(diagnose(weightsOnly()).verdict).toMatchObject({
    verdict: 'reproducible',
    deciding: { metric: 'decoder.max' },
  });
});

test('unmoved decoders: the displacement stands in, or training is unfinished', () => {
  const unmoved = (activation: readonly [number, number], displacement: readonly [number, number]) => ({
    members: members({ init: { cosineMedian: 0.99, cosineMedianLive: 0.99, unmoved: 0 } }),
    metrics: scores({
      'decoder.max': [0.3, 0.3],
      'decoder.max.live': [0.3, 0.3],
      'activation.max.live': activation,
    }),
    counterfactual: [
      {
        headline: 'decoder.max',
        removed: ['usage.dead-by-firing', 'training.init-drift'],
        measured: scores({ 'displacement.max': displacement })['displacement.max']!,
      } as const,
    ],
  });
  expect(verdict(unmoved([0.9, 0.1], [0.8, 0.3]))).toMatchObject({
    verdict: 'reproducible',
    deciding: { metric: 'displacement.max' },
  });
  expect(verdict(unmoved([0.1, 0.1], [0.3, 0.3]))).toMatchObject({
    verdict: 'cannot-tell',
    obstacle: 'unfinished-training',
  });
});

test('nothing live, too few rows, too few SAEs: cannot tell, and why', () => {
  expect(verdict({ members: [member('a', dead(100)), member('b')] }).obstacle).toBe('nothing-live');
  const activations = { rows: 5000, distinctRows: 99, effectiveRank: 30 };
  expect(verdict({ activations })).toMatchObject({ verdict: 'cannot-tell', obstacle: 'degenerate-data' });
  const nan = { numerics: { nan: 1, inf: 0, zeroFeatures: 0 } };
  expect(verdict({ members: [member('a', nan), member('b')], metrics: {} })).toEqual({
    verdict: 'cannot-tell',
    obstacle: 'nothing-to-compare',
  });
});

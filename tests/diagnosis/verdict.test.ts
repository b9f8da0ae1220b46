// The verdict on a group by hand: which score decides, and when nothing can be told.
import { expect, test } from 'vitest';
import { diagnose, type Evidence, type PairDependence } from '../../src/diagnosis/index.js';
import { nullBand } from '../../src/metrics/nulls/null.js';
import type { NullKind } from '../../src/metrics/nulls/registry.js';
import type { MetricId } from '../../src/metrics/registry.js';
import { dead, evidence, independent, member, members, score, scores, weightsOnly } from './hand.js';

const verdict = (change: Partial<Evidence>) => diagnose(evidence(change)).verdict;

const live = (activation: readonly [number, number], decoder: readonly [number, number]) => ({
  metrics: scores({ 'activation.max.live': activation, 'decoder.max.live': decoder }),
});

test('all trusted scores half way to full agreement: reproducible, decided by the lowest', () => {
  expect(verdict(live([0.9, 0.2], [0.7, 0.3]))).toEqual({
    verdict: 'reproducible',
    deciding: {
      metric: 'decoder.max.live',
      score: 0.7,
      null: 0.3,
      nullKind: 'random-directions',
      corrected: expect.closeTo(4 / 7, 12),
    },
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

test('just half of the way is enough; of scores that are alike the first decides', () => {
  const alike = (mean: number) => verdict(live([mean, 0], [mean, 0]));
  expect(alike(0.5)).toMatchObject({ verdict: 'reproducible', deciding: { metric: 'activation.max.live' } });
  expect(alike(0.49)).toMatchObject({ verdict: 'partly', deciding: { metric: 'activation.max.live' } });
  expect(alike(0)).toMatchObject({
    verdict: 'not-beyond-chance',
    deciding: { metric: 'activation.max.live' },
  });
});

test('two SAEs that fit are enough, one is not; runs of which nothing is known are independent', () => {
  const strange = { fit: { mse: 2, explainedVariance: -1, l0: 4 } };
  expect(verdict({ members: [member('a', strange), member('b'), member('c')] }).verdict).toBe('reproducible');
  expect(verdict({ members: [member('a', strange), member('b')] }).obstacle).toBe('foreign-data');
  const { dependence: _, ...unknown } = evidence();
  expect(diagnose(unknown).verdict.verdict).toBe('reproducible');
  expect(verdict({ metrics: {} })).toEqual({ verdict: 'cannot-tell', obstacle: 'nothing-to-compare' });
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
  expect(verdict({ activations, ...strictly([0.5, 0.1, 0.5], [0.34, 0.3, 0.34]) })).toMatchObject({
    verdict: 'cannot-tell',
    obstacle: 'degenerate-data',
  });
  const nan = { numerics: { nan: 1, inf: 0, zeroFeatures: 0 } };
  expect(verdict({ members: [member('a', nan), member('b')], metrics: {} })).toEqual({
    verdict: 'cannot-tell',
    obstacle: 'nothing-to-compare',
  });
});

/** A score over its own null, with further ones. */
const strict = (id: MetricId, mean: number, own: number, others: Partial<Record<NullKind, number>>) => ({
  ...score(id, mean, own),
  otherNulls: Object.entries(others).map(([kind, level]) =>
    nullBand(kind as NullKind, level, 0.001, 5, true),
  ),
});

const strictly = (
  codes: readonly [number, number, number],
  directions: readonly [number, number, number],
  initLevel = 0.3,
) => ({
  metrics: {
    'activation.max.live': strict('activation.max.live', codes[0], codes[1], { untrained: codes[2] }),
    'decoder.max.live': strict('decoder.max.live', directions[0], directions[1], {
      'covariance-matched': directions[2],
      'own-init': initLevel,
    }),
  },
});

test('agreement no higher than before training, and directions no nearer than crowded ones: not beyond chance', () => {
  expect(verdict(strictly([0.25, 0.12, 0.28], [0.35, 0.3, 0.33]))).toEqual({
    verdict: 'not-beyond-chance',
    deciding: {
      metric: 'decoder.max.live',
      score: 0.35,
      null: 0.33,
      nullKind: 'covariance-matched',
      corrected: expect.closeTo(0.02 / 0.67, 12),
    },
  });
});

test('above SAEs before training, and above crowded directions: in part, by the null that is highest', () => {
  expect(verdict(strictly([0.75, 0.06, 0.5], [0.42, 0.3, 0.34]))).toMatchObject({
    verdict: 'partly',
    deciding: { metric: 'activation.max.live', null: 0.5, nullKind: 'untrained', corrected: 0.5 },
  });
  expect(verdict(strictly([0.8, 0.06, 0.5], [0.8, 0.3, 0.34])).verdict).toBe('reproducible');
});

test('fewer kinds of activations than features: what beats its strictest null comes back, up to so many', () => {
  const activations = { rows: 12_769, distinctRows: 12_769, effectiveRank: 30, clusters: 90.6 };
  const kinds = (change: Partial<Evidence>) => verdict({ activations, ...change });
  expect(kinds(strictly([0.711, 0.066, 0.501], [0.41, 0.3, 0.4]))).toMatchObject({
    verdict: 'partly',
    deciding: { metric: 'activation.max.live', nullKind: 'untrained', null: 0.501 },
    upTo: 91,
  });
  // However much of it comes back, it is of 91 features at the most.
  expect(kinds(strictly([0.9, 0.1, 0.2], [0.9, 0.3, 0.4]))).toMatchObject({ verdict: 'partly', upTo: 91 });
  // Of few inputs codes agree before training too: where that is unknown they tell nothing.
  expect(kinds(live([0.9, 0.1], [0.3, 0.3]))).toMatchObject({
    verdict: 'cannot-tell',
    obstacle: 'degenerate-data',
  });
  expect(verdict(strictly([0.9, 0.1, 0.2], [0.9, 0.3, 0.4])).upTo).toBeUndefined();
});

test('a start that all runs share is no null', () => {
  expect(verdict(strictly([0.8, 0.06, 0.5], [0.8, 0.3, 0.34], 0.9999999)).verdict).toBe('reproducible');
});

test('copies and runs with one start tell nothing; with some independent pairs, these decide', () => {
  const dependence = (...pairs: Partial<PairDependence>[]) =>
    [independent('a', 'b'), independent('a', 'c'), independent('b', 'c')].map((pair, i) => ({
      ...pair,
      ...pairs[i],
    }));
  const copy = { sameFeatures: 1 };
  expect(verdict({ dependence: dependence(copy, copy, { sameInit: true }) })).toMatchObject({
    verdict: 'cannot-tell',
    obstacle: 'not-independent',
  });
  const value = (a: string, b: string, at: number) => ({ a, b, value: at, aToB: at, bToA: at });
  const pairs = [value('a', 'b', 1), value('a', 'c', 0.31), value('b', 'c', 0.31)];
  const copied = { ...score('decoder.max.live', 0.54, 0.3), pairs };
  expect(verdict({ dependence: dependence(copy), metrics: { 'decoder.max.live': copied } })).toMatchObject({
    verdict: 'not-beyond-chance',
    deciding: { score: 0.31 },
  });
});

test('SAEs of other activations, degenerate weights, one direction: cannot tell, and why', () => {
  const strange = { fit: { mse: 2, explainedVariance: -1, l0: 4 } };
  expect(verdict({ members: members(strange) }).obstacle).toBe('foreign-data');
  expect(verdict({ members: members({ encoderLeading: 0.9 }) }).obstacle).toBe('degenerate-weights');
  const activations = { rows: 5000, distinctRows: 5000, effectiveRank: 1.5 };
  expect(verdict({ activations }).obstacle).toBe('one-direction');
});

test('unfinished training that agrees in nothing cannot tell; that agrees all the same, tells', () => {
  const running = members({
    init: { cosineMedian: 0.6, cosineMedianLive: 0.6, unmoved: 0 },
    training: { steps: 100, losses: [1, 1 / 3, 1 / 5, 1 / 7, 1 / 9, 1 / 11, 1 / 13, 1 / 15] },
    fit: { mse: 1 / 15, explainedVariance: 0.9, l0: 4 },
  });
  expect(verdict({ members: running, ...strictly([0.25, 0.12, 0.28], [0.35, 0.3, 0.33]) })).toMatchObject({
    verdict: 'cannot-tell',
    obstacle: 'unfinished-training',
  });
  expect(verdict({ members: running }).verdict).toBe('reproducible');
});

test('where rows look unmoved and their start is unknown, codes decide nothing', () => {
  const { init: _, ...unknown } = member('a');
  const start = { cosine: 0.95, cosineLive: 0.95, tied: 0 };
  const unmoved = ['a', 'b', 'c'].map((id) => ({ ...unknown, id, start }));
  expect(verdict({ members: unmoved, ...live([0.9, 0.1], [0.31, 0.3]) })).toMatchObject({
    verdict: 'cannot-tell',
    obstacle: 'unfinished-training',
  });
});

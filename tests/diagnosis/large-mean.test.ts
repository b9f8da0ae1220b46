// data.mean: just inside and outside its thresholds, with the scores that leave the features of the mean out.
import { expect, test } from 'vitest';
import { diagnose } from '../../src/diagnosis/index.js';
import { dead, evidence, finding, members, outcome, score } from './hand.js';

const group = (meanShare: number, meanWritten: number) => ({
  activations: { rows: 5000, distinctRows: 5000, effectiveRank: 30, meanShare },
  members: members({ meanWritten, denseFeatures: 2 }),
});

test('more than half of the squared length, of which features write more than a third', () => {
  expect(outcome('data.mean', group(0.51, 0.34))).toBe('supported warn');
  expect(outcome('data.mean', group(0.49, 0.9))).toBe('refuted info');
  expect(outcome('data.mean', group(0.9, 0.33))).toBe('refuted info');
  const { meanWritten: _, ...unknown } = members()[0];
  expect(outcome('data.mean', { members: [unknown] })).toBe('refuted info');
  const { denseFeatures: __, ...uncounted } = members()[0];
  expect(finding('data.mean', { members: [uncounted] }).evidence).not.toHaveProperty('denseFeatures');
  const { activations } = group(0.9, 0);
  expect(outcome('data.mean', { activations, members: [unknown] })).toBe('inconclusive info');
});

const counterfactual = [
  {
    headline: 'activation.max',
    removed: ['usage.dead-by-firing', 'data.mean'],
    measured: score('activation.max.live', 0.3, 0.1),
  },
  {
    headline: 'activation.max',
    removed: ['data.mean'],
    measured: score('activation.max', 0.2, 0.1),
  },
] as const;

test('it says what live features score without those of the mean, and is a cause of what they feign', () => {
  const large = { ...group(0.9, 0.8), counterfactual };
  expect(finding('data.mean', large).evidence).toMatchObject({
    meanWritten: expect.closeTo(0.8, 12),
    denseFeatures: 2,
    codes: 0.9,
    codesWithout: 0.3,
  });
  expect(diagnose(evidence(large)).cause[0]).toMatchObject({ finding: 'data.mean', does: 'feigns' });
});

test('features that died are its doing', () => {
  const { activations } = group(0.9, 0.8);
  const dying = members({ meanWritten: 0.8, denseFeatures: 2, ...dead(60) });
  const live = score('activation.max.live', 0.9, 0.1);
  const base = evidence({ activations, members: dying });
  const metrics = {
    ...base.metrics,
    'activation.max': score('activation.max', 0.36, 0.04),
    'activation.max.live': live,
  };
  const { cause } = diagnose({ ...base, metrics });
  expect(cause.find((one) => one.finding === 'usage.dead-by-firing')?.behind).toBe('data.mean');
});

// features.duplicated: just inside and outside its thresholds, against what few dimensions make by chance.
import { expect, test } from 'vitest';
import { diagnose } from '../../src/diagnosis/index.js';
import { maxSurvival } from '../../src/stats/best-cosine.js';
import { evidence, finding, members, outcome, score } from './hand.js';

const repeated = (repeatedFeatures: number, effectiveRank = 30) => ({
  activations: { rows: 5000, distinctRows: 5000, effectiveRank },
  members: members({ repeatedFeatures, parallelFeatures: 2 * repeatedFeatures }),
});

test('more than a twentieth of the features', () => {
  expect(outcome('features.duplicated', repeated(4))).toBe('refuted info');
  expect(outcome('features.duplicated', repeated(6))).toBe('supported warn');
  expect(outcome('features.duplicated', { members: [] })).toBe('inconclusive info');
});

test('in few dimensions many are near another by chance', () => {
  const byChance = maxSurvival(3, 99, 0.99) / 2;
  expect(byChance).toBeGreaterThan(0.3);
  expect(finding('features.duplicated', repeated(30, 3)).evidence['byChance']).toBeCloseTo(byChance, 12);
  expect(outcome('features.duplicated', repeated(Math.floor(100 * byChance + 5), 3))).toBe('refuted info');
  expect(outcome('features.duplicated', repeated(Math.ceil(100 * byChance + 6), 3))).toBe('supported warn');
});

test('scores with each direction once stand beside, and what changes is its doing', () => {
  const spoilt = {
    ...repeated(40),
    counterfactual: [
      { headline: 'decoder.max', removed: ['features.duplicated'], measured: score('decoder.max', 0.5, 0.3) },
    ] as const,
  };
  expect(finding('features.duplicated', spoilt).evidence).toMatchObject({
    decoders: 0.9,
    decodersWithout: 0.5,
  });
  expect(diagnose(evidence(spoilt)).cause[0]).toMatchObject({
    finding: 'features.duplicated',
    metric: 'decoder.max',
  });
});

// What is said of a group whose numbers lie just at a threshold, or just beyond it.
import { describe, expect, test } from 'vitest';
import type { Evidence, FindingId, MemberEvidence } from '../../src/diagnosis/index.js';
import { dead, independent, member, members, outcome, score, scores } from './hand.js';

describe('just at the threshold', () => {
  const alone = (change: Partial<MemberEvidence>) => ({ members: [member('a', change)] });
  const rows = (change: Partial<NonNullable<Evidence['activations']>>) => ({
    activations: { rows: 5000, distinctRows: 5000, effectiveRank: 30, meanShare: 0.05, ...change },
  });
  const corrected = (codes: number, directions: number, reach = 0) => ({
    metrics: {
      'activation.max.live': score('activation.max.live', codes, 0, reach),
      'decoder.max.live': score('decoder.max.live', directions, 0, reach),
    },
  });
  const pulled = (all: number) => ({
    metrics: scores({ 'activation.max': [all, 0.25], 'activation.max.live': [0.75, 0.25] }),
  });
  const still = (cosine: number, losses: readonly number[]) => ({
    members: members({
      init: { cosineMedian: cosine, cosineMedianLive: cosine, unmoved: 0 },
      training: { steps: 100, losses },
    }),
  });
  // One over the number of the stretch: twice the steps would take half of it.
  const halving = [1, 1 / 3, 1 / 5, 1 / 7, 1 / 9, 1 / 11, 1 / 13, 1 / 15];

  test.each<[FindingId, string, Partial<Evidence>, string]>([
    ['data.massive-rows', 'a fifth', rows({ massiveShare: 0.2 }), 'supported warn'],
    ['data.massive-rows', 'half', rows({ massiveShare: 0.5 }), 'supported warn'],
    ['data.heavy-dimensions', 'a fifth', rows({ heavyShare: 0.2 }), 'supported warn'],
    ['data.heavy-dimensions', 'half', rows({ heavyShare: 0.5 }), 'supported warn'],
    ['data.mean', 'half', { ...rows({ meanShare: 0.5 }), ...alone({ meanWritten: 0.9 }) }, 'refuted info'],
    [
      'data.mean',
      'a third',
      { ...rows({ meanShare: 0.9 }), ...alone({ meanWritten: 1 / 3 }) },
      'refuted info',
    ],
    ['usage.dead-by-firing', '15 %', alone(dead(15)), 'refuted info'],
    ['usage.dead-by-firing', 'half', alone(dead(50)), 'supported warn'],
    ['usage.norm-is-not-usage', '15 %', alone(dead(15)), 'refuted info'],
    ['usage.norm-is-not-usage', 'half', alone(dead(50)), 'supported warn'],
    [
      'usage.always-on',
      'a tenth',
      alone({ usage: { live: 50, deadByFiring: 50, deadByNorm: 0, alwaysOn: 5 } }),
      'refuted info',
    ],
    [
      'usage.always-on',
      'half',
      alone({ usage: { live: 50, deadByFiring: 50, deadByNorm: 0, alwaysOn: 25 } }),
      'supported warn',
    ],
    [
      'numerics.zero-features',
      'half',
      alone({ numerics: { nan: 0, inf: 0, zeroFeatures: 50 } }),
      'supported warn',
    ],
    ['weights.degenerate', '5 %', alone({ tinyFeatures: 5 }), 'refuted info'],
    ['weights.degenerate', 'half along one direction', alone({ encoderLeading: 0.5 }), 'refuted info'],
    [
      'weights.degenerate',
      'one of two SAEs',
      { members: [member('a', { encoderLeading: 0.9 }), member('b')] },
      'supported warn',
    ],
    ['weights.degenerate', 'two dimensions', alone({ encoderLeading: 0.9, width: 2 }), 'refuted info'],
    ['weights.degenerate', 'two features', alone({ encoderLeading: 0.9, features: 2 }), 'refuted info'],
    ['data.effective-rank', 'a rank of two', rows({ effectiveRank: 2 }), 'supported fail'],
    ['metric.disagreement', 'a quarter', corrected(0.75, 0.5), 'refuted info'],
    ['metric.disagreement', 'more than that', corrected(0.5, 0.8), 'supported warn'],
    ['metric.disagreement', 'as far as both reach', corrected(0.875, 0.375, 0.25), 'refuted info'],
    ['metric.disagreement', 'farther than both reach', corrected(0.875, 0.375, 0.2), 'supported warn'],
    ['metric.disagreement', 'one of them at chance', corrected(0.875, 0), 'supported fail'],
    ['metric.dead-dilution', 'a quarter of the way', pulled(0.625), 'supported warn'],
    ['metric.dead-dilution', 'less', pulled(0.65), 'refuted info'],
    ['metric.dead-dilution', 'all of the way', pulled(0.25), 'supported fail'],
    ['metric.dead-dilution', 'nearly all of it', pulled(0.26), 'supported warn'],
    ['training.unfinished', 'a cosine of ½', still(0.5, halving), 'supported warn'],
    ['training.unfinished', 'a cosine of less', still(0.49, halving), 'refuted info'],
    [
      'training.unfinished',
      'a cosine of 0.7',
      { members: still(0.7, halving).members.slice(0, 1) },
      'supported fail',
    ],
    ['training.unfinished', 'four stretches', still(0.6, halving.slice(0, 4)), 'supported warn'],
    ['training.unfinished', 'three stretches', still(0.6, halving.slice(0, 3)), 'inconclusive info'],
    ['training.unfinished', 'a loss of 0', still(0.6, [...halving.slice(0, 7), 0]), 'inconclusive info'],
  ])('%s, %s', (id, _, change, said) => {
    expect(outcome(id, change)).toBe(said);
  });

  test('one direction is an obstacle below a rank of two, where there are more dimensions than that', () => {
    const one = (effectiveRank: number, width = 50) => ({
      ...rows({ effectiveRank }),
      members: members({ width, features: 3 }),
    });
    expect(outcome('data.effective-rank', one(1.99))).toBe('supported fail');
    expect(outcome('data.effective-rank', one(1.99, 2))).toBe('refuted info');
  });

  test('copies and shared starts: 99 of 100 features the same, or a cosine at the index of a quarter and of eight SDs', () => {
    const pair = (change: object) =>
      [independent('a', 'b')].map(({ sameInit: _, ...one }) => ({ ...one, ...change }));
    expect(outcome('seeds.not-applied', { dependence: pair({ sameFeatures: 0.99 }) })).toBe('supported fail');
    expect(outcome('seeds.not-applied', { dependence: pair({ sameFeatures: 0.98 }) })).toBe('refuted info');
    const at = (mean: number, shifted: number, shiftedSd: number) =>
      outcome('seeds.same-init', { dependence: pair({ atIndex: { mean, shifted, shiftedSd } }) });
    expect(at(0.25, 0, 0.03125)).toBe('supported fail');
    expect(at(0.24, 0, 0.01)).toBe('refuted info');
    expect(at(0.25, 0, 0.032)).toBe('refuted info');
    expect(at(0.5, 0.25, 0.01)).toBe('supported fail');
    expect(at(0.5, 0.26, 0.01)).toBe('refuted info');
  });
});

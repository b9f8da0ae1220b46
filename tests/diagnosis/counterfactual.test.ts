// Scores with artefacts taken out: which null they are then held against, and what is left over fewer pairs.
import { describe, expect, it, test } from 'vitest';
import { overPairs, scoreWithout } from '../../src/diagnosis/counterfactual.js';
import type { Removable } from '../../src/diagnosis/index.js';
import type { MeasuredMetric } from '../../src/metrics/measured.js';
import { nullBand } from '../../src/metrics/nulls/null.js';
import type { KnownNull } from '../../src/metrics/nulls/registry.js';
import { evidence, score } from './hand.js';

const level = (kind: KnownNull['kind'], mean: number) => nullBand(kind, mean, 0.01, 5, true) as KnownNull;

describe('an artefact that a null leaves in', () => {
  const metrics = (otherNulls: KnownNull[]) => ({
    'decoder.max': { ...score('decoder.max', 0.9, 0.2), otherNulls },
    'activation.max': { ...score('activation.max', 0.9, 0.2), otherNulls },
  });
  const without = (id: Removable, otherNulls: KnownNull[], headline: 'decoder.max' | 'activation.max') =>
    scoreWithout(evidence({ metrics: metrics(otherNulls) }), headline, [id])?.null;
  // own-init keeps the start, covariance-matched the crowding, untrained both and the data; data-covariance nothing.
  const all = [
    level('data-covariance', 0.85),
    level('own-init', 0.7),
    level('covariance-matched', 0.6),
    level('untrained', 0.5),
  ];

  it.each<[Removable, KnownNull['kind']]>([
    ['data.effective-rank', 'covariance-matched'],
    ['identifiability.width', 'covariance-matched'],
    ['usage.always-on', 'untrained'],
    ['training.unfinished', 'own-init'],
    ['metric.wrong-null', 'own-init'],
  ])('%s: the highest that keeps it', (id, kind) => {
    expect(without(id, all, 'decoder.max')?.kind).toBe(kind);
  });

  it('is also left in by SAEs before training, where they are the highest', () => {
    const high = [level('untrained', 0.8), ...all];
    for (const id of ['data.effective-rank', 'identifiability.width', 'usage.always-on'] as const) {
      expect(without(id, high, 'activation.max')?.kind).toBe('untrained');
    }
    // Rows of the start hide what decoders learned: that is measured on displacements, not against a null.
    expect(without('training.init-drift', high, 'activation.max')?.kind).toBe('untrained');
  });

  it('changes nothing where no such null is above that of the score, or none is below full agreement', () => {
    expect(without('usage.always-on', [level('untrained', 0.15)], 'decoder.max')).toBeUndefined();
    expect(without('usage.always-on', [level('untrained', 1)], 'decoder.max')).toBeUndefined();
    expect(without('usage.always-on', [], 'decoder.max')).toBeUndefined();
  });

  it('is taken out of the corrected score', () => {
    const found = scoreWithout(evidence({ metrics: metrics(all) }), 'decoder.max', ['usage.always-on']);
    expect(found?.corrected).toBeCloseTo(0.8, 12);
    expect(found?.mean).toBe(0.9);
  });
});

describe('a score over some of the pairs', () => {
  const values = { ab: 0.8, ac: 0.6, bc: 0.4 };
  const whole: MeasuredMetric = {
    ...score('decoder.max', 0.6, 0.2),
    pairs: Object.entries(values).map(([name, value]) => {
      const [a, b] = name;
      return { a, b, value, aToB: value, bToA: value };
    }),
    sd: 0.2,
    otherNulls: [
      level('own-init', 0.7),
      level('untrained', 0.65),
      level('covariance-matched', 0.5),
      level('data-covariance', 0.3),
    ],
  };

  test('keeps the nulls that hold for any pairs, and drops those measured on these', () => {
    const some = overPairs(whole, (a, b) => `${a}${b}` !== 'bc');
    expect(some?.otherNulls?.map(({ kind }) => kind)).toEqual(['covariance-matched', 'data-covariance']);
    expect(some?.null).toEqual(whole.null);
  });

  test('is theirs, with an interval only where all pairs of three SAEs are there', () => {
    const some = overPairs(whole, (a, b) => `${a}${b}` !== 'bc');
    expect(some).toMatchObject({ n: 2, min: 0.6, max: 0.8 });
    expect(some?.mean).toBeCloseTo(0.7, 12);
    expect(some?.corrected).toBeCloseTo(0.625, 12);
    expect(some?.interval).toBeUndefined();
    const one = overPairs(whole, (a, b) => `${a}${b}` === 'ab');
    expect(one).toMatchObject({ n: 1, mean: 0.8 });
    expect(one?.sd).toBeUndefined();
    expect(overPairs(whole, () => true)).toBe(whole);
    expect(overPairs(whole, () => false)).toBeUndefined();
  });
});

// Scores with artefacts taken out: which null they are then held against, and what is left over fewer pairs.
import { describe, expect, it, test } from 'vitest';
import { overPairs, overSoundPairs, scoreWithout } from '../../src/diagnosis/counterfactual.js';
import type { Removable } from '../../src/diagnosis/index.js';
import { heldStrictly } from '../../src/diagnosis/judgement.js';
import type { MeasuredMetric } from '../../src/metrics/measured.js';
import { nullBand } from '../../src/metrics/nulls/null.js';
import type { KnownNull } from '../../src/metrics/nulls/registry.js';
import { evidence, independent, member, score } from './hand.js';

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

  it('changes nothing where the score has no null that it could be raised from', () => {
    const { null: _, ...bare } = score('decoder.max', 0.9, 0.2);
    const metrics = { 'decoder.max': { ...bare, otherNulls: all } };
    expect(scoreWithout(evidence({ metrics }), 'decoder.max', ['usage.always-on'])).toBeUndefined();
  });

  it('is taken out of the corrected score', () => {
    const found = scoreWithout(evidence({ metrics: metrics(all) }), 'decoder.max', ['usage.always-on']);
    expect(found?.corrected).toBeCloseTo(0.8, 12);
    expect(found?.mean).toBe(0.9);
  });
});

describe('a score over some of the pairs', () => {
  const values = { ab: 0.8, ac: 0.6, bc: 0.4 };
  /** Before training: 0.3, 0.5 and 0.7. */
  const started = (kind: 'own-init' | 'untrained') => ({
    ...level(kind, 0.5),
    pairs: [
      { a: 'a', b: 'b', value: 0.3 },
      { a: 'a', b: 'c', value: 0.5 },
      { a: 'b', b: 'c', value: 0.7 },
    ],
  });
  const whole: MeasuredMetric = {
    ...score('decoder.max', 0.6, 0.2),
    pairs: Object.entries(values).map(([name, value]) => {
      const [a, b] = name;
      return { a, b, value, aToB: value, bToA: value };
    }),
    sd: 0.2,
    otherNulls: [started('own-init'), level('covariance-matched', 0.5), started('untrained')],
  };

  test('is held against the same pairs before training, and against nulls that hold for any pairs', () => {
    const some = overPairs(whole, (a, b) => `${a}${b}` !== 'bc');
    expect(some?.otherNulls?.map(({ kind, mean }) => [kind, mean])).toEqual([
      ['own-init', 0.4],
      ['covariance-matched', 0.5],
      ['untrained', 0.4],
    ]);
    expect(some?.null).toEqual(whole.null);
  });

  test('of pairs that agreed before training too is not beyond it, whatever those did that are left out', () => {
    const start = { ...started('untrained'), pairs: started('untrained').pairs.map((pair) => ({ ...pair })) };
    start.pairs[0].value = 0.79;
    const one = overPairs({ ...whole, otherNulls: [start] }, (a, b) => `${a}${b}` === 'ab');
    expect(one?.mean).toBe(0.8);
    expect(heldStrictly(one)).toMatchObject({ level: { kind: 'untrained', mean: 0.79 } });
  });

  test('is theirs, with an interval only where all pairs of three SAEs are there', () => {
    const some = overPairs(whole, (a, b) => `${a}${b}` !== 'bc');
    expect(some).toMatchObject({ n: 2, min: 0.6, max: 0.8 });
    expect(some?.mean).toBeCloseTo(0.7, 12);
    expect(some?.corrected).toBeCloseTo(0.625, 12);
    expect(some?.interval).toBeUndefined();
    expect(some?.sd).toBeCloseTo(0.2 / Math.SQRT2, 12);
    const one = overPairs(whole, (a, b) => `${a}${b}` === 'ab');
    expect(one).toMatchObject({ n: 1, mean: 0.8 });
    expect(one).not.toHaveProperty('sd');
    expect(overPairs(whole, () => true)).toBe(whole);
    expect(overPairs(whole, () => false)).toBeUndefined();
  });

  /** All pairs of these SAEs, the first of them the most alike. */
  const among = (members: string): MeasuredMetric => ({
    ...score('decoder.max', 0.6, 0.2),
    pairs: [...members].flatMap((a, i) =>
      [...members.slice(i + 1)].map((b, j) => {
        const value = 0.9 - 0.1 * i - 0.05 * j;
        return { a, b, value, aToB: value, bToA: value };
      }),
    ),
  });

  test('has the interval over the SAEs that are left, where all of their pairs are', () => {
    const three = overPairs(among('abcd'), (a, b) => a !== 'd' && b !== 'd');
    expect(three?.n).toBe(3);
    expect(three?.interval).toMatchObject({ level: 0.95 });
    expect(three!.interval!.low).toBeLessThan(three!.mean);
    const five = overPairs(among('abcd'), (a, b) => `${a}${b}` !== 'ab');
    expect(five?.n).toBe(5);
    expect(five).not.toHaveProperty('interval');
  });

  test('is not corrected where chance is full agreement, or unknown', () => {
    const keep = (a: string, b: string) => `${a}${b}` !== 'bc';
    expect(overPairs({ ...whole, null: level('random-directions', 1) }, keep)).not.toHaveProperty(
      'corrected',
    );
    const { null: _, otherNulls: __, ...bare } = whole;
    const some = overPairs(bare, keep);
    expect(some).not.toHaveProperty('corrected');
    expect(some).not.toHaveProperty('otherNulls');
    const elsewhere = { ...started('own-init'), pairs: [{ a: 'b', b: 'c', value: 0.7 }] };
    expect(overPairs({ ...whole, otherNulls: [elsewhere] }, keep)).not.toHaveProperty('otherNulls');
  });
});

describe('a score without pairs that tell nothing', () => {
  const value = (a: string, b: string, value: number) => ({ a, b, value, aToB: value, bToA: value });
  const pairs = [value('a', 'b', 0.9), value('a', 'c', 0.5), value('b', 'c', 0.4)];
  const metrics = { 'decoder.max': { ...score('decoder.max', 0.6, 0.2), pairs } };
  const copies = (...of: string[]) =>
    [independent('a', 'b'), independent('a', 'c'), independent('b', 'c')].map((pair) =>
      of.includes(`${pair.a}${pair.b}`) ? { ...pair, sameFeatures: 1 } : pair,
    );

  test('copies are left out where seeds are taken out, and only there', () => {
    const spoilt = evidence({ metrics, dependence: copies('ab') });
    expect(scoreWithout(spoilt, 'decoder.max', ['seeds.not-applied'])?.mean).toBeCloseTo(0.45, 12);
    expect(scoreWithout(spoilt, 'decoder.max', ['data.misfit'])?.mean).toBe(0.6);
  });

  test('with nothing but copies chance is left', () => {
    const spoilt = evidence({ metrics, dependence: copies('ab', 'ac', 'bc') });
    expect(scoreWithout(spoilt, 'decoder.max', ['seeds.not-applied'])).toMatchObject({
      pairs: [],
      n: 0,
      mean: 0.2,
      min: 0.2,
      max: 0.2,
      corrected: 0,
    });
    const { null: _, ...bare } = metrics['decoder.max'];
    const unknown = evidence({ metrics: { 'decoder.max': bare }, dependence: copies('ab', 'ac', 'bc') });
    expect(scoreWithout(unknown, 'decoder.max', ['seeds.not-applied'])).toBeUndefined();
  });

  test('an SAE that does not fit is left out where that is taken out, and only there', () => {
    const bad = { fit: { mse: 9, explainedVariance: -3, l0: 4 } };
    const spoilt = evidence({ metrics, members: [member('a'), member('b'), member('c', bad)] });
    expect(scoreWithout(spoilt, 'decoder.max', ['data.misfit'])?.mean).toBe(0.9);
    expect(scoreWithout(spoilt, 'decoder.max', ['seeds.not-applied'])?.mean).toBe(0.6);
    expect(overSoundPairs(spoilt, metrics['decoder.max'])?.mean).toBe(0.9);
    expect(overSoundPairs(spoilt, undefined)).toBeUndefined();
  });

  test('what is measured again without several is taken for these alone, in any order', () => {
    const removed = ['data.distinct-rows', 'usage.dead-by-firing'] as const;
    const again = (mean: number) => score('decoder.max', mean, 0.2);
    const spoilt = evidence({
      metrics,
      counterfactual: [
        { headline: 'activation.max', removed, measured: again(0.1) },
        { headline: 'decoder.max', removed: ['data.distinct-rows'], measured: again(0.2) },
        { headline: 'decoder.max', removed: ['data.distinct-rows', 'data.mean'], measured: again(0.3) },
        { headline: 'decoder.max', removed, measured: again(0.7) },
      ],
    });
    expect(scoreWithout(spoilt, 'decoder.max', ['usage.dead-by-firing', 'data.distinct-rows'])?.mean).toBe(
      0.7,
    );
    expect(scoreWithout(spoilt, 'decoder.max', ['data.distinct-rows'])?.mean).toBe(0.2);
    expect(scoreWithout(spoilt, 'decoder.max', ['data.mean', 'usage.dead-by-firing'])).toBeUndefined();
  });
});

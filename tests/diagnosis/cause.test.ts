// Ranking of causes by hand: shares of the gap, order, noise, and what lies behind.
import { describe, expect, test } from 'vitest';
import { rankCauses } from '../../src/diagnosis/cause.js';
import { diagnose, type Evidence, type Finding, type Removable } from '../../src/diagnosis/index.js';
import { nullBand } from '../../src/metrics/nulls/null.js';
import { dead, evidence, independent, members, score, scores } from './hand.js';

const few = { rows: 5000, distinctRows: 90, effectiveRank: 30 };

/** activation.max .1 (null 0); without the dead .1 + a; on distinct rows .1 + b; without both .5. */
function twoArtefacts(a: number, b: number): Evidence {
  const measured = (removed: Removable[], mean: number) => ({
    headline: 'activation.max' as const,
    removed,
    measured: score(removed.length > 1 ? 'activation.max.live' : 'activation.max', mean, 0),
  });
  return evidence({
    members: members(dead(60)),
    activations: few,
    metrics: scores({ 'activation.max': [0.1, 0], 'activation.max.live': [0.1 + a, 0] }),
    counterfactual: [
      measured(['data.distinct-rows'], 0.1 + b),
      measured(['data.distinct-rows', 'usage.dead-by-firing'], 0.5),
    ],
  });
}

const ranked = (e: Evidence) => diagnose(e).cause.map((c) => `${c.rank} ${c.finding} ${c.metric}`);

describe('rankCauses', () => {
  test('the share of the gap that each artefact closes alone', () => {
    const [first, second] = diagnose(twoArtefacts(0.3, 0.1)).cause;
    expect(first).toMatchObject({
      rank: 1,
      finding: 'usage.dead-by-firing',
      metric: 'activation.max',
      score: 0.1,
      without: 0.4,
      reference: 0.5,
      correctedReference: 0.5,
      scale: 'corrected',
      behind: 'data.distinct-rows',
    });
    expect(first.explained).toBeCloseTo(0.75, 12);
    expect(second).toMatchObject({ rank: 2, finding: 'data.distinct-rows' });
    expect(second.explained).toBeCloseTo(0.25, 12);
    expect(second.behind).toBeUndefined();
  });

  test('the order follows the data', () => {
    expect(ranked(twoArtefacts(0.1, 0.3))[0]).toBe('1 data.distinct-rows activation.max');
  });

  test('shares are clipped, and an artefact that closes nothing is no cause', () => {
    const found = diagnose(twoArtefacts(0.6, -0.05)).cause;
    expect(found.map((c) => [c.finding, c.explained])).toEqual([['usage.dead-by-firing', 1]]);
  });

  test('no artefact, no cause, whatever the scores', () => {
    expect(
      ranked(evidence({ metrics: scores({ 'activation.max': [0.1, 0], 'activation.max.live': [0.9, 0] }) })),
    ).toEqual([]);
  });

  test('a gap within the intervals is no gap', () => {
    const noisy = (reach: number) =>
      evidence({
        members: members(dead(60)),
        metrics: {
          'decoder.max': score('decoder.max', 0.4, 0.3, reach),
          'decoder.max.live': score('decoder.max.live', 0.44, 0.3, reach),
        },
      });
    expect(ranked(noisy(0.01))).toEqual(['1 usage.dead-by-firing decoder.max']);
    expect(ranked(noisy(0.05))).toEqual([]);
  });

  test('a diluted score that hides nothing is explained on the raw scale', () => {
    const [first] = diagnose(
      evidence({
        members: members(dead(90)),
        metrics: scores({ 'activation.max': [0.05, 0.05], 'activation.max.live': [0.5, 0.5] }),
      }),
    ).cause;
    expect(first).toMatchObject({
      finding: 'usage.dead-by-firing',
      scale: 'raw',
      explained: 1,
      explainedRaw: 1,
    });
  });

  test('an artefact that explains both headline scores comes before one that explains one of them whole', () => {
    const unmoved = { cosineMedian: 0.95, cosineMedianLive: 0.9, cosineMedianDead: 0.99, unmoved: 60 };
    const both = evidence({
      members: members({ ...dead(60), init: unmoved }),
      metrics: scores({
        'activation.max': [0.1, 0],
        'activation.max.live': [0.6, 0],
        'decoder.max': [0.3, 0.3],
        'decoder.max.live': [0.5, 0.3],
        'displacement.max': [0.7, 0.3],
      }),
      counterfactual: [
        {
          headline: 'decoder.max',
          removed: ['usage.dead-by-firing', 'training.init-drift'],
          measured: score('displacement.max', 0.7, 0.3),
        },
      ],
    });
    expect(ranked(both)).toEqual([
      '1 usage.dead-by-firing activation.max',
      '2 usage.dead-by-firing decoder.max',
      '3 training.init-drift decoder.max',
    ]);
  });

  test('training that is too short comes after what is in the data, and before a null that was too easy', () => {
    // Both nulls leave the start in; the shorter way up is that of training.
    const level = (kind: 'untrained' | 'own-init', mean: number) => nullBand(kind, mean, 0.01, 5, true);
    const one = {
      ...score('decoder.max', 0.9, 0.2),
      otherNulls: [level('untrained', 0.6), level('own-init', 0.8)],
    };
    const ids = ['metric.wrong-null', 'training.unfinished', 'usage.always-on'] as const;
    const findings = ids.map((id): Finding => ({ id, verdict: 'supported', severity: 'warn', evidence: {} }));
    const order = rankCauses(evidence({ metrics: { 'decoder.max': one } }), findings);
    expect(order.map((cause) => cause.finding)).toEqual([
      'usage.always-on',
      'training.unfinished',
      'metric.wrong-null',
    ]);
  });

  test('behind dead features stand the rows only where they are fewer than the features', () => {
    const enough = { ...twoArtefacts(0.3, 0.1), activations: { ...few, distinctRows: 120 } };
    expect(diagnose(enough).cause[0].behind).toBeUndefined();
  });

  test('unmoved rows are a cause where live ones are unmoved, not where dead ones are', () => {
    const unmoved = (live: number) =>
      evidence({
        members: members({
          ...dead(60),
          init: { cosineMedian: 0.95, cosineMedianLive: live, cosineMedianDead: 0.99, unmoved: 60 },
        }),
        metrics: scores({
          'decoder.max': [0.31, 0.3],
          'decoder.max.live': [0.4, 0.2],
          'displacement.max': [0.8, 0.2],
        }),
        counterfactual: [
          {
            headline: 'decoder.max',
            removed: ['training.init-drift', 'usage.dead-by-firing'],
            measured: score('displacement.max', 0.8, 0.2),
          },
        ],
      });
    expect(ranked(unmoved(0.9))[0]).toBe('1 training.init-drift decoder.max');
    expect(ranked(unmoved(0.4))).toEqual(['1 usage.dead-by-firing decoder.max']);
  });

  const crowded = (id: 'decoder.max' | 'decoder.max.live', mean: number, level: number) => ({
    ...score(id, mean, 0.3),
    otherNulls: [nullBand('covariance-matched', level, 0.001, 5, false)],
  });
  const low = { rows: 5000, distinctRows: 5000, effectiveRank: 8 };

  test('crowding into the same dimensions is judged against directions that crowd as well', () => {
    const [first, second] = diagnose(
      evidence({
        activations: low,
        metrics: {
          'decoder.max': crowded('decoder.max', 0.65, 0.6),
          'decoder.max.live': crowded('decoder.max.live', 0.65, 0.64),
        },
      }),
    ).cause;
    expect(first).toMatchObject({
      finding: 'data.effective-rank',
      metric: 'decoder.max',
      does: 'feigns',
      score: 0.65,
      without: 0.65,
      corrected: expect.closeTo(0.5, 12),
      explained: 1,
      afterOthers: 0,
    });
    expect(first.correctedWithout).toBeCloseTo(0.125, 12);
    // That the easy null is too easy is the same thing said otherwise, and follows.
    expect(first.tiedWith).toContain('metric.wrong-null');
    expect(second).toMatchObject({ finding: 'metric.wrong-null', tiedWith: ['data.effective-rank'] });
  });

  test('dead features that hide and a crowd that feigns do not cancel', () => {
    const found = diagnose(
      evidence({
        members: members(dead(60)),
        activations: low,
        metrics: {
          'decoder.max': crowded('decoder.max', 0.5, 0.45),
          'decoder.max.live': crowded('decoder.max.live', 0.7, 0.45),
        },
      }),
    ).cause;
    expect(found.map((c) => [c.finding, c.does])).toEqual(
      expect.arrayContaining([
        ['usage.dead-by-firing', 'hides'],
        ['data.effective-rank', 'feigns'],
      ]),
    );
  });

  test('a null that is too easy comes last, however much it explains', () => {
    const found = diagnose(
      evidence({
        members: members(dead(20)),
        metrics: {
          'activation.max': score('activation.max', 0.5, 0),
          'activation.max.live': score('activation.max.live', 0.6, 0),
          'decoder.max': crowded('decoder.max', 0.65, 0.64),
          'decoder.max.live': crowded('decoder.max.live', 0.65, 0.64),
        },
      }),
    ).cause;
    expect(found.map((c) => c.finding)).toEqual(['usage.dead-by-firing', 'metric.wrong-null']);
    expect(found[1].explained).toBe(1);
    expect(found[1].corrected - found[1].correctedWithout).toBeGreaterThan(0.4);
  });

  test('copies come before all else; with nothing but copies, chance is left', () => {
    const copies = evidence({
      members: members(dead(60)),
      dependence: [{ ...independent('a', 'b'), sameFeatures: 1 }],
      metrics: scores({
        'activation.max': [0.1, 0],
        'activation.max.live': [0.6, 0],
        'decoder.max': [1, 0.3],
        'decoder.max.live': [1, 0.3],
      }),
    });
    const pairs = [{ a: 'a', b: 'b', value: 1, aToB: 1, bToA: 1 }];
    const [first] = diagnose({
      ...copies,
      metrics: { ...copies.metrics, 'decoder.max': { ...copies.metrics['decoder.max']!, pairs } },
    }).cause;
    expect(first).toMatchObject({
      rank: 1,
      finding: 'seeds.not-applied',
      metric: 'decoder.max',
      without: 0.3,
      correctedWithout: 0,
      explained: 1,
    });
  });

  test('a shared start is removed with the partners of the same index', () => {
    const [first] = diagnose(
      evidence({
        dependence: [{ ...independent('a', 'b'), sameInit: true }],
        counterfactual: [
          { headline: 'decoder.max', removed: ['seeds.same-init'], measured: score('decoder.max', 0.4, 0.3) },
        ],
      }),
    ).cause;
    expect(first).toMatchObject({ finding: 'seeds.same-init', does: 'feigns', without: 0.4, explained: 1 });
  });

  test('two artefacts of which either explains the whole gap cannot be told apart', () => {
    const found = diagnose(twoArtefacts(0.39, 0.39)).cause;
    expect(found.map((c) => [c.finding, c.tiedWith])).toEqual([
      ['usage.dead-by-firing', ['data.distinct-rows']],
      ['data.distinct-rows', ['usage.dead-by-firing']],
    ]);
    expect(found[0].afterOthers).toBeCloseTo(0.025, 12);
    expect(diagnose(twoArtefacts(0.39, 0.1)).cause[0].tiedWith).toBeUndefined();
  });

  test('what is left of an artefact after the others', () => {
    const [first, second] = diagnose(twoArtefacts(0.3, 0.1)).cause;
    expect(first.afterOthers).toBeCloseTo(0.75, 12);
    expect(second.afterOthers).toBeCloseTo(0.25, 12);
  });
});

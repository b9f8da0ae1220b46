// Ranking of causes by hand: shares of the gap, order, noise, and what lies behind.
import { describe, expect, test } from 'vitest';
import { diagnose, type Evidence, type Removable } from '../../src/diagnosis/index.js';
import { dead, evidence, members, score, scores } from './hand.js';

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
});

// In which order causes stand, and which artefacts are told as causes at all; each rule alone, by hand.
import { describe, expect, test } from 'vitest';
import { rankCauses } from '../../src/diagnosis/cause.js';
import type { Evidence, Finding, FindingId, Headline, Removable } from '../../src/diagnosis/index.js';
import { nullBand } from '../../src/metrics/nulls/null.js';
import type { KnownNull } from '../../src/metrics/nulls/registry.js';
import { evidence, members, score } from './hand.js';

const level = (kind: KnownNull['kind'], mean: number) => nullBand(kind, mean, 0.01, 5, true) as KnownNull;

const found = (id: FindingId, severity: Finding['severity'] = 'warn'): Finding<FindingId> => ({
  id,
  verdict: 'supported',
  severity,
  evidence: {},
});

/** A headline score without chance, and what it is without these artefacts; in `metrics` only the score as it is. */
function without(headline: Headline, table: readonly (readonly [readonly Removable[], number])[]) {
  return table.map(([removed, mean]) => ({ headline, removed, measured: score(headline, mean, 0) }));
}

const causesOf = (of: Evidence, findings: readonly Finding[]) =>
  rankCauses(of, findings).map(({ finding }) => finding);

describe('the order of causes', () => {
  test('runs that are not what they seem, massive rows, what is in the data, short training, an easy null', () => {
    // Each explains all of what its sort explains, and more of the score than the one before.
    const one = {
      ...score('decoder.max', 0.9, 0),
      otherNulls: [level('own-init', 0.7), level('covariance-matched', 0.85)],
    };
    const spoilt = evidence({
      metrics: { 'decoder.max': one },
      counterfactual: without('decoder.max', [
        [['seeds.same-init'], 0.8],
        [['data.massive-rows'], 0.7],
        [['data.mean'], 0.6],
      ]),
    });
    const ids = [
      'metric.wrong-null',
      'training.unfinished',
      'data.mean',
      'data.massive-rows',
      'seeds.same-init',
    ] as const;
    const order = causesOf(
      spoilt,
      ids.map((id) => found(id)),
    );
    expect(order).toEqual([...ids].reverse());
  });

  const two = (mean: number, heavy: number) =>
    evidence({
      metrics: { 'decoder.max': score('decoder.max', 0.9, 0) },
      counterfactual: without('decoder.max', [
        [['data.mean'], mean],
        [['data.heavy-dimensions'], heavy],
      ]),
    });

  test('what is grave comes before what moves the score more', () => {
    const moreByMean = two(0.5, 0.6);
    expect(causesOf(moreByMean, [found('data.mean'), found('data.heavy-dimensions', 'fail')])).toEqual([
      'data.heavy-dimensions',
      'data.mean',
    ]);
    expect(causesOf(moreByMean, [found('data.mean'), found('data.heavy-dimensions')])).toEqual([
      'data.mean',
      'data.heavy-dimensions',
    ]);
  });

  test('as grave as what is behind it', () => {
    const few = evidence({
      activations: { rows: 5000, distinctRows: 90, effectiveRank: 30, meanShare: 0.05 },
      metrics: {
        'activation.max': score('activation.max', 0.2, 0),
        'activation.max.live': score('activation.max.live', 0.4, 0),
      },
      counterfactual: without('activation.max', [[['data.mean'], 0.8]]),
    });
    const order = (severity: Finding['severity']) =>
      causesOf(few, [
        found('usage.dead-by-firing'),
        found('data.mean'),
        found('data.distinct-rows', severity),
      ]);
    expect(order('fail')).toEqual(['usage.dead-by-firing', 'data.mean']);
    expect(order('warn')).toEqual(['data.mean', 'usage.dead-by-firing']);
  });

  test('of two that explain all of a score the one that moves it more, by the score that it moves most', () => {
    const findings = [found('data.mean'), found('data.heavy-dimensions')];
    expect(causesOf(two(0.5, 0.6), findings)).toEqual(['data.mean', 'data.heavy-dimensions']);
    expect(causesOf(two(0.6, 0.5), findings)).toEqual(['data.heavy-dimensions', 'data.mean']);
    // In the order of the checks where they move it alike.
    expect(causesOf(two(0.5, 0.5), findings)).toEqual(['data.mean', 'data.heavy-dimensions']);
    const both = evidence({
      metrics: {
        'decoder.max': score('decoder.max', 0.9, 0),
        'activation.max': score('activation.max', 0.9, 0),
      },
      counterfactual: [
        ...without('decoder.max', [
          [['data.mean'], 0.6],
          [['data.heavy-dimensions'], 0.4],
        ]),
        ...without('activation.max', [
          [['data.mean'], 0.6],
          [['data.heavy-dimensions'], 0.8],
        ]),
      ],
    });
    const largest = 'data.heavy-dimensions';
    expect(causesOf(both, findings)).toEqual([largest, largest, 'data.mean', 'data.mean']);
  });

  test('shares that differ by less than a tenth rank alike', () => {
    const shares = (dead: number, repeated: number) =>
      evidence({
        metrics: {
          'activation.max': score('activation.max', 0, 0),
          'activation.max.live': score('activation.max.live', dead, 0),
        },
        counterfactual: without('activation.max', [
          [['data.distinct-rows'], repeated],
          [['usage.dead-by-firing', 'data.distinct-rows'], 1],
        ]),
      });
    const findings = [found('usage.dead-by-firing'), found('data.distinct-rows')];
    expect(causesOf(shares(0.66, 0.74), findings)[0]).toBe('usage.dead-by-firing');
    expect(causesOf(shares(0.64, 0.76), findings)[0]).toBe('data.distinct-rows');
  });
});

describe('what is told as a cause', () => {
  /** The score without dead features, and without these and repeated rows. */
  const shares = (asIs: number, dead: number, repeated: number, both: number, reach = 0) =>
    evidence({
      metrics: {
        'activation.max': score('activation.max', asIs, 0, reach),
        'activation.max.live': score('activation.max.live', dead, 0, reach),
      },
      counterfactual: [
        ...without('activation.max', [[['data.distinct-rows'], repeated]]),
        {
          headline: 'activation.max',
          removed: ['usage.dead-by-firing', 'data.distinct-rows'],
          measured: score('activation.max', both, 0, reach),
        },
      ],
    });
  const both = [found('usage.dead-by-firing'), found('data.distinct-rows')];

  test('an artefact that closes a tenth of the gap or more', () => {
    expect(causesOf(shares(0, 0.625, 0.0625, 0.625), both)).toEqual([
      'usage.dead-by-firing',
      'data.distinct-rows',
    ]);
    expect(causesOf(shares(0, 0.625, 0.06, 0.625), both)).toEqual(['usage.dead-by-firing']);
  });

  test('a gap of more than the noise, on the corrected scale, else a score that is diluted by more than 0.05', () => {
    const scaleOf = (of: Evidence) => rankCauses(of, [found('usage.dead-by-firing')]).map((c) => c.scale);
    const apart = (by: number, reach: number) =>
      evidence({
        metrics: {
          'activation.max': score('activation.max', 0.25, 0, reach),
          'activation.max.live': score('activation.max.live', 0.25 + by, 0, reach),
        },
      });
    // Noise is the root of the sum of squares: 0.53 here.
    expect(scaleOf(apart(0.5, 0.375))).toEqual(['raw']);
    expect(scaleOf(apart(0.5, 0.25))).toEqual(['corrected']);
    expect(scaleOf(apart(-0.2, 0.25))).toEqual([]);
    const diluted = (from: number, to: number) =>
      evidence({
        metrics: {
          'activation.max': score('activation.max', from, 0, 0.5),
          'activation.max.live': score('activation.max.live', to, 0, 0.5),
        },
      });
    expect(scaleOf(diluted(0, 0.05))).toEqual([]);
    expect(scaleOf(diluted(0, 0.06))).toEqual(['raw']);
  });

  test('a gap that is just the noise is none', () => {
    const edge = evidence({
      metrics: {
        'activation.max': score('activation.max', 0.25, 0, 0.375),
        'activation.max.live': score('activation.max.live', 0.875, 0, 0.5),
      },
    });
    // By hand: hypot(0.375, 0.5) = 0.625 = 0.875 − 0.25.
    expect(rankCauses(edge, [found('usage.dead-by-firing')])[0].scale).toBe('raw');
  });

  test('over other pairs or against another null nothing is noise, but 0.02 is asked', () => {
    const easy = (from: number, to: number) =>
      evidence({
        metrics: {
          'decoder.max': {
            ...score('decoder.max', 0.9, from, 0.3),
            otherNulls: [level('covariance-matched', to)],
          },
        },
      });
    const causes = (of: Evidence) => rankCauses(of, [found('metric.wrong-null')]);
    expect(causes(easy(0.2, 0.6))[0]).toMatchObject({ scale: 'corrected', explained: 1, explainedRaw: 0 });
    // 0.875 against 0.867.
    expect(causes(easy(0.2, 0.25))).toEqual([]);
  });

  test.each([
    'data.massive-rows',
    'data.mean',
    'data.heavy-dimensions',
    'features.duplicated',
  ] as const)('%s: the score is measured again without it, so its noise counts', (id) => {
    const apart = (reach: number) =>
      evidence({
        metrics: { 'decoder.max': score('decoder.max', 0.9, 0, reach) },
        counterfactual: [
          { headline: 'decoder.max', removed: [id], measured: score('decoder.max', 0.5, 0, reach) },
        ],
      });
    expect(causesOf(apart(0.25), [found(id)])).toEqual([id]);
    expect(causesOf(apart(0.375), [found(id)])).toEqual([]);
  });

  test('only what was found, and is more than worth knowing', () => {
    const of = shares(0, 0.5, 0.5, 0.5);
    const dead = found('usage.dead-by-firing');
    expect(causesOf(of, [dead])).toEqual(['usage.dead-by-firing']);
    expect(causesOf(of, [{ ...dead, severity: 'info' }])).toEqual([]);
    expect(causesOf(of, [{ ...dead, verdict: 'inconclusive' }])).toEqual([]);
    expect(causesOf(of, [{ ...dead, verdict: 'refuted', severity: 'info' }])).toEqual([]);
  });

  test('more features than can be told apart only where they crowd', () => {
    const crowd = evidence({
      metrics: {
        'decoder.max': { ...score('decoder.max', 0.9, 0.2), otherNulls: [level('covariance-matched', 0.6)] },
      },
    });
    const width = found('identifiability.width');
    expect(causesOf(crowd, [{ ...width, evidence: { crowded: 1 } }])).toEqual([width.id]);
    expect(causesOf(crowd, [width])).toEqual([]);
  });

  test('no null where there are fewer inputs than features, but all else', () => {
    const few = evidence({
      activations: { rows: 5000, distinctRows: 90, effectiveRank: 30, meanShare: 0.05 },
      metrics: {
        'decoder.max': { ...score('decoder.max', 0.9, 0.2), otherNulls: [level('covariance-matched', 0.6)] },
      },
      counterfactual: without('decoder.max', [[['data.massive-rows'], 0.3]]),
    });
    const findings = [found('metric.wrong-null'), found('data.massive-rows')];
    expect(causesOf(few, findings)).toEqual(['data.massive-rows']);
    expect(causesOf({ ...few, activations: evidence().activations! }, findings)).toEqual([
      'data.massive-rows',
      'metric.wrong-null',
    ]);
  });

  test('rows that have not moved hide what decoders learned, and feign what codes did not', () => {
    const still = evidence({
      metrics: {
        'decoder.max': score('decoder.max', 0.3, 0.25),
        'displacement.max': score('displacement.max', 0.8, 0.25),
        'activation.max': { ...score('activation.max', 0.8, 0.2), otherNulls: [level('untrained', 0.7)] },
      },
    });
    const causes = rankCauses(still, [found('training.init-drift')]);
    expect(causes.map(({ metric, does }) => `${metric} ${does}`).sort()).toEqual([
      'activation.max feigns',
      'decoder.max hides',
    ]);
  });

  test('nothing where chance is full agreement, as it is or without the artefact', () => {
    const against = (before: number, after: number) =>
      causesOf(
        evidence({
          metrics: {
            'activation.max': score('activation.max', 0.3, before),
            'activation.max.live': score('activation.max.live', 0.8, after),
          },
        }),
        [found('usage.dead-by-firing')],
      );
    expect(against(0, 0)).toHaveLength(1);
    expect(against(0, 1)).toEqual([]);
    expect(against(1, 0)).toEqual([]);
  });

  test('only what was measured without it', () => {
    const unmeasured = evidence({ metrics: { 'activation.max': score('activation.max', 0.3, 0) } });
    expect(causesOf(unmeasured, both)).toEqual([]);
    const alone = evidence({
      metrics: {
        'activation.max': score('activation.max', 0.3, 0),
        'activation.max.live': score('activation.max.live', 0.8, 0),
      },
    });
    expect(causesOf(alone, both)).toEqual(['usage.dead-by-firing']);
  });

  test('two are tied where each closes most of the gap, and leaves at most a tenth of it to the other', () => {
    const tied = (dead: number, repeated: number) =>
      rankCauses(shares(0, dead, repeated, 0.625), both).map(({ tiedWith }) => tiedWith?.length ?? 0);
    // What is left for one is what the other has not closed: a tenth just now.
    expect(tied(0.5625, 0.5625)).toEqual([1, 1]);
    expect(tied(0.5625, 0.56)).toEqual([0, 0]);
    expect(tied(0.4375, 0.62)).toEqual([0, 0]);
  });

  test('of three, those that close less than half of the gap are not tied', () => {
    const three = (dead: number) =>
      evidence({
        members: members(),
        metrics: {
          'decoder.max': score('decoder.max', 0, 0),
          'decoder.max.live': score('decoder.max.live', dead, 0),
          'displacement.max': score('displacement.max', 0.75, 0),
        },
        counterfactual: without('decoder.max', [
          [['data.distinct-rows'], dead],
          [['usage.dead-by-firing', 'data.distinct-rows'], 0.9],
          [['usage.dead-by-firing', 'training.init-drift'], 1],
          [['data.distinct-rows', 'training.init-drift'], 1],
          [['usage.dead-by-firing', 'data.distinct-rows', 'training.init-drift'], 1],
        ]),
      });
    const tied = (of: Evidence) =>
      rankCauses(of, [...both, found('training.init-drift')])
        .filter(({ tiedWith }) => tiedWith)
        .map(({ finding }) => finding);
    expect(tied(three(0.25))).toEqual([]);
    expect(tied(three(0.5))).toEqual(
      expect.arrayContaining(['usage.dead-by-firing', 'data.distinct-rows', 'training.init-drift']),
    );
  });
});

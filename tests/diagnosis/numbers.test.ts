// The numbers that findings carry, by hand, of a group whose SAEs differ.
import { describe, expect, test } from 'vitest';
import type { Evidence, FindingId } from '../../src/diagnosis/index.js';
import { expectedMax } from '../../src/stats/best-cosine.js';
import { evidence, finding, independent, member, score, scores } from './hand.js';

const explaining = (explainedVariance: number) => ({ mse: 0.1, explainedVariance, l0: 4 });

const a = member('a', {
  usage: { live: 60, deadByFiring: 40, alwaysOn: 6, deadByNorm: 10 },
  numerics: { nan: 0, inf: 0, zeroFeatures: 1 },
  parallelFeatures: 8,
  repeatedFeatures: 4,
  tinyFeatures: 1,
  encoderLeading: 0.1,
  meanWritten: 0.25,
  denseFeatures: 2,
  fit: explaining(0.5),
  ordinaryFit: explaining(0.75),
  init: { cosineMedian: 0.25, cosineMedianLive: 0.125, cosineMedianDead: 0.5, unmoved: 3 },
});
const b = member('b', {
  features: 200,
  usage: { live: 150, deadByFiring: 50, alwaysOn: 30, deadByNorm: 110 },
  numerics: { nan: 0, inf: 0, zeroFeatures: 5 },
  parallelFeatures: 10,
  repeatedFeatures: 6,
  tinyFeatures: 4,
  giantFeatures: 2,
  encoderLeading: 0.3,
  meanWritten: 0.5,
  denseFeatures: 4,
  fit: explaining(0.75),
  ordinaryFit: explaining(0.875),
  init: { cosineMedian: 0.5, cosineMedianLive: 0.375, cosineMedianDead: 0.75, unmoved: 5 },
});

const again = (removed: Evidence['counterfactual'][number]['removed'], mean: number, level: number) =>
  (['activation.max', 'decoder.max'] as const).map((headline) => ({
    headline,
    removed,
    measured: score(headline, headline === 'activation.max' ? mean : mean + 0.05, level),
  }));

const group = evidence({
  members: [a, b],
  activations: {
    rows: 5000,
    distinctRows: 4000,
    clusters: 3000,
    effectiveRank: 30,
    mostRepeated: 300,
    meanShare: 0.6,
    heavyDimensions: 2,
    heavyShare: 0.3,
    massiveRows: 7,
    massiveTimes: 11.6,
    massiveShare: 0.1,
    ordinaryRank: 31,
  },
  dependence: [{ ...independent('a', 'b'), sameFeatures: 0.02 }],
  metrics: scores({
    'activation.max': [0.5, 0.1],
    'activation.max.live': [0.7, 0.2],
    'decoder.max': [0.6, 0.3],
    'decoder.max.live': [0.8, 0.4],
    'displacement.max': [0.9, 0.3],
    'decoder.matched': [0.45, 0.1],
  }),
  splitting: [{ narrow: 'a', wide: 'b', features: 60, split: 30, parts: 75 }],
  counterfactual: [
    ...again(['usage.dead-by-firing', 'usage.always-on'], 0.31, 0.11),
    ...again(['usage.dead-by-firing', 'data.massive-rows'], 0.32, 0.12),
    ...again(['usage.dead-by-firing', 'data.heavy-dimensions'], 0.33, 0.13),
    ...again(['usage.dead-by-firing', 'data.mean'], 0.34, 0.14),
    ...again(['features.duplicated'], 0.35, 0.15),
    ...again(['data.distinct-rows'], 0.36, 0.16),
  ],
});

const rounded = (numbers: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value.toPrecision(12))]));

describe('the numbers of a finding', () => {
  test.each<[FindingId, Record<string, number>]>([
    ['numerics.non-finite', { nan: 0, inf: 0, saes: 2, excluded: 0 }],
    ['numerics.zero-features', { zeroFeatures: 6, zeroShare: 0.0175, saes: 2 }],
    ['seeds.not-applied', { pairs: 1, copies: 0, sameFeatures: 0.02 }],
    ['seeds.same-init', { pairs: 1, shared: 0, known: 1, indexCosine: 0, otherIndexCosine: 0 }],
    [
      'usage.dead-by-firing',
      { deadShare: 0.325, deadByFiring: 45, live: 105, liveMin: 60, liveMax: 150, dSae: 200 },
    ],
    [
      'usage.always-on',
      {
        alwaysOn: 18,
        alwaysOnShare: 0.15,
        live: 105,
        denseFeatures: 3,
        liveNull: 0.2,
        codes: 0.7,
        codesWithout: 0.31,
        codesWithoutNull: 0.11,
        decoders: 0.8,
        decodersWithout: 0.36,
      },
    ],
    [
      'usage.norm-is-not-usage',
      // 30 of 100 features, and 60 of 200.
      { deadByFiring: 45, deadByNorm: 60, differenceShare: 0.3, dSae: 200 },
    ],
    [
      'weights.degenerate',
      {
        degenerateShare: 0.015,
        spoilt: 0,
        worst: 2,
        worstLeading: 0.3,
        parallelFeatures: 9,
        tinyFeatures: 2.5,
        giantFeatures: 1,
        encoderLeading: 0.2,
        dSae: 200,
      },
    ],
    [
      'data.mean',
      {
        meanShare: 0.6,
        meanWritten: 0.375,
        denseFeatures: 3,
        codes: 0.7,
        codesWithout: 0.34,
        decoders: 0.8,
        decodersWithout: 0.39,
      },
    ],
    [
      'data.heavy-dimensions',
      {
        heavyDimensions: 2,
        heavyShare: 0.3,
        dModel: 50,
        decoders: 0.8,
        decodersWithout: 0.38,
        chanceWithout: 0.13,
      },
    ],
    [
      'data.massive-rows',
      {
        rows: 5000,
        massiveRows: 7,
        massiveTimes: 12,
        massiveShare: 0.1,
        effectiveRank: 30,
        ordinaryRank: 31,
        explained: 0.625,
        ordinaryExplained: 0.8125,
        codes: 0.7,
        codesWithout: 0.32,
        decoders: 0.8,
        decodersWithout: 0.37,
      },
    ],
    [
      'data.distinct-rows',
      {
        rows: 5000,
        distinctRows: 4000,
        distinctShare: 0.8,
        clusters: 3000,
        paddingRows: 300,
        paddingShare: 0.06,
        dSae: 200,
      },
    ],
    [
      'data.effective-rank',
      {
        effectiveRank: 30,
        dModel: 50,
        rankShare: 0.6,
        dSae: 200,
        chance: Number(expectedMax(50, 200).toPrecision(12)),
        chanceInRank: Number(expectedMax(30, 200).toPrecision(12)),
      },
    ],
    [
      'identifiability.width',
      {
        dSae: 200,
        effectiveRank: 30,
        perDirection: 6.66666666667,
        distinctRows: 3000,
        rowsPerFeature: 15,
        chanceInRank: Number(expectedMax(30, 200).toPrecision(12)),
      },
    ],
    [
      'training.init-drift',
      { cosineMedian: 0.375, cosineMedianLive: 0.25, cosineMedianDead: 0.625, unmoved: 4, dSae: 200 },
    ],
    ['data.misfit', { misfits: 0, saes: 2, worst: 1, worstExplained: 0.75, othersExplained: 0.875 }],
    [
      'features.split',
      {
        narrow: 1,
        wide: 2,
        features: 60,
        split: 30,
        splitShare: 0.5,
        partsEach: 2.5,
        oneToOne: 0.45,
        best: 0.6,
      },
    ],
    [
      'metric.disagreement',
      {
        activationCorrected: 0.625,
        decoderCorrected: 0.666666666667,
        difference: -0.0416666666667,
        // 0.01 over what is left to full agreement: 0.8 and 0.6.
        reach: 0.0291666666667,
      },
    ],
  ])('%s', (id, numbers) => {
    expect(rounded(finding(id, group).evidence)).toEqual(numbers);
  });

  test('features.duplicated', () => {
    expect(rounded(finding('features.duplicated', group).evidence)).toMatchObject({
      repeated: 5,
      repeatedShare: 0.035,
      dSae: 200,
      decoders: 0.6,
      decodersWithout: 0.4,
      codes: 0.5,
      codesWithout: 0.35,
    });
  });

  test('what was not counted in an SAE is none there', () => {
    const { parallelFeatures: _, tinyFeatures: __, repeatedFeatures: ___, denseFeatures: ____, ...bare } = a;
    const counted = (id: FindingId) => finding(id, { ...group, members: [bare, b] }).evidence;
    expect(counted('weights.degenerate')).toMatchObject({
      degenerateShare: 0.01,
      parallelFeatures: 5,
      tinyFeatures: 2,
      giantFeatures: 1,
    });
    expect(counted('features.duplicated')['repeated']).toBe(3);
    expect(counted('usage.always-on')['denseFeatures']).toBe(2);
  });

  test('effects: the score as it is, and without what was found', () => {
    expect(finding('usage.dead-by-firing', group).effect).toEqual({
      metric: 'activation.max',
      score: 0.5,
      without: 0.7,
    });
    expect(finding('data.distinct-rows', group).effect).toEqual({
      metric: 'activation.max',
      score: 0.5,
      without: 0.36,
    });
  });

  test('metric.dead-dilution: the pull of dead features on a score, on the way from chance to the live score', () => {
    const split = { liveShare: 0.75, liveScore: 0.8, deadShare: 0.25, deadScore: 0.4 };
    const found = finding('metric.dead-dilution', { ...group, splits: { 'activation.max': split } });
    expect(rounded(found.evidence)).toMatchObject({
      deadShare: 0.325,
      activationScore: 0.5,
      activationLive: 0.7,
      activationLiveNull: 0.2,
      activationPull: 0.4,
      activationDeadPart: 0.1,
      activationLivePart: 0.6,
      decoderScore: 0.6,
      decoderLive: 0.8,
      decoderLiveNull: 0.4,
      decoderPull: 0.5,
    });
    expect(found.evidence).not.toHaveProperty('decoderLivePart');
    expect(found).toMatchObject({ verdict: 'supported', severity: 'warn' });
    // Where all features live, or none does, there is no score of the others.
    const some = { liveShare: 1, liveScore: 0.8, deadShare: 0 };
    const none = { liveShare: 0, deadShare: 1, deadScore: 0.4 };
    const half = { liveShare: 0.5, deadShare: 0.5 };
    const parts = (of: object) =>
      finding('metric.dead-dilution', { ...group, splits: { 'activation.max': of as typeof split } })
        .evidence;
    expect(parts(some)).toMatchObject({ activationDeadPart: 0, activationLivePart: 0.8 });
    expect(parts(none)).toMatchObject({ activationDeadPart: 0.4, activationLivePart: 0 });
    expect(parts(half)).toMatchObject({ activationDeadPart: 0, activationLivePart: 0 });
  });
});

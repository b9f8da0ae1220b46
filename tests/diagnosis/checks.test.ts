// Every check by hand: just inside and just outside its thresholds, and without what it needs.
import { describe, expect, test } from 'vitest';
import {
  checks,
  type Evidence,
  type Finding,
  type FindingId,
  findingIds,
  type MemberEvidence,
  type PairKinship,
} from '../../src/diagnosis/index.js';
import { expectedMax } from '../../src/nulls/best-cosine.js';
import { nullBand } from '../../src/nulls/null.js';
import { dead, evidence, independent, member, members, overTwo, score, scores, weightsOnly } from './hand.js';

function finding(id: FindingId, change: Partial<Evidence> | Evidence): Finding {
  const whole = 'id' in change ? (change as Evidence) : evidence(change);
  const found = checks.map((check) => check(whole)).find((f) => f.id === id);
  if (!found) throw new Error(`no check gives ${id}`);
  return found;
}

const outcome = (id: FindingId, change: Partial<Evidence>) => {
  const { verdict, severity } = finding(id, change);
  return `${verdict} ${severity}`;
};

test('there is one check for each finding, and a healthy group raises none', () => {
  const found = checks.map((check) => check(evidence()));
  expect(found.map((f) => f.id).sort()).toEqual([...findingIds].sort());
  expect(found.filter((f) => f.verdict !== 'refuted' || f.severity !== 'info')).toEqual([]);
});

test('without activations and init, what cannot be checked says what it needs', () => {
  const found = checks.map((check) => check(weightsOnly()));
  const needs = Object.fromEntries(
    found.filter((f) => f.verdict === 'inconclusive').map((f) => [f.id, f.needs]),
  );
  const activations = ['activations'];
  expect(needs).toEqual({
    'data.misfit': activations,
    'data.distinct-rows': activations,
    'data.effective-rank': activations,
    'identifiability.width': activations,
    'usage.dead-by-firing': activations,
    'usage.always-on': activations,
    'usage.norm-is-not-usage': activations,
    'training.init-drift': ['init'],
    'training.unfinished': ['training'],
    'metric.dead-dilution': activations,
    'metric.wrong-null': activations,
    'metric.disagreement': activations,
  });
  expect(found.filter((f) => f.severity !== 'info')).toEqual([]);
});

test('a single SAE needs another', () => {
  const { kinship: _, ...alone } = evidence({ members: [member('a')], metrics: {} });
  const pairwise = ['seeds.not-applied', 'seeds.same-init'] as const;
  const scored = ['metric.dead-dilution', 'metric.wrong-null', 'metric.disagreement'] as const;
  for (const id of [...pairwise, ...scored]) {
    expect(finding(id, alone)).toMatchObject({ verdict: 'inconclusive', needs: ['another SAE'] });
  }
});

describe('data.distinct-rows', () => {
  const rows = (all: number, distinctRows: number) =>
    outcome('data.distinct-rows', { activations: { rows: all, distinctRows, effectiveRank: 30 } });

  test('fewer than features fails; under a twentieth of the rows warns', () => {
    expect(rows(200, 100)).toBe('refuted info');
    expect(rows(200, 99)).toBe('supported fail');
    expect(rows(2000, 100)).toBe('refuted info');
    expect(rows(2001, 100)).toBe('supported warn');
  });

  const similar = (change: Partial<NonNullable<Evidence['activations']>>) =>
    finding('data.distinct-rows', {
      activations: { rows: 5000, distinctRows: 5000, effectiveRank: 30, ...change },
    });

  test('copies up to noise count once, whatever the number of distinct rows', () => {
    expect(similar({ clusters: 100 }).severity).toBe('warn');
    expect(similar({ clusters: 99 })).toMatchObject({ severity: 'fail', evidence: { clusters: 99 } });
    expect(similar({ clusters: 300 }).verdict).toBe('refuted');
  });

  test('one row that stands for many is padding', () => {
    expect(similar({ mostRepeated: 250 }).verdict).toBe('refuted');
    expect(similar({ mostRepeated: 251 })).toMatchObject({
      severity: 'warn',
      evidence: { paddingRows: 251 },
    });
    expect(similar({ mostRepeated: 2501 }).severity).toBe('fail');
  });

  test('the widest SAE decides', () => {
    const wide = { members: [member('a'), member('b', { features: 400 })] };
    const activations = { rows: 1000, distinctRows: 300, effectiveRank: 30 };
    expect(outcome('data.distinct-rows', { ...wide, activations })).toBe('supported fail');
  });

  test('the effect is the score on distinct rows, where it moves', () => {
    const spoilt = (without: number) => ({
      activations: { rows: 5000, distinctRows: 99, effectiveRank: 30 },
      counterfactual: [
        {
          headline: 'activation.max',
          removed: ['data.distinct-rows'],
          measured: score('activation.max', without, 0.2),
        } as const,
      ],
    });
    expect(finding('data.distinct-rows', spoilt(0.5)).effect).toEqual({
      metric: 'activation.max',
      score: 0.9,
      without: 0.5,
    });
    expect(finding('data.distinct-rows', spoilt(0.89)).effect).toBeUndefined();
  });
});

test('data.effective-rank: by how much it raises chance; one direction fails', () => {
  const rank = (effectiveRank: number) =>
    finding('data.effective-rank', { activations: { rows: 5000, distinctRows: 5000, effectiveRank } });
  // 100 features: 0.38 by chance in 50 dimensions, 0.52 in 24 (23 % of the way up from there), 0.55 in 21 (28 %).
  expect(rank(24).verdict).toBe('refuted');
  expect(rank(21)).toMatchObject({ verdict: 'supported', severity: 'warn' });
  expect(rank(21).evidence.chance).toBeCloseTo(expectedMax(50, 100), 12);
  expect(rank(21).evidence.chanceInRank).toBeCloseTo(expectedMax(21, 100), 12);
  expect(rank(1.9).severity).toBe('fail');
});

describe('identifiability.width', () => {
  const data = (distinctRows: number, effectiveRank: number) =>
    outcome('identifiability.width', { activations: { rows: 5000, distinctRows, effectiveRank } });

  test('random features that all have a near neighbour warn', () => {
    expect(expectedMax(5, 100)).toBeGreaterThan(0.9);
    expect(expectedMax(6, 100)).toBeLessThan(0.9);
    expect(data(5000, 5)).toBe('supported warn');
    expect(data(5000, 6)).toBe('refuted info');
  });

  test('so do fewer than two rows a feature', () => {
    expect(data(199, 30)).toBe('supported warn');
    expect(data(200, 30)).toBe('refuted info');
  });
});

test('usage.always-on: by the mean share of live features that fire on everything', () => {
  const share = (alwaysOn: number, live = 50) =>
    outcome('usage.always-on', {
      members: members({ usage: { live, deadByFiring: 100 - live, deadByNorm: 0, alwaysOn } }),
    });
  expect(share(4)).toBe('refuted info');
  expect(share(6)).toBe('supported warn');
  expect(share(26)).toBe('supported fail');
  expect(share(26, 100)).toBe('supported warn');
});

describe('seeds', () => {
  const pairs = (...kinship: Partial<PairKinship>[]) => ({
    kinship: kinship.map(
      (pair, i): PairKinship => ({
        ...independent('a', ['b', 'c', 'd'][i]),
        ...pair,
      }),
    ),
  });

  test('two SAEs with the same directions are one; the effect is the score of the other pairs', () => {
    expect(outcome('seeds.not-applied', pairs({ sameFeatures: 0.98 }))).toBe('refuted info');
    const some = finding('seeds.not-applied', {
      ...pairs({ sameFeatures: 0.99 }, {}),
      metrics: { 'decoder.max': overTwo('decoder.max', [1, 0.4]) },
    });
    expect(some).toMatchObject({
      severity: 'fail',
      evidence: { pairs: 2, copies: 1 },
      effect: { metric: 'decoder.max', score: 0.7, without: 0.4 },
    });
    const all = pairs({ sameFeatures: 1 }, { sameFeatures: 1 });
    expect(
      finding('seeds.not-applied', { ...all, metrics: { 'decoder.max': overTwo('decoder.max', [1, 1]) } })
        .effect,
    ).toBeUndefined();
  });

  test('a shared start, by the initial weights', () => {
    expect(outcome('seeds.same-init', pairs({ sameInit: false }, { sameInit: false }))).toBe('refuted info');
    expect(finding('seeds.same-init', pairs({ sameInit: true }, { sameInit: false }))).toMatchObject({
      severity: 'fail',
      evidence: { pairs: 2, shared: 1, known: 1 },
    });
  });

  test('a shared start, by rows that agree index by index beyond what all rows share', () => {
    const at = (mean: number, shifted: number, shiftedSd: number) => {
      const { sameInit: _, ...unknown } = independent('a', 'b');
      return outcome('seeds.same-init', { kinship: [{ ...unknown, atIndex: { mean, shifted, shiftedSd } }] });
    };
    expect(at(0.3, 0, 0.03)).toBe('supported fail');
    expect(at(0.24, 0, 0.01)).toBe('refuted info');
    expect(at(0.9, 0.85, 0.001)).toBe('refuted info');
    expect(at(0.3, 0, 0.04)).toBe('refuted info');
  });

  test('a known start counts, not what the index shows; copies are copies', () => {
    const atIndex = { mean: 0.5, shifted: 0, shiftedSd: 0.01 };
    expect(outcome('seeds.same-init', pairs({ sameInit: false, atIndex }))).toBe('refuted info');
    expect(outcome('seeds.same-init', pairs({ sameInit: true, sameFeatures: 1 }))).toBe('refuted info');
  });

  test('with other widths, a start that is not known cannot be compared', () => {
    const { sameInit: _, atIndex: __, ...unknown } = independent('a', 'b');
    expect(finding('seeds.same-init', { kinship: [unknown] })).toMatchObject({
      verdict: 'inconclusive',
      needs: ['init'],
    });
  });

  test('the effect is the score without partners of the same index', () => {
    const found = finding('seeds.same-init', {
      ...pairs({ sameInit: true }),
      counterfactual: [
        { headline: 'decoder.max', removed: ['seeds.same-init'], measured: score('decoder.max', 0.4, 0.3) },
      ],
    });
    expect(found.effect).toEqual({ metric: 'decoder.max', score: 0.9, without: 0.4 });
  });
});

describe('data.misfit', () => {
  const fitting = (
    explainedVariance: number,
    change: Partial<MemberEvidence> = {},
  ): Partial<MemberEvidence> => ({
    fit: { explainedVariance, mse: 1 - explainedVariance, l0: 4 },
    ...change,
  });
  const group = (...some: Partial<MemberEvidence>[]) => ({
    members: some.map((change, i) => member(['a', 'b', 'c', 'd'][i], change)),
  });

  test('one that explains far less than the others, by three times their error and a fifth of the variance', () => {
    const found = finding('data.misfit', group(fitting(0.9), fitting(0.4), fitting(0.88)));
    expect(found).toMatchObject({
      severity: 'fail',
      evidence: { misfits: 1, worst: 2, worstExplained: 0.4 },
    });
    expect(found.evidence.othersExplained).toBeCloseTo(0.89, 12);
    expect(outcome('data.misfit', group(fitting(0.9), fitting(0.71), fitting(0.9)))).toBe('refuted info');
    expect(outcome('data.misfit', group(fitting(0.99), fitting(0.8), fitting(0.99)))).toBe('refuted info');
    expect(outcome('data.misfit', group(fitting(0.65), fitting(0.1), fitting(0.65)))).toBe('refuted info');
  });

  test('all of them, by the loss that they were trained to', () => {
    const trained = { training: { steps: 10, losses: [1, 0.1] } };
    expect(outcome('data.misfit', group(fitting(0.2, trained), fitting(0.2, trained)))).toBe(
      'supported fail',
    );
    expect(outcome('data.misfit', group(fitting(0.85, trained), fitting(0.85, trained)))).toBe(
      'refuted info',
    );
  });

  test('all of them, where they explain less than the mean does, unless they are still at their start', () => {
    const start = { init: { cosineMedian: 0.9, unmoved: 0 } };
    expect(outcome('data.misfit', group(fitting(-0.1), fitting(-0.2)))).toBe('supported fail');
    expect(outcome('data.misfit', group(fitting(-0.1, start), fitting(-0.2, start)))).toBe('refuted info');
  });

  test('the effect is the score of the pairs that fit', () => {
    const metrics = {
      'activation.max': overTwo('activation.max', [0.2, 0.8]),
    };
    expect(
      finding('data.misfit', { ...group(fitting(0.9), fitting(0.1), fitting(0.9)), metrics }).effect,
    ).toEqual({
      metric: 'activation.max',
      score: 0.5,
      without: 0.8,
    });
  });
});

describe('training.unfinished', () => {
  /** L ∝ step^−β at the middle of each of 20 stretches. */
  const power = (beta: number) => Array.from({ length: 20 }, (_, i) => (i + 0.5) ** -beta);
  const run = (beta: number | undefined, cosine?: number) =>
    finding('training.unfinished', {
      members: ['a', 'b'].map((id) => {
        const { init: _, ...rest } = member(id);
        return {
          ...rest,
          ...(beta === undefined ? {} : { training: { steps: 1000, losses: power(beta) } }),
          ...(cosine === undefined ? {} : { init: { cosineMedian: cosine, unmoved: 0 } }),
        };
      }),
    });

  test('what as many steps again would take away is read off the loss', () => {
    expect(run(1).evidence.lossFall).toBeCloseTo(0.5, 1);
    expect(run(0.3, 0.6).evidence.lossFall).toBeCloseTo(1 - 2 ** -0.3, 2);
  });

  test('a loss that falls matters where features are still turning, or where it falls steeply', () => {
    expect(run(0.4, 0.6)).toMatchObject({ verdict: 'supported', severity: 'warn' });
    expect(run(0.4, 0.8).severity).toBe('fail');
    expect(run(0.2, 0.6).verdict).toBe('refuted');
    expect(run(0.4, 0.4).verdict).toBe('refuted');
    expect(run(1.2, 0.4).verdict).toBe('refuted');
    expect(run(1.7, 0.4).verdict).toBe('supported');
    expect(run(0, 0.9).verdict).toBe('refuted');
  });

  test('steps that are missing until a cosine of one half, at the rate so far', () => {
    // cos 30° = √3/2: moved by tan 30° = 1/√3 of its length in 1000 steps, √3 of it in 3000.
    expect(run(1, Math.sqrt(3) / 2).evidence.moreSteps).toBeCloseTo(2000, 6);
    expect(run(1, 0.4).evidence.moreSteps).toBeUndefined();
  });

  test('without the loss, rows that hardly moved are a sign; rows that moved by 60° are another', () => {
    expect(run(undefined, 0.8)).toMatchObject({ verdict: 'supported', severity: 'warn' });
    expect(run(undefined, 0.6)).toMatchObject({ verdict: 'inconclusive', needs: ['training'] });
    expect(run(undefined, 0.4).verdict).toBe('refuted');
    expect(run(undefined)).toMatchObject({ verdict: 'inconclusive', needs: ['training'] });
  });
});

test('usage.dead-by-firing: by the mean dead share, with the live score as effect', () => {
  const share = (count: number) => outcome('usage.dead-by-firing', { members: members(dead(count)) });
  expect(share(14)).toBe('refuted info');
  expect(share(16)).toBe('supported warn');
  expect(share(51)).toBe('supported fail');
  const mixed = finding('usage.dead-by-firing', {
    members: [member('a', dead(60)), member('b', dead(0)), member('c', dead(30))],
    metrics: scores({ 'activation.max': [0.4, 0.1], 'activation.max.live': [0.7, 0.2] }),
  });
  expect(mixed.evidence).toMatchObject({ deadShare: 0.3, liveMin: 40, liveMax: 100 });
  expect(mixed.effect).toEqual({ metric: 'activation.max', score: 0.4, without: 0.7 });
});

test('usage.norm-is-not-usage: by how far the two counts are apart', () => {
  const counts = (byFiring: number, byNorm: number) =>
    outcome('usage.norm-is-not-usage', {
      members: members({ usage: { live: 100 - byFiring, deadByFiring: byFiring, deadByNorm: byNorm } }),
    });
  expect(counts(14, 0)).toBe('refuted info');
  expect(counts(16, 0)).toBe('supported warn');
  expect(counts(0, 16)).toBe('supported warn');
  expect(counts(90, 90)).toBe('refuted info');
  expect(counts(90, 10)).toBe('supported fail');
});

describe('training.init-drift', () => {
  const init = (all: number, live?: number, deadOnes?: number) => ({
    members: members({
      init: {
        cosineMedian: all,
        unmoved: 0,
        ...(live === undefined ? {} : { cosineMedianLive: live }),
        ...(deadOnes === undefined ? {} : { cosineMedianDead: deadOnes }),
      },
    }),
  });

  test('live rows at their start: the displacement is what the score misses', () => {
    const found = finding('training.init-drift', {
      ...init(0.8, 0.8),
      metrics: scores({ 'decoder.max': [0.32, 0.3], 'displacement.max': [0.8, 0.3] }),
    });
    expect(found).toMatchObject({
      verdict: 'supported',
      severity: 'fail',
      effect: { metric: 'decoder.max', score: 0.32, without: 0.8 },
    });
    expect(found.evidence.onlyDead).toBeUndefined();
    expect(outcome('training.init-drift', init(0.8, 0.8))).toBe('supported warn');
    expect(outcome('training.init-drift', init(0.69, 0.69))).toBe('refuted info');
  });

  test('only dead rows at their start: said so, with the live score as effect', () => {
    const found = finding('training.init-drift', {
      ...init(0.95, 0.4, 0.99),
      metrics: scores({ 'decoder.max': [0.32, 0.3], 'decoder.max.live': [0.5, 0.2] }),
    });
    expect(found).toMatchObject({
      verdict: 'supported',
      severity: 'warn',
      evidence: { onlyDead: 1 },
      effect: { metric: 'decoder.max', score: 0.32, without: 0.5 },
    });
  });

  const shape = (cosine: number, live?: number, deadOnes?: number) => {
    const { init: _, ...unknown } = member('a');
    const start = {
      cosine,
      tied: 0,
      ...(live === undefined ? {} : { cosineLive: live }),
      ...(deadOnes === undefined ? {} : { cosineDead: deadOnes }),
    };
    return finding('training.init-drift', { members: [{ ...unknown, start }] });
  };

  test('where the start is unknown, by the shape of the weights; no trace of a start is no answer', () => {
    expect(shape(0.9)).toMatchObject({ severity: 'warn', evidence: { estimated: 1, cosineMean: 0.9 } });
    expect(shape(0.9, 0.8).evidence.onlyDead).toBeUndefined();
    expect(shape(0.9, 0.3, 0.95)).toMatchObject({ severity: 'warn', evidence: { onlyDead: 1 } });
    expect(shape(0.5)).toMatchObject({ verdict: 'inconclusive', needs: ['init'] });
    expect(shape(0)).toMatchObject({ verdict: 'inconclusive', needs: ['init'] });
  });

  test('with firing unknown, all rows decide', () => {
    expect(finding('training.init-drift', init(0.8)).evidence.onlyDead).toBeUndefined();
    expect(outcome('training.init-drift', init(0.8))).toBe('supported warn');
  });
});

test('weights.degenerate: repeated, tiny and giant rows, a flat decoder, an encoder along one line', () => {
  const share = (change: Parameters<typeof members>[0]) =>
    outcome('weights.degenerate', { members: members(change) });
  expect(share({ parallelFeatures: 4 })).toBe('refuted info');
  expect(share({ parallelFeatures: 6 })).toBe('supported warn');
  expect(share({ parallelFeatures: 51 })).toBe('supported fail');
  expect(share({ tinyFeatures: 6 })).toBe('supported warn');
  // Short rows among short rows are a convention.
  expect(share({ usage: { live: 100, deadByFiring: 0, deadByNorm: 100 } })).toBe('refuted info');
  expect(share({ giantFeatures: 1 })).toBe('supported warn');
  expect(share({ encoderLeading: 0.49 })).toBe('refuted info');
  expect(share({ encoderLeading: 0.51 })).toBe('supported fail');
  const decoder = { mean: 1, std: 0, normMean: 1, normStd: 0, normMin: 1, normMax: 1 };
  expect(share({ weights: { decoder, encoder: { mean: 0, std: 1 } } })).toBe('supported fail');
});

test('numerics.non-finite: one value is enough', () => {
  const bad = (nan: number, inf: number) => ({
    members: [member('a', { numerics: { nan, inf, zeroFeatures: 0 } }), member('b'), member('c')],
  });
  expect(outcome('numerics.non-finite', bad(0, 0))).toBe('refuted info');
  expect(outcome('numerics.non-finite', bad(1, 0))).toBe('supported fail');
  expect(finding('numerics.non-finite', bad(2, 3)).evidence).toEqual({
    nan: 2,
    inf: 3,
    saes: 3,
    excluded: 1,
  });
});

test('numerics.zero-features: any warns, most fails', () => {
  const zero = (zeroFeatures: number) =>
    outcome('numerics.zero-features', { members: members({ numerics: { nan: 0, inf: 0, zeroFeatures } }) });
  expect(zero(0)).toBe('refuted info');
  expect(zero(1)).toBe('supported warn');
  expect(zero(51)).toBe('supported fail');
});

describe('metric.dead-dilution', () => {
  const diluted = (all: number, live: number) => ({
    metrics: scores({ 'activation.max': [all, 0.05], 'activation.max.live': [live, 0.5] }),
  });

  test('pull is the move over what there is to find', () => {
    expect(finding('metric.dead-dilution', diluted(0.7, 0.9)).evidence.activationPull).toBeCloseTo(0.5, 12);
    expect(outcome('metric.dead-dilution', diluted(0.7, 0.9))).toBe('supported warn');
    expect(outcome('metric.dead-dilution', diluted(0.1, 0.9))).toBe('supported fail');
    expect(outcome('metric.dead-dilution', diluted(0.85, 0.9))).toBe('refuted info');
  });

  test('a live score at chance gives no pull from rounding', () => {
    expect(outcome('metric.dead-dilution', diluted(0.49, 0.5))).toBe('refuted info');
  });

  test('the effect is on the score that moves furthest', () => {
    const found = finding('metric.dead-dilution', {
      metrics: scores({
        'activation.max': [0.1, 0.05],
        'activation.max.live': [0.9, 0.5],
        'decoder.max': [0.4, 0.3],
        'decoder.max.live': [0.31, 0.3],
      }),
      splits: { 'activation.max': { liveShare: 0.25, liveScore: 0.4, deadShare: 0.75, deadScore: 0 } },
    });
    expect(found.effect).toEqual({ metric: 'activation.max', score: 0.1, without: 0.9 });
    expect(found.evidence).toMatchObject({ activationLivePart: 0.1, activationDeadPart: 0 });
    expect(found.evidence.decoderLivePart).toBeUndefined();
  });
});

describe('metric.wrong-null', () => {
  test('the level of random directions would turn a reading: worth knowing, no alarm', () => {
    const held = (activation: readonly [number, number]) =>
      finding('metric.wrong-null', {
        metrics: scores({ 'decoder.max': [0.9, 0.3], 'activation.max': activation }),
      });
    expect(held([0.5, 0.1]).verdict).toBe('refuted');
    expect(held([0.2, 0.1])).toMatchObject({
      verdict: 'supported',
      severity: 'info',
      evidence: { activationOwnNull: 1, activationWrongNull: -1, turned: 1 },
    });
  });

  const easy = (kind: 'untrained' | 'covariance-matched', level: number) => {
    const metric = kind === 'untrained' ? 'activation.max.live' : 'decoder.max.live';
    const strict = { ...score(metric, 0.5, 0.2), otherNulls: [nullBand(kind, level, 0.01, 5, true)] };
    return finding('metric.wrong-null', {
      metrics: { 'decoder.max': score('decoder.max', 0.9, 0.3), [metric]: strict },
    });
  };

  test('a score beyond its own null but not beyond a stricter one that fits', () => {
    expect(easy('untrained', 0.51)).toMatchObject({
      severity: 'fail',
      evidence: { activationLiveEasy: 1, activationLiveStrictNull: 0.51, activationLiveUntrained: 1 },
    });
    expect(easy('covariance-matched', 0.48)).toMatchObject({
      severity: 'fail',
      evidence: { decoderLiveEasy: 1, decoderLiveUntrained: 0 },
    });
    expect(easy('untrained', 0.3).verdict).not.toBe('fail');
    expect(easy('untrained', 0.3).evidence.activationLiveEasy).toBeUndefined();
  });
});

test('metric.disagreement: by the corrected live scores and their intervals', () => {
  const pair = (activation: number, decoder: number, reach?: number) =>
    outcome('metric.disagreement', {
      metrics: {
        'activation.max.live': score('activation.max.live', activation, 0.5, reach),
        'decoder.max.live': score('decoder.max.live', decoder, 0.2, reach),
      },
    });
  expect(pair(0.9, 0.84)).toBe('refuted info');
  // 0.8 of the way up against 0.575, and against 0.5.
  expect(pair(0.9, 0.66)).toBe('refuted info');
  expect(pair(0.9, 0.6)).toBe('supported warn');
  expect(pair(0.9, 0.6, 0.2)).toBe('refuted info');
  expect(pair(0.9, 0.2)).toBe('supported fail');
});

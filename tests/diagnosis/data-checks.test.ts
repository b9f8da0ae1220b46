// Checks of the activations and of which features they use, just inside and outside their thresholds.
import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../src/diagnosis/index.js';
import { expectedMax } from '../../src/stats/best-cosine.js';
import { dead, finding, member, members, outcome, score, scores } from './hand.js';

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
  // In one dimension all features are alike, whatever the activations.
  expect(outcome('data.effective-rank', { members: members({ width: 1 }) })).toBe('refuted info');
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

  test('a rank that rounds to nothing is one direction, in which all features are alike', () => {
    const flat = { activations: { rows: 5000, distinctRows: 5000, effectiveRank: 0.3 } };
    expect(finding('identifiability.width', flat)).toMatchObject({
      verdict: 'supported',
      evidence: { chanceInRank: 1, crowded: 1 },
    });
    expect(finding('data.effective-rank', flat).evidence.chanceInRank).toBe(1);
  });

  test('so do fewer than two rows a feature', () => {
    expect(data(199, 30)).toBe('supported warn');
    expect(data(200, 30)).toBe('refuted info');
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

test('usage.always-on: one live feature is enough to tell, none is not; without counts nothing is missing but them', () => {
  const usage = (live: number) => ({ live, deadByFiring: 100 - live, deadByNorm: 0, alwaysOn: live });
  expect(outcome('usage.always-on', { members: [member('a', { usage: usage(1) })] })).toBe('supported fail');
  const none = finding('usage.always-on', { members: [member('a', { usage: usage(0) })] });
  expect(none).toEqual({ id: none.id, verdict: 'inconclusive', severity: 'info', evidence: {} });
});

test('SAEs of which only some is known of firing are not counted', () => {
  const half = member('b', { usage: { live: 1, deadByNorm: 0 } });
  expect(finding('usage.dead-by-firing', { members: [member('a', dead(20)), half] }).evidence).toMatchObject({
    deadShare: 0.2,
    live: 80,
  });
});

test('usage.always-on: scores without such features stand beside', () => {
  const on = { members: members({ usage: { live: 50, deadByFiring: 50, deadByNorm: 0, alwaysOn: 10 } }) };
  const counterfactual = [
    {
      headline: 'activation.max',
      removed: ['usage.dead-by-firing', 'usage.always-on'],
      measured: score('activation.max.live', 0.3, 0.12),
    } as const,
  ];
  expect(finding('usage.always-on', { ...on, counterfactual }).evidence).toMatchObject({
    codes: 0.9,
    codesWithout: 0.3,
    codesWithoutNull: 0.12,
  });
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

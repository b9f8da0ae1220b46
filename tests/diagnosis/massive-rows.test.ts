// data.massive-rows: just inside and outside its thresholds, what it says, and that all is then decided on the other rows.
import { expect, test } from 'vitest';
import { diagnose, type Evidence, type Recomputed, topCause } from '../../src/diagnosis/index.js';
import { evidence, finding, members, outcome, score, scores } from './hand.js';

const rows = (massiveShare: number, change: Partial<NonNullable<Evidence['activations']>> = {}) => ({
  activations: {
    rows: 190_500,
    distinctRows: 190_500,
    effectiveRank: 3,
    massiveRows: 143,
    massiveTimes: 115,
    massiveShare,
    ordinaryRank: 40,
    ...change,
  },
});

/** Scores without massive rows: of codes, of codes of live features, of decoders of live features. */
const without = (all: number, live: number, decoders: number) => {
  const one = (removed: Recomputed['removed'], id: 'activation.max' | 'activation.max.live', value: number) =>
    ({ headline: 'activation.max', removed, measured: score(id, value, 0.1) }) as const;
  return {
    counterfactual: [
      one(['data.massive-rows'], 'activation.max', all),
      one(['usage.dead-by-firing', 'data.massive-rows'], 'activation.max.live', live),
      {
        headline: 'decoder.max',
        removed: ['usage.dead-by-firing', 'data.massive-rows'],
        measured: score('decoder.max.live', decoders, 0.3),
      } as const,
    ],
  };
};

test('a fifth of the variance warns, half fails', () => {
  const share = (massiveShare: number) => outcome('data.massive-rows', rows(massiveShare));
  expect(share(0.19)).toBe('refuted info');
  expect(share(0.21)).toBe('supported warn');
  expect(share(0.51)).toBe('supported fail');
  expect(outcome('data.massive-rows', {})).toBe('refuted info');
});

test('scores, rank and explained variance without them stand beside those with them', () => {
  const fitted = members({ ordinaryFit: { mse: 0.1, explainedVariance: 0.6, l0: 4 } });
  const found = finding('data.massive-rows', { ...rows(0.93), ...without(0.3, 0.35, 0.4), members: fitted });
  expect(found.evidence).toMatchObject({
    massiveRows: 143,
    massiveShare: 0.93,
    effectiveRank: 3,
    ordinaryRank: 40,
    explained: 0.9,
    codes: 0.9,
    codesWithout: 0.35,
    decodersWithout: 0.4,
  });
  expect(found.evidence['ordinaryExplained']).toBeCloseTo(0.6, 12);
});

test('it is the first cause, and the verdict is on the other rows', () => {
  const spoilt = evidence({ ...rows(0.93), ...without(0.11, 0.11, 0.3) });
  const diagnosis = diagnose(spoilt);
  expect(topCause(diagnosis)).toBe('data.massive-rows');
  expect(diagnosis.cause[0]).toMatchObject({ finding: 'data.massive-rows', does: 'feigns', explained: 1 });
  // Whether or not a score moves.
  expect(topCause(diagnose(evidence({ ...rows(0.93), ...without(0.9, 0.9, 0.9) })))).toBe(
    'data.massive-rows',
  );
  expect(diagnosis.verdict).toMatchObject({ verdict: 'not-beyond-chance', without: 'data.massive-rows' });
  expect(diagnose(evidence({ ...rows(0.1), ...without(0.11, 0.11, 0.3) })).verdict).toMatchObject({
    verdict: 'reproducible',
  });
  expect(diagnose(evidence({ ...rows(0.1) })).verdict.without).toBeUndefined();
});

test('rank and fit are judged on the other rows', () => {
  expect(outcome('data.effective-rank', rows(0.93))).toBe('refuted info');
  expect(outcome('data.effective-rank', rows(0.93, { ordinaryRank: 3 }))).toBe('supported fail');
  expect(outcome('identifiability.width', rows(0.93))).toBe('refuted info');
  const bad = { mse: 9, explainedVariance: -3, l0: 4 };
  const good = { mse: 0.1, explainedVariance: 0.9, l0: 4 };
  const strange = (change: Parameters<typeof members>[0]) =>
    outcome('data.misfit', { members: members(change) });
  expect(strange({ fit: bad })).toBe('supported fail');
  expect(strange({ fit: bad, ordinaryFit: good })).toBe('refuted info');
  // Trained on ordinary rows, or on all of them: one of the two is as in training.
  const training = (loss: number) => ({ training: { steps: 100, losses: [1, loss] } });
  expect(strange({ ...training(0.1), fit: bad, ordinaryFit: good })).toBe('refuted info');
  expect(strange({ ...training(9), fit: bad, ordinaryFit: { ...bad, mse: 20 } })).toBe('refuted info');
  expect(strange({ ...training(0.1), fit: bad, ordinaryFit: bad })).toBe('supported fail');
});

test('runs that are copies, and weights that are broken, come before', () => {
  const pair = { sameFeatures: 1, sameInit: true };
  const dependence = [
    { a: 'a', b: 'b', ...pair },
    { a: 'a', b: 'c', ...pair },
    { a: 'b', b: 'c', ...pair },
  ];
  const value = (a: string, b: string) => ({ a, b, value: 0.9, aToB: 0.9, bToA: 0.9 });
  const pairs = [value('a', 'b'), value('a', 'c'), value('b', 'c')];
  const { metrics } = evidence();
  const all = Object.fromEntries(Object.entries(metrics).map(([id, one]) => [id, { ...one, pairs }]));
  expect(topCause(diagnose(evidence({ ...rows(0.93), dependence, metrics: all })))).toBe('seeds.not-applied');
  const broken = members({ encoderLeading: 0.9 });
  expect(topCause(diagnose(evidence({ ...rows(0.93), members: broken, metrics: scores({}) })))).toBe(
    'weights.degenerate',
  );
});

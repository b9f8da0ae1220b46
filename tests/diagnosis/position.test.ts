// data.position: what it says by its evidence, that all is then decided on the other rows, and that it leaves rows of other findings to these.
import { expect, test } from 'vitest';
import {
  diagnose,
  type Evidence,
  type FindingId,
  type Recomputed,
  topCause,
} from '../../src/diagnosis/index.js';
import { describeFinding, describeGroup } from '../../src/report/wording.js';
import { evidence, finding, members, outcome, score } from './hand.js';

type Activations = NonNullable<Evidence['activations']>;
type Apart = NonNullable<NonNullable<Activations['places']>['apart']>;

const rows = (places: Activations['places'], change: Partial<Activations> = {}) => ({
  activations: {
    rows: 12_000,
    distinctRows: 12_000,
    effectiveRank: 30,
    ...change,
    ...(places ? { places } : {}),
  },
});

const first: Apart = {
  places: [{ position: 0, token: '<s>', rows: 750 }],
  rows: 750,
  times: 6,
  share: 0.4,
  effectiveRank: 41,
};
const apart = (change: Partial<Apart> = {}, more: Activations['places'] = {}) =>
  rows({ ...more, apart: { ...first, ...change } });

const without = (artefact: 'data.position' | 'data.massive-rows', live: number): Recomputed[] => [
  {
    headline: 'activation.max',
    removed: [artefact],
    measured: score('activation.max', live, 0.1),
  },
  {
    headline: 'activation.max',
    removed: ['usage.dead-by-firing', artefact],
    measured: score('activation.max.live', live, 0.1),
  },
  {
    headline: 'decoder.max',
    removed: ['usage.dead-by-firing', artefact],
    measured: score('decoder.max.live', 0.3, 0.3),
  },
];

test('rows of a place warn; with more than half of the variance, or of the rows, they fail', () => {
  expect(outcome('data.position', {})).toBe('refuted info');
  expect(outcome('data.position', rows(undefined))).toBe('inconclusive info');
  expect(finding('data.position', rows(undefined)).needs).toEqual(['tokens']);
  expect(outcome('data.position', rows({}))).toBe('refuted info');
  expect(outcome('data.position', apart())).toBe('supported warn');
  expect(outcome('data.position', apart({ share: 0.51 }))).toBe('supported fail');
  expect(outcome('data.position', apart({ rows: 6001, share: 0.1 }))).toBe('supported fail');
});

test('its numbers', () => {
  const elsewhereFit = { mse: 0.1, explainedVariance: 0.75, l0: 4 };
  const found = finding('data.position', {
    ...apart(),
    members: members({ elsewhereFit, placeFeatures: 12 }),
    counterfactual: without('data.position', 0.35),
  });
  expect(found.evidence).toEqual({
    places: 1,
    apartRows: 750,
    apartTimes: 6,
    apartShare: 0.4,
    effectiveRank: 30,
    otherRank: 41,
    explained: expect.closeTo(0.9, 12),
    otherExplained: 0.75,
    placeFeatures: 12,
    live: 100,
    codes: 0.9,
    codesWithout: 0.35,
    decoders: 0.9,
    decodersWithout: 0.3,
  });
});

test('it is the first cause, and rank, fit and verdict are of the other rows', () => {
  const spoilt = evidence({ ...apart(), counterfactual: without('data.position', 0.11) });
  const diagnosis = diagnose(spoilt);
  expect(topCause(diagnosis)).toBe('data.position');
  expect(diagnosis.cause[0]).toMatchObject({ finding: 'data.position', does: 'feigns', explained: 1 });
  expect(diagnosis.verdict).toMatchObject({ verdict: 'not-beyond-chance', without: 'data.position' });
  expect(outcome('data.effective-rank', apart({ effectiveRank: 3 }))).toBe('supported fail');
  expect(outcome('data.effective-rank', apart({}, {}))).toBe('refuted info');
  const bad = { mse: 9, explainedVariance: -3, l0: 4 };
  const good = { mse: 0.1, explainedVariance: 0.9, l0: 4 };
  const strange = (elsewhereFit: typeof bad) =>
    outcome('data.misfit', { members: members({ fit: bad, elsewhereFit }) });
  expect(strange(good)).toBe('refuted info');
  expect(strange(bad)).toBe('supported fail');
});

test('massive rows and copies lead where these are the rows; beside others both are named', () => {
  const massive = { massiveRows: 143, massiveTimes: 115, massiveShare: 0.93, ordinaryRank: 40 };
  const at = { massive: { position: 0, rows: 141 } };
  const same = evidence({ ...rows(at, massive), counterfactual: without('data.massive-rows', 0.3) });
  expect(outcome('data.position', rows(at, massive))).toBe('supported info');
  expect(topCause(diagnose(same))).toBe('data.massive-rows');
  expect(diagnose(same).cause.map((cause) => cause.finding)).not.toContain('data.position');
  // Massive rows that hold little are no finding, and neither is where they stand.
  expect(outcome('data.position', rows(at, { ...massive, massiveShare: 0.1 }))).toBe('refuted info');
  const copies = rows({ repeated: { token: '<pad>', rows: 3000 } }, { mostRepeated: 3000 });
  expect(outcome('data.position', copies)).toBe('supported info');
  expect(outcome('data.distinct-rows', copies)).toBe('supported warn');
  const two = evidence({
    ...rows({ ...at, apart: first }, massive),
    counterfactual: [...without('data.massive-rows', 0.3), ...without('data.position', 0.25)],
  });
  const { cause, verdict } = diagnose(two);
  expect(topCause(diagnose(two))).toBe('data.massive-rows');
  expect(new Set(cause.map((one) => one.finding))).toEqual(new Set(['data.massive-rows', 'data.position']));
  expect(verdict.without).toBe('data.position');
});

test('it is called by its name', () => {
  const told = (change: Partial<Evidence>, id: FindingId = 'data.position') => {
    const all = evidence(change);
    const { findings, cause, verdict } = diagnose(all);
    const group = {
      id: 'g',
      saes: ['a', 'b', 'c'],
      metrics: {},
      ...(all.activations ? { activations: all.activations } : {}),
      findings,
      cause,
      conclusion: verdict,
    };
    return {
      finding: describeFinding(findings.find((f) => f.id === id)!, group).summary,
      group: describeGroup(group),
    };
  };
  const places = [...first.places, { token: '\n', rows: 40 }, { position: 1, rows: 50 }];
  const far = told({ ...apart({ places }), counterfactual: without('data.position', 0.35) });
  expect(far.finding).toContain(
    '750 of 12,000 activations stand at position 0 (nearly always "<s>"), the token "\\n" and position 1. They hold 40% of the variance.',
  );
  expect(far.finding).toContain('They lie 6 times as far from the middle of the others as these do.');
  expect(far.group).toContain(
    ', without those at position 0 (nearly always "<s>"), the token "\\n" and position 1 (750 of 12,000 activations)',
  );
  expect(told(apart({ times: 1.2 })).finding).toContain('They are nearly alike, as padding is.');
  const massive = { massiveRows: 143, massiveTimes: 115, massiveShare: 0.93, ordinaryRank: 40 };
  const at = rows({ massive: { position: 0, rows: 141 } }, massive);
  expect(told(at).finding).toBe('Most of the massive activations stand at position 0 (141 of 143).');
  expect(told(at, 'data.massive-rows').finding).toContain('141 of them stand at position 0.');
  const copies = rows({ repeated: { token: '<pad>', rows: 3000 } }, { mostRepeated: 3000 });
  expect(told(copies, 'data.distinct-rows').finding).toContain(
    'Most of its copies stand at the token "<pad>".',
  );
});

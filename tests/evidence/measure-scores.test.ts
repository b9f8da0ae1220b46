// The scores of a group together, by hand: splits, the assignment, dependence of pairs and splitting beside the metrics.
import { expect, test } from 'vitest';
import { GroupContext, startMeasuring } from '../../src/evidence/context.js';
import { measureScores } from '../../src/evidence/measure-scores.js';
import type { Member } from '../../src/sae/member.js';
import { fromDense, fromRows } from '../../src/tensor/index.js';
import { member } from '../metrics/fixture.js';
import { atOnce } from './at-once.js';

async function scoresOf(members: readonly Member[]) {
  const parts: string[] = [];
  const onProgress = (part: string) => parts.push(part);
  const context = new GroupContext(
    { id: 'g', members },
    startMeasuring({ kernel: atOnce, seed: 0, draws: 2, onProgress }),
  );
  return { ...(await measureScores(context)), parts };
}

const axes = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
];
/** The first axis turned round, the second kept, the others mixed. */
const other = [
  [-1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 3, 4],
  [0, 0, 5, -12],
];
const codes = fromDense([
  [1, 0, 2, 0],
  [1, 0, 0, 0],
]);

test('two SAEs by hand: how their scores split, which features are paired, and what they have in common', async () => {
  const start = fromRows(other);
  const found = await scoresOf([
    member('a', fromRows(axes), codes, start),
    member('b', fromRows(other), codes, start),
  ]);
  const { metrics, splits, matching, dependence } = found;
  // Best |cosines| of a's axes are 1, 1, 0.6 and 12/13, of b's rows 1, 1, 0.8 and 12/13.
  expect(metrics['decoder.max']?.mean).toBeCloseTo((4 + 0.6 + 0.8 + 24 / 13) / 8, 7);
  // Features 0 and 2 are live: among those 1 and 0.6 both ways round, among all 0.8 as well.
  expect(metrics['decoder.max.live']?.mean).toBeCloseTo(0.8, 7);
  expect(splits['decoder.max']).toEqual({
    liveShare: 0.5,
    deadShare: 0.5,
    liveScore: expect.closeTo((1 + 0.6 + 1 + 0.8) / 4, 7),
    deadScore: expect.closeTo(25 / 26, 7),
  });
  // Codes are the same: live ones have a partner at 1.
  expect(splits['activation.max']).toEqual({
    liveShare: 0.5,
    deadShare: 0.5,
    liveScore: expect.closeTo(1, 12),
    deadScore: 0,
  });
  // Signed: 1 and 0.8, and 0 twice rather than −1 once.
  expect(matching?.map(({ a, b, aToB }) => [a, b, [...aToB.partner]])).toEqual([['a', 'b', [3, 1, 0, 2]]]);
  expect(metrics['decoder.matched']?.mean).toBeCloseTo(1.8 / 4, 7);
  // Of four directions two are the same; indices have cosines −1, 1, 0.6 and −12/13.
  expect(dependence).toMatchObject([{ a: 'a', b: 'b', sameFeatures: 0.5, sameInit: true }]);
  expect(dependence![0].atIndex?.mean).toBeCloseTo((0.6 - 12 / 13) / 4, 7);
  expect(found).not.toHaveProperty('splitting');
  expect(found.parts).toContain('g/dependence');
  expect(Object.keys(metrics)).toEqual(Object.values(metrics).map(({ id }) => id));
});

test('dependence is of all features, live or not', async () => {
  const nowhere = other.map((row, i) => (i === 1 ? [0, 1, 1, 1] : row));
  const found = await scoresOf([member('a', fromRows(axes), codes), member('b', fromRows(nowhere), codes)]);
  // Of the live features 0 and 2 the first is the same, of all four it is one as well.
  expect(found.dependence![0].sameFeatures).toBe(0.25);
  expect(found.dependence![0]).not.toHaveProperty('sameInit');
});

test('without codes nothing is split into live and dead', async () => {
  const found = await scoresOf(['a', 'b', 'c'].map((id) => member(id, fromRows(axes))));
  expect(found.splits).toEqual({});
  expect(found.metrics['decoder.max']).toMatchObject({ mean: 1, n: 3 });
  expect(found.metrics).not.toHaveProperty('activation.max');
  expect(found.dependence?.map(({ a, b }) => a + b)).toEqual(['ab', 'ac', 'bc']);
});

test('features that are several of a wider SAE are told', async () => {
  const narrow = [
    [1, 0],
    [0, 1],
  ];
  const wide = [
    [10, 1],
    [10, -1],
    [1, 10],
    [-1, 10],
  ];
  const found = await scoresOf([member('a', fromRows(wide)), member('b', fromRows(narrow))]);
  expect(found.splitting).toEqual([{ narrow: 'b', wide: 'a', features: 2, split: 2, parts: 4 }]);
  expect(found.dependence).toEqual([{ a: 'a', b: 'b', sameFeatures: 0 }]);
});

test('SAEs without a direction have no scores, and a single one has none', async () => {
  const nowhere = fromRows(axes.map((row) => row.map(() => 0)));
  const flat = member('a', nowhere, codes);
  const found = await scoresOf([flat, { ...flat, id: 'b' }]);
  expect(found).not.toHaveProperty('matching');
  expect(found).not.toHaveProperty('dependence');
  expect(Object.keys(found.splits)).toEqual(['activation.max']);
  expect(found.metrics).not.toHaveProperty('decoder.max');
  const { parts, ...one } = await scoresOf([member('a', fromRows(axes), codes)]);
  expect(one).toEqual({ metrics: {}, splits: {} });
  expect(parts).toEqual([]);
});

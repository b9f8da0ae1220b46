// Which features of a narrower SAE are several of a wider one, by hand.
import { expect, test } from 'vitest';
import { featuresSplit, mostSplit, splittingOf } from '../../src/evidence/splitting.js';
import type { PairMatches } from '../../src/metrics/pairs/pair-loop.js';
import { member } from '../diagnosis/hand.js';

const side = (best: readonly number[], partner: readonly number[]) => ({
  features: Int32Array.from(best.keys()),
  best: Float64Array.from(best),
  partner: Int32Array.from(partner),
});
/** Four features, and five of which two are parts of 0, three of 2 (one too far), none of the others. */
const narrow = side([1, 1, 1, 1], [0, 1, 2, 3]);
const wide = side([0.9, 0.7, 0.8, 0.75, 0.69], [0, 0, 2, 2, 2]);
const pair = (aToB: typeof narrow, bToA: typeof narrow) => ({ a: 'x', b: 'y', aToB, bToA }) as PairMatches;

test('parts are features of the wider SAE at a cosine of 0.7, counted for the feature that they are nearest to', () => {
  const found = { features: 4, split: 2, parts: 4 };
  expect(splittingOf(pair(narrow, wide))).toEqual({ narrow: 'x', wide: 'y', ...found });
  expect(splittingOf(pair(wide, narrow))).toEqual({ narrow: 'y', wide: 'x', ...found });
  expect(splittingOf(pair(narrow, narrow))).toBeUndefined();
});

test('more than a third of the features, where directions are not near by chance', () => {
  const members = [member('x', { width: 50 }), member('y', { width: 50 })];
  const splitting = (split: number) => [
    { narrow: 'x', wide: 'y', features: 99, split: 3, parts: 6 },
    { narrow: 'x', wide: 'y', features: 99, split, parts: 2 * split },
  ];
  expect(mostSplit({ splitting: splitting(34) })?.split).toBe(34);
  expect(featuresSplit({ members, splitting: splitting(34) })).toBe(true);
  expect(featuresSplit({ members, splitting: splitting(33) })).toBe(false);
  expect(featuresSplit({ members })).toBe(false);
  const activations = { rows: 5000, distinctRows: 5000, effectiveRank: 8 };
  expect(featuresSplit({ members, activations, splitting: splitting(90) })).toBe(false);
});

test('a feature with a single part is not split', () => {
  const two = side([1, 1], [0, 1]);
  const four = side([0.9, 0.9, 0.8, 0.1], [0, 0, 1, 1]);
  expect(splittingOf(pair(two, four))).toEqual({ narrow: 'x', wide: 'y', features: 2, split: 1, parts: 2 });
});

test('the largest share counts, not the largest number', () => {
  const of = (features: number, split: number) => ({
    narrow: 'x',
    wide: 'y',
    features,
    split,
    parts: 2 * split,
  });
  expect(mostSplit({ splitting: [of(100, 20), of(10, 9), of(50, 15)] })).toEqual(of(10, 9));
  expect(mostSplit({ splitting: [of(4, 3), of(100, 50)] })).toEqual(of(4, 3));
  expect(mostSplit({})).toBeUndefined();
});

test('in so few dimensions that directions are near by chance nothing is said to be split', () => {
  const members = [member('x', { width: 50 })];
  const splitting = [{ narrow: 'x', wide: 'y', features: 99, split: 90, parts: 180 }];
  const filling = (effectiveRank: number) => ({ rows: 5000, distinctRows: 5000, effectiveRank });
  const split = (effectiveRank: number, width = 50) =>
    featuresSplit({
      members: [member('x', { width })],
      activations: filling(effectiveRank),
      splitting,
    });
  // Ranks are no whole numbers, and one below ½ is still a dimension.
  expect([split(49.6), split(30.2), split(0.2), split(300, 4)]).toEqual([true, true, false, false]);
  expect(featuresSplit({ members, splitting })).toBe(true);
  expect(featuresSplit({ members: [], splitting })).toBe(false);
});

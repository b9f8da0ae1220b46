// Features that an SAE has twice: which, what share of all, and what share chance would make, by hand.
import { expect, test } from 'vitest';
import { GroupContext, startMeasuring } from '../../src/evidence/context.js';
import {
  duplicatedByChance,
  duplicatedFeatures,
  duplicatedShare,
  manyDuplicated,
} from '../../src/evidence/duplicated-features.js';
import { fromRows } from '../../src/tensor/index.js';
import { member as counted } from '../diagnosis/hand.js';
import { member } from '../metrics/fixture.js';
import { atOnce } from './at-once.js';

test('they keep their numbers where another has no direction, and are looked for once', async () => {
  const parts: string[] = [];
  const onProgress = (part: string) => parts.push(part);
  const rows = fromRows([
    [0, 0],
    [1, 0],
    [0, 2],
    [-3, 0],
    [1, 0],
  ]);
  const one = member('a', rows);
  const context = new GroupContext(
    { id: 'g', members: [one] },
    startMeasuring({ kernel: atOnce, seed: 0, draws: 2, onProgress }),
  );
  const found = await duplicatedFeatures(one, context);
  expect(found.count).toBe(3);
  expect([...found.repeated]).toEqual([3, 4]);
  expect(await duplicatedFeatures(one, context)).toBe(found);
  expect(parts).toEqual(['g/parallel/a']);
  const other = await duplicatedFeatures(member('b', fromRows([[1, 1]])), context);
  expect(other.count).toBe(0);
});

const having = (features: number, repeatedFeatures: number, width = 50) =>
  counted('a', { features, repeatedFeatures, width });

test('the share of all, over SAEs that take part in metrics', () => {
  const { repeatedFeatures: _, ...unknown } = having(10, 0);
  const broken = { ...having(10, 9), numerics: { nan: 1, inf: 0, zeroFeatures: 0 } };
  expect(duplicatedShare({ members: [having(10, 4), having(20, 2), unknown, broken] })).toBeCloseTo(
    0.5 / 3,
    14,
  );
  expect(duplicatedShare({ members: [having(8, 2)] })).toBe(0.25);
  expect(duplicatedShare({ members: [broken] })).toBe(0);
});

/** P(|cosine| > 0.99) of random directions in three dimensions, where it is uniform, and in two. */
const above = { three: 0.01, two: (2 / Math.PI) * Math.acos(0.99) };
const byChance = (tail: number, others: number) => (1 - (1 - tail) ** others) / 2;
const filling = (effectiveRank: number) => ({ rows: 99, distinctRows: 99, effectiveRank });

test('chance puts half of those beyond one that are near another', () => {
  const members = [having(5, 0, 3), having(11, 0, 3)];
  expect(duplicatedByChance({ members })).toBeCloseTo(byChance(above.three, 10), 12);
  // Of a single feature as of two: one other.
  expect(duplicatedByChance({ members: [having(1, 0, 3)] })).toBeCloseTo(byChance(above.three, 1), 12);
  expect(duplicatedByChance({ members: [having(2, 0, 3)] })).toBeCloseTo(byChance(above.three, 1), 12);
  expect(duplicatedByChance({ members: [] })).toBe(0);
});

test('in as many dimensions as the activations fill, two at the least and no more than there are', () => {
  const of = (effectiveRank: number, width = 50) =>
    duplicatedByChance({ members: [having(11, 0, width)], activations: filling(effectiveRank) });
  expect(of(2.6)).toBeCloseTo(byChance(above.three, 10), 12);
  expect(of(3.4)).toBeCloseTo(byChance(above.three, 10), 12);
  expect(of(1)).toBeCloseTo(byChance(above.two, 10), 12);
  expect(of(40, 3)).toBeCloseTo(byChance(above.three, 10), 12);
});

test('many are more than one in twenty beyond chance', () => {
  // In a thousand dimensions chance makes none.
  const many = (repeated: number) => manyDuplicated({ members: [having(100, repeated, 1000)] });
  expect([many(0), many(5), many(6), many(60)]).toEqual([false, false, true, true]);
  // With 101 of them in three dimensions it makes half of 1 − 0.99¹⁰⁰, 31.7 % of all.
  const crowded = (repeated: number) => manyDuplicated({ members: [having(101, repeated, 3)] });
  expect([crowded(37), crowded(38)]).toEqual([false, true]);
});

// Which pairs are copies or share their start, at and beside each bound.
import { expect, test } from 'vitest';
import { areCopies, areDependent, isCopy, sharesStart } from '../../src/evidence/dependent-pairs.js';
import type { PairDependence } from '../../src/evidence/evidence.js';
import { independent } from '../diagnosis/hand.js';

const pair = (more: Partial<PairDependence>, a = 'a', b = 'b'): PairDependence => ({
  a,
  b,
  sameFeatures: 0,
  ...more,
});
const atIndex = (mean: number, shifted: number, shiftedSd: number) => ({
  atIndex: { mean, shifted, shiftedSd },
});

test('copies have 99 of 100 directions in common', () => {
  expect([1, 0.99, 0.98, 0.5].map((sameFeatures) => isCopy(pair({ sameFeatures })))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('a start that is known tells; else rows of one index that agree by a quarter and eight SDs', () => {
  const aligned = atIndex(0.9, 0, 0.01);
  expect(sharesStart(pair({ sameInit: true }))).toBe(true);
  expect(sharesStart(pair({ sameInit: true, ...atIndex(0, 0, 1) }))).toBe(true);
  expect(sharesStart(pair({ sameInit: false, ...aligned }))).toBe(false);
  expect(sharesStart(pair({}))).toBe(false);
  expect(sharesStart(pair(aligned))).toBe(true);
  const shares = (mean: number, shifted: number, shiftedSd: number) =>
    sharesStart(pair(atIndex(mean, shifted, shiftedSd)));
  expect([shares(0.5, 0.25, 0), shares(0.5, 0.26, 0), shares(0.3, -0.25, 0), shares(0.1, 0, 0)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect([shares(1, 0, 0.125), shares(1, 0, 0.126), shares(0.5, 0, 0.2)]).toEqual([true, false, false]);
});

test('a copy does not share its start: it is one', () => {
  expect(sharesStart(pair({ sameFeatures: 1, sameInit: true }))).toBe(false);
});

test('of a group these two are found, whichever way round', () => {
  const dependence = [
    independent('a', 'b'),
    pair({ sameInit: true }, 'a', 'c'),
    pair({ sameFeatures: 1 }, 'b', 'c'),
    independent('b', 'd'),
    pair({ sameFeatures: 1 }, 'd', 'd2'),
  ];
  const found = (is: typeof areCopies) =>
    ['ab', 'ba', 'ac', 'ca', 'bc', 'cb', 'bd', 'ad', 'ae'].filter(([a, b]) => is({ dependence }, a, b));
  expect(found(areDependent)).toEqual(['ac', 'ca', 'bc', 'cb']);
  expect(found(areCopies)).toEqual(['bc', 'cb']);
  expect(areDependent({}, 'a', 'b')).toBe(false);
  expect(areCopies({}, 'a', 'b')).toBe(false);
});

test('where one of them is in other pairs, that says nothing of these two', () => {
  const others = [pair({ sameFeatures: 1 }, 'x', 'a'), pair({ sameFeatures: 1 }, 'b', 'x')];
  expect([
    areDependent({ dependence: others }, 'a', 'b'),
    areCopies({ dependence: others }, 'a', 'b'),
  ]).toEqual([false, false]);
  const after = { dependence: [...others, pair({ sameFeatures: 1 }, 'b', 'a')] };
  expect([areDependent(after, 'a', 'b'), areCopies(after, 'a', 'b')]).toEqual([true, true]);
});

// What planted dictionaries are to give, by hand, and how far a measured score may be from it.
import { expect, test } from 'vitest';
import { plantedBestMatches, plantedPartners, plantedShare } from '../../src/metrics/controls/planted.js';

const parts = { decoder: 0.25, encoder: 0.5, features: 4, width: 3 };

test('best matches: the share that both have, and chance for the rest', () => {
  const scores = { pairs: [{ value: 0.7 }] } as never;
  // In three dimensions the best of four is as near as 4/5.
  const decoder = plantedBestMatches('decoder')(scores, parts);
  expect(decoder.expected).toBeCloseTo(0.25 + 0.75 * 0.8, 8);
  expect(decoder).toMatchObject({ measured: 0.7, tolerance: 0.015 });
  expect(plantedBestMatches('encoder')(scores, parts).expected).toBeCloseTo(0.5 + 0.5 * 0.8, 8);
});

test('one to one: the share of cosines that are 1 but for the rounding of float32', () => {
  const best = [1, 1 - 0.9e-6, 1 - 1e-6, 1 - 1.1e-6, 0.3];
  const scores = { matches: [{ aToB: { best } }] } as never;
  expect(plantedPartners('encoder')(scores, parts)).toEqual({
    expected: 0.5,
    measured: 3 / 5,
    tolerance: 1e-6,
  });
  expect(plantedPartners('decoder')(scores, parts).expected).toBe(0.25);
});

test('shared features: the smaller part, which is a part of the other', () => {
  const scores = { pairs: [{ value: 0.7 }] } as never;
  expect(plantedShare(scores, parts)).toEqual({ expected: 0.25, measured: 0.7, tolerance: 1e-6 });
});

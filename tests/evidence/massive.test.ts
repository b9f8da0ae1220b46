// When rows that are unlike the others matter, and the rank of the others then.
import { expect, test } from 'vitest';
import { massiveRowsMatter, placesMatter, rankOf } from '../../src/evidence/massive.js';

const plain = { rows: 90, distinctRows: 90, effectiveRank: 30 };
const apart = { places: [], rows: 4, times: 5, share: 0.3, effectiveRank: 10 };

test('massive rows matter from a fifth of the variance on', () => {
  const holding = (massiveShare: number) => massiveRowsMatter({ activations: { ...plain, massiveShare } });
  expect([holding(0.2), holding(0.19), holding(0.9), holding(0.03)]).toEqual([true, false, true, false]);
  expect([massiveRowsMatter({ activations: plain }), massiveRowsMatter({})]).toEqual([false, false]);
});

test('places matter where rows of some are set apart', () => {
  const massive = { position: 0, rows: 3 };
  expect(placesMatter({ activations: { ...plain, places: { massive, apart } } })).toBe(true);
  expect(placesMatter({ activations: { ...plain, places: { massive } } })).toBe(false);
  expect([placesMatter({ activations: plain }), placesMatter({})]).toEqual([false, false]);
});

test('the rank is that of the rows which are neither set apart nor massive, where those matter', () => {
  const massive = { massiveShare: 0.5, ordinaryRank: 20 };
  expect(rankOf(plain)).toBe(30);
  expect(rankOf({ ...plain, ...massive })).toBe(20);
  expect(rankOf({ ...plain, ...massive, massiveShare: 0.1 })).toBe(30);
  expect(rankOf({ ...plain, ...massive, places: { apart } })).toBe(10);
  expect(rankOf({ ...plain, ...massive, places: {} })).toBe(20);
  // Where it is not known of the others, it is that of all.
  expect(rankOf({ ...plain, massiveShare: 0.5 })).toBe(30);
});

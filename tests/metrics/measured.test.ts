// Intervals end where the score does.
import { expect, test } from 'vitest';
import { intervalOf, measured } from '../../src/metrics/measured.js';
import { nullBand } from '../../src/metrics/nulls/null.js';
import { jackknifeOverMembers } from '../../src/stats/jackknife.js';

const ids = ['a', 'b', 'c'];
const pairs = (ab: number, ac: number, bc: number) =>
  (
    [
      ['a', 'b', ab],
      ['a', 'c', ac],
      ['b', 'c', bc],
    ] as const
  ).map(([a, b, value]) => ({ a, b, value, aToB: value, bToA: value }));

test('at 1, and at 0 but for signed cosines, at −1', () => {
  const high = pairs(0.99, 0.9, 0.92);
  expect(jackknifeOverMembers(high, ids)!.high).toBeGreaterThan(1);
  expect(intervalOf('decoder.max', high, ids)).toEqual({ ...jackknifeOverMembers(high, ids)!, high: 1 });
  const low = pairs(0.01, 0.1, 0.08);
  expect(jackknifeOverMembers(low, ids)!.low).toBeLessThan(0);
  expect(intervalOf('shared', low, ids)?.low).toBe(0);
  expect(intervalOf('decoder.matched', low, ids)).toEqual(jackknifeOverMembers(low, ids));
  expect(intervalOf('decoder.matched', pairs(-0.99, -0.9, -0.92), ids)?.low).toBe(-1);
  expect(intervalOf('encoder.matched', pairs(-0.99, -0.9, -0.92), ids)?.low).toBe(-1);
});

test('inside they are the jackknife’s, and none below three SAEs', () => {
  const some = pairs(0.5, 0.51, 0.49);
  expect(measured({ id: 'decoder.max', pairs: some, leftOut: 0 }, ids, []).interval).toEqual(
    jackknifeOverMembers(some, ids),
  );
  expect(intervalOf('decoder.max', some.slice(0, 1), ['a', 'b'])).toBeUndefined();
});

test('the first null corrects the score, further ones stand beside; full agreement by chance corrects nothing', () => {
  const level = (mean: number) => nullBand('random-directions', mean, 0.01, 5, true);
  const of = (...levels: number[]) =>
    measured({ id: 'decoder.max', pairs: pairs(0.5, 0.6, 0.7), leftOut: 2 }, ids, levels.map(level));
  expect(of(0.2, 0.4, 0.3)).toMatchObject({
    mean: expect.closeTo(0.6, 12),
    sd: expect.closeTo(0.1, 12),
    min: 0.5,
    max: 0.7,
    n: 3,
    leftOut: 2,
    corrected: expect.closeTo(0.5, 12),
  });
  expect(of(0.2, 0.4, 0.3).null?.mean).toBe(0.2);
  expect(of(0.2, 0.4, 0.3).otherNulls?.map(({ mean }) => mean)).toEqual([0.4, 0.3]);
  expect(of(0.2, 0.4).otherNulls).toHaveLength(1);
  expect(of(0.2)).not.toHaveProperty('otherNulls');
  expect(of(1)).not.toHaveProperty('corrected');
  expect(of()).not.toHaveProperty('null');
  const one = measured({ id: 'decoder.max', pairs: pairs(0.5, 0, 0).slice(0, 1), leftOut: 0 }, ids, []);
  expect(one).not.toHaveProperty('sd');
  const two = measured({ id: 'decoder.max', pairs: pairs(0.5, 0.7, 0).slice(0, 2), leftOut: 0 }, ids, []);
  expect(two.sd).toBeCloseTo(0.2 / Math.sqrt(2), 12);
});

// The jackknife over SAEs, by hand and by what must not change it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jackknifeOverMembers, jackknifeStandardError } from '../../src/stats/jackknife.js';
import { Rng } from '../../src/tensor/rng.js';

const pair = (a: string, b: string, value: number) => ({ a, b, value });

test('three SAEs by hand', () => {
  const pairs = [pair('a', 'b', 1), pair('a', 'c', 2), pair('b', 'c', 6)];
  // Without a: 6, without b: 2, without c: 1; mean 3; squares 9 + 1 + 4 = 14; SE² = ⅔·14.
  const se = Math.sqrt(28 / 3);
  expect(jackknifeStandardError(pairs, ['a', 'b', 'c'])).toBeCloseTo(se, 12);
  const interval = jackknifeOverMembers(pairs, ['a', 'b', 'c']);
  expect(interval).toMatchObject({ level: 0.95, method: 'jackknife-saes-t' });
  // t with 2 degrees of freedom: 0.95·√(2/(1 − 0.95²)).
  const reach = 0.95 * Math.sqrt(2 / (1 - 0.95 ** 2)) * se;
  expect(interval?.low).toBeCloseTo(3 - reach, 10);
  expect(interval?.high).toBeCloseTo(3 + reach, 10);
});

test('a delete-one that leaves more than one pair', () => {
  const pairs = [
    pair('a', 'b', 1),
    pair('a', 'c', 0),
    pair('a', 'd', 0),
    pair('b', 'c', 0),
    pair('b', 'd', 0),
    pair('c', 'd', 0),
  ];
  // Without a or b: 0; without c or d: ⅓; each ⅙ from their mean; SE² = ¾·4/36.
  expect(jackknifeStandardError(pairs, ['a', 'b', 'c', 'd'])).toBeCloseTo(Math.sqrt(1 / 12), 12);
});

test('there is no interval below three SAEs, nor where leaving one out leaves no pair', () => {
  expect(jackknifeOverMembers([], [])).toBeUndefined();
  expect(jackknifeOverMembers([pair('a', 'b', 1)], ['a', 'b'])).toBeUndefined();
  expect(jackknifeOverMembers([pair('a', 'b', 1), pair('a', 'c', 1)], ['a', 'b', 'c'])).toBeUndefined();
});

test('three SAEs of normal quality are covered 95 % of the time, and more often where pairs add noise', () => {
  const ids = ['a', 'b', 'c'];
  const covered = (ofPair: number): number => {
    const rng = new Rng(1, 'test', ofPair);
    let hits = 0;
    for (let group = 0; group < 4000; group++) {
      const [a, b, c] = ids.map(() => rng.normal());
      const noise = () => ofPair * rng.normal();
      const values = [a + b + noise(), a + c + noise(), b + c + noise()];
      const pairs = [pair('a', 'b', values[0]), pair('a', 'c', values[1]), pair('b', 'c', values[2])];
      const { low, high } = jackknifeOverMembers(pairs, ids)!;
      if (low <= 0 && high >= 0) hits++;
    }
    return hits / 4000;
  };
  // The SE of a share near 0.95 of 4000 is 0.0035.
  expect(Math.abs(covered(0) - 0.95)).toBeLessThan(0.014);
  expect(covered(2)).toBeGreaterThan(0.96);
});

test('it shifts and scales with the values and does not depend on the order of members', () => {
  const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 });
  const ids = ['a', 'b', 'c', 'd'];
  const build = (v: number[]) =>
    ids.flatMap((a, i) => ids.slice(i + 1).map((b) => [a, b])).map(([a, b], i) => pair(a, b, v[i]));
  fc.assert(
    fc.property(values, fc.double({ min: 0.1, max: 5, noNaN: true }), (v, scale) => {
      const plain = jackknifeOverMembers(build(v), ids)!;
      const moved = jackknifeOverMembers(build(v.map((x) => x * scale + 3)), [...ids].reverse())!;
      expect(moved.low).toBeCloseTo(plain.low * scale + 3, 8);
      expect(moved.high).toBeCloseTo(plain.high * scale + 3, 8);
      expect(plain.low).toBeLessThanOrEqual(plain.high);
    }),
  );
});

// How numbers look, by hand.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { count, list, percent, plain, plural, range, score } from '../../src/report/number-format.js';

test('scores have three decimals, a real minus sign and no negative zero', () => {
  expect([0.30941, -0.0246, -0.0001, 1].map(score)).toEqual(['0.309', '−0.025', '0.000', '1.000']);
});

test('percentages show a decimal only near 0 and 100', () => {
  expect([0, 0.031, 0.25, 0.926, 0.999, 1].map(percent)).toEqual([
    '0%',
    '3.1%',
    '25%',
    '92.6%',
    '99.9%',
    '100%',
  ]);
});

test('counts, plain numbers, ranges and lists', () => {
  expect(count(12769)).toBe('12,769');
  expect([plain(24.31), plain(12769), plain(0.0000123), plain(0.012345)]).toEqual([
    '24.3',
    '12,769',
    '1.2e-5',
    '0.0123',
  ]);
  expect([range(0.25, 0.69, percent), range(0.3091, 0.3092, score)]).toEqual(['25–69%', '0.309']);
  expect([plural(1, 'SAE'), plural(5, 'SAE')]).toEqual(['1 SAE', '5 SAEs']);
  expect([list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])]).toEqual(['a', 'a and b', 'a, b and c']);
});

test('a score reads back to within half of its last decimal', () => {
  fc.assert(
    fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (value) => {
      expect(Math.abs(Number(score(value).replace('−', '-')) - value)).toBeLessThanOrEqual(0.0005 + 1e-12);
    }),
  );
});

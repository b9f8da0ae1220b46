// What has no value has no key.
import { expect, test } from 'vitest';
import { defined } from '../src/defined.js';

test('fields without a value are left out, in their order; what is null, 0 or empty is a value', () => {
  const found = defined({ b: 0, a: undefined, d: null, c: '', e: false });
  expect(Object.entries(found)).toEqual([
    ['b', 0],
    ['d', null],
    ['c', ''],
    ['e', false],
  ]);
  expect('a' in found).toBe(false);
  expect(JSON.stringify({ x: 1, ...defined({ y: undefined as number | undefined }) })).toBe('{"x":1}');
});

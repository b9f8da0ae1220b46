// What measuring a group will ask of the kernel, part by part, by hand.
import { expect, test } from 'vitest';
import { partOf, plannedParts, secondsOf, typicalRates } from '../../src/evidence/plan.js';

const known = { codes: true, init: true };
const partsOf = (saes: number, more: { codes: boolean; init: boolean }) =>
  new Map(plannedParts({ saes, ...more }).map(({ name, calls }) => [name, calls]));

test('parts of one SAE each are one part together', () => {
  expect(['parallel/a', 'encoder-leading/a/b', 'decoder.max', 'x/parallel/a'].map(partOf)).toEqual([
    'members',
    'members',
    'decoder.max',
    'x/parallel/a',
  ]);
});

test('first what is done to each SAE, then metrics with their nulls, last what is said of features', () => {
  const names = [...partsOf(3, known).keys()];
  expect(names.slice(0, 4)).toEqual(['encoding', 'controls', 'members', 'decoder.max']);
  expect(names.slice(-2)).toEqual(['displacement.max/live', 'features']);
  // The null that corrects a metric comes first of its nulls.
  expect(names.filter((name) => name.startsWith('decoder.max/'))).toEqual([
    'decoder.max/random-directions',
    'decoder.max/covariance-matched',
    'decoder.max/data-covariance',
    'decoder.max/own-init',
  ]);
  expect(names.filter((name) => name.startsWith('activation.max/'))).toEqual([
    'activation.max/row-permutation',
    'activation.max/untrained',
  ]);
});

test('three SAEs have three pairs: calls by hand', () => {
  const parts = partsOf(3, known);
  expect(parts.get('encoding')).toEqual({ encode: 6 });
  expect(parts.get('controls')).toEqual({ match: 0.05 });
  expect(parts.get('members')).toEqual({ match: 3, spectrum: 3 * 0.3 });
  expect(parts.get('decoder.max')).toEqual({ match: 3 });
  expect(parts.get('decoder.max/random-directions')).toEqual({});
  expect(parts.get('decoder.max/own-init')).toEqual({ match: 3 });
  expect(parts.get('decoder.matched')).toEqual({ assign: 3 });
  expect(parts.get('displacement.max')).toEqual({ match: 3 });
  expect(parts.get('displacement.max/live')).toEqual({ match: 3 });
  expect(parts.get('features')).toEqual({ product: 6 });
});

test('without starts there is nothing to compare with them, and half as much to encode', () => {
  const parts = partsOf(2, { codes: true, init: false });
  expect(parts.get('encoding')).toEqual({ encode: 2 });
  expect(parts.has('activation.max/row-permutation')).toBe(true);
  expect(parts.has('decoder.max/covariance-matched')).toBe(true);
  for (const name of ['decoder.max/own-init', 'activation.max/untrained', 'displacement.max'])
    expect(parts.has(name)).toBe(false);
  expect(parts.has('displacement.max/live')).toBe(false);
});

test('without codes nothing is encoded, and what needs them is left out', () => {
  const names = [...partsOf(2, { codes: false, init: true }).keys()];
  expect(names.filter((name) => /encoding|activation|live/.test(name))).toEqual([]);
  expect(names).toContain('displacement.max');
  expect(names).toContain('decoder.max/own-init');
});

test('a single SAE is measured by itself alone', () => {
  expect([...partsOf(1, { codes: true, init: false }).keys()]).toEqual([
    'encoding',
    'controls',
    'members',
    'features',
  ]);
});

test('seconds are calls times what one takes', () => {
  const rates = { match: 2, assign: 3, coFire: 5, assignCodes: 7, product: 11, spectrum: 13, encode: 17 };
  expect(secondsOf({}, rates)).toBe(0);
  expect(secondsOf({ match: 4, encode: 0.5, product: 1 }, rates)).toBe(4 * 2 + 0.5 * 17 + 11);
});

test('what calls cost beside each other, by hand', () => {
  const rates = typicalRates({ features: 3000, width: 1000, rows: 6000, active: 10 });
  const expected = {
    // F²d = 9e9 multiply-adds at 1.5e11 a second.
    match: 0.06,
    // Four such passes, and 3 ns for each of 9e6 pairs of features.
    assign: 0.24 + 0.027,
    // N·L0² = 6e5 pairs of codes.
    coFire: 0.002,
    assignCodes: 0.006 + 0.09,
    // F·d² = 3e9.
    product: 0.1,
    // d³ = 1e9, ten times.
    spectrum: 0.1 + 1,
    // N·F·d = 1.8e10, and N·d² = 6e9 for what is made of the data.
    encode: 0.12 + 0.1,
  };
  expect(Object.keys(rates)).toEqual(Object.keys(expected));
  for (const [name, seconds] of Object.entries(expected))
    expect(rates[name as keyof typeof rates]).toBeCloseTo(seconds, 14);
});

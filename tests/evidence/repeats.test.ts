// Whether rows repeat, on either side of each limit.
import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../src/evidence/evidence.js';
import { differentRows, fewerThanFeatures, paddingShare, repeats } from '../../src/evidence/repeats.js';

type Activations = NonNullable<Evidence['activations']>;

const rows = (more: Partial<Activations>): Activations => ({
  rows: 1000,
  distinctRows: 1000,
  effectiveRank: 20,
  ...more,
});
const members = (...features: readonly number[]) =>
  features.map((count, i) => ({ id: `s${i}`, features: count })) as unknown as Evidence['members'];
const repeat = (more: Partial<Activations>, ...features: readonly number[]) =>
  repeats({ activations: rows(more), members: members(...features) });

test('rows are different up to bits, and up to noise', () => {
  expect(differentRows(rows({ distinctRows: 400 }))).toBe(400);
  expect(differentRows(rows({ distinctRows: 400, clusters: 12.5 }))).toBe(12.5);
  expect(differentRows(rows({ distinctRows: 40, clusters: 41 }))).toBe(40);
});

describe('rows repeat', () => {
  test('where fewer are different than the widest dictionary has features', () => {
    expect(repeat({ distinctRows: 200 }, 50, 200)).toBe(false);
    expect(repeat({ distinctRows: 199 }, 50, 200)).toBe(true);
    expect(fewerThanFeatures(rows({ distinctRows: 200 }), 200)).toBe(false);
    expect(fewerThanFeatures(rows({ distinctRows: 900, clusters: 199.5 }), 200)).toBe(true);
  });

  test('where fewer than a twentieth are different', () => {
    expect(repeat({ distinctRows: 50 }, 8)).toBe(false);
    expect(repeat({ distinctRows: 49 }, 8)).toBe(true);
  });

  test('where one is more than a twentieth of all', () => {
    expect(repeat({ mostRepeated: 50 }, 8)).toBe(false);
    expect(repeat({ mostRepeated: 51 }, 8)).toBe(true);
  });

  test('not where none does, nor where there are none', () => {
    expect(repeat({}, 8)).toBe(false);
    expect(repeats({ members: members(8) })).toBe(false);
  });
});

test('the share of the commonest row is of all rows; 0 where none is there twice', () => {
  expect(paddingShare(rows({ mostRepeated: 250 }))).toBe(0.25);
  expect(paddingShare(rows({ rows: 3 }))).toBe(0);
});

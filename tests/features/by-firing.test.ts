// Features by how often they fire, by hand.
import { expect, test } from 'vitest';
import { byFiring } from '../../src/features/by-firing.js';
import type {
  FeatureMatchTable,
  FeatureStability,
  FeatureSummary,
} from '../../src/features/feature-stability.js';
import { firingTable } from '../../src/report/tables.js';
import { fixtureResults } from '../report/fixture.js';

const summary = (sae: string, rates: readonly number[], stability: readonly number[]) =>
  ({
    sae,
    firingRate: Float64Array.from(rates),
    stability: Float64Array.from(stability),
    stability07: Float64Array.from(stability, (share) => (share === 1 ? 0.5 : 1)),
  }) as unknown as FeatureSummary;
const matches = (sae: string, features: readonly number[]) =>
  ({ sae, features: Int32Array.from(features) }) as unknown as FeatureMatchTable;

const group: FeatureStability = {
  summaries: [
    summary('a', [0, 0.001, 0.0099, 0.5, 1], [0, 1, 1, 1, 1]),
    summary('b', [0.00002, 0.0002, 0.01, 0.1, 0.3], [1, 0.5, 0, 1, 0]),
  ],
  // Feature 4 of a has no direction.
  matches: [matches('a', [0, 1, 2, 3]), matches('b', [0, 1, 2, 3, 4])],
};

test('in decades, those that never fire apart, without features that have no direction', () => {
  expect(byFiring(group)).toEqual([
    { from: 0, features: 1, inEvery: 0, inEvery07: 1 },
    { from: 1e-4, features: 2, inEvery: 1, inEvery07: 1 },
    { from: 1e-3, features: 2, inEvery: 2, inEvery07: 0 },
    { from: 1e-2, features: 1, inEvery: 0, inEvery07: 1 },
    { from: 0.1, features: 3, inEvery: 2, inEvery07: 1 },
  ]);
});

test('nothing where some SAE has no codes', () => {
  const { firingRate: _, ...unknown } = group.summaries[0];
  expect(byFiring({ ...group, summaries: [unknown as FeatureSummary, group.summaries[1]] })).toBeUndefined();
});

test('as a table: how often, how many, and which share comes back', () => {
  const [first] = fixtureResults().groups;
  const { columns, rows } = firingTable({ ...first, byFiring: byFiring(group)! });
  expect(columns[0].name).toBe('Fire on');
  expect(rows.map(([name, features, significant]) => [name.text, features.text, significant.text])).toEqual([
    ['never', '1', '0%'],
    ['less than 0.1%', '2', '50%'],
    ['0.1% to 1%', '2', '100%'],
    ['1% to 10%', '1', '0%'],
    ['10% or more', '3', '67%'],
  ]);
});

// The zoo's counting by hand: what counts as right, and the rates of a few outcomes.
import { expect, test } from 'vitest';
import type { Outcome } from './outcome.js';
import { confusionTable, findingTable, ratesTable } from './tables.js';
import { findingTallies, kindTallies, ratesOf } from './tally.js';

const dead = {
  cause: ['usage.dead-by-firing'],
  also: ['metric.dead-dilution'],
  verdict: ['partly'],
} as const;
const healthy = { healthy: true } as const;

const outcomes: Outcome[] = [
  {
    kind: 'dead',
    seed: 0,
    truth: dead,
    top: 'usage.dead-by-firing',
    found: ['usage.dead-by-firing', 'metric.dead-dilution', 'metric.wrong-null'],
    raised: ['usage.dead-by-firing', 'metric.dead-dilution'],
    verdict: 'partly',
  },
  {
    kind: 'dead',
    seed: 1,
    truth: dead,
    top: 'data.distinct-rows',
    found: ['data.distinct-rows'],
    raised: ['data.distinct-rows'],
    verdict: 'cannot-tell',
  },
  { kind: 'well', seed: 0, truth: healthy, found: [], raised: [], verdict: 'reproducible' },
  // Named, but without a warning: that is no alarm.
  {
    kind: 'well',
    seed: 1,
    truth: healthy,
    top: 'metric.wrong-null',
    found: ['metric.wrong-null'],
    raised: [],
    verdict: 'partly',
  },
  {
    kind: 'null',
    seed: 0,
    truth: { cause: ['metric.wrong-null'] },
    top: 'metric.wrong-null',
    found: ['metric.wrong-null'],
    raised: [],
    verdict: 'partly',
  },
  {
    kind: 'well',
    seed: 2,
    truth: healthy,
    top: 'data.distinct-rows',
    found: ['data.distinct-rows'],
    raised: ['data.distinct-rows'],
    verdict: 'partly',
  },
  {
    kind: 'two',
    seed: 4,
    truth: { cause: ['seeds.same-init'], also: ['seeds.same-init', 'data.mean'], artefacts: 2 },
    top: 'seeds.same-init',
    found: ['seeds.same-init'],
    raised: ['seeds.same-init'],
    verdict: 'cannot-tell',
  },
];

test('rates', () => {
  expect(ratesOf(outcomes)).toEqual({
    cause: { right: 2, of: 3 },
    causeOfTwo: { right: 1, of: 1 },
    both: { right: 0, of: 1 },
    silent: { right: 2, of: 3 },
    verdict: { right: 1, of: 2 },
    also: { right: 2, of: 4 },
  });
});

test('per kind and per finding', () => {
  const [first] = kindTallies(outcomes);
  expect(first).toMatchObject({ kind: 'dead', cause: { right: 1, of: 2 }, verdict: { right: 1, of: 2 } });
  expect([...first.tops]).toEqual([
    ['usage.dead-by-firing', 1],
    ['data.distinct-rows', 1],
  ]);
  const of = (id: string) => findingTallies(outcomes).find((tally) => tally.id === id);
  expect(of('usage.dead-by-firing')).toMatchObject({ found: { right: 1, of: 2 }, top: { right: 1, of: 1 } });
  expect(of('data.distinct-rows')).toMatchObject({ top: { right: 0, of: 2 }, alarms: { right: 1, of: 3 } });
  expect(of('metric.wrong-null')).toMatchObject({
    found: { right: 1, of: 1 },
    alarms: { right: 0, of: 3 },
  });
  expect(of('metric.dead-dilution')).toMatchObject({ found: { right: 1, of: 2 } });
});

test('tables keep the halves apart', () => {
  expect(ratesTable(outcomes).split('\n')[2]).toContain('| 2 | 0 % (0/1) | – | – | 100 % (1/1) |');
  expect(ratesTable(outcomes).split('\n')[3]).toContain(
    '| 5 | 100 % (2/2) | 100 % (1/1) | 0 % (0/1) | 50 % (1/2) |',
  );
  expect(confusionTable(outcomes)).toContain(
    '| `usage.dead-by-firing` 1, `data.distinct-rows` 1 | 50 % (1/2) |',
  );
  expect(findingTable(outcomes)).toContain('| `data.distinct-rows` | – | 0 of 2 | 1 of 3 |');
});

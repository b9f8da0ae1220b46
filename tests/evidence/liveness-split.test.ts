// How much of a score is of live and of dead features, by hand.
import { expect, test } from 'vitest';
import { splitByLiveness } from '../../src/evidence/liveness-split.js';
import type { DetailedScores } from '../../src/metrics/pairs/pair-loop.js';
import { fromDense, fromRows } from '../../src/tensor/index.js';
import { member } from '../metrics/fixture.js';

const eye = (n: number) =>
  fromRows(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j))));
/** An SAE that fires these of its features, on one row. */
const firing = (id: string, codes: readonly number[]) =>
  member(id, eye(codes.length), fromDense([[...codes]]));

const side = (features: readonly number[], best: readonly number[]) => ({
  features: Int32Array.from(features),
  best: Float64Array.from(best),
});
const scores = {
  members: ['a', 'b'],
  matches: [{ a: 'a', b: 'b', aToB: side([0, 1, 2], [0.9, 0.6, 0.3]), bToA: side([1, 3], [0.8, 0.4]) }],
} as unknown as DetailedScores;

test('each direction counts as much, whatever its features; those that are not scored do not count', () => {
  const split = splitByLiveness(scores, [firing('a', [1, 0, 2]), firing('b', [1, 0, 0, 3])])!;
  // a: 2 of 3 live, (0.9 + 0.3)/3 from them and 0.6/3 from the dead; b: feature 3 live of 1 and 3, 0.4/2 and 0.8/2.
  expect(split.liveShare).toBeCloseTo((2 / 3 + 1 / 2) / 2, 14);
  expect(split.deadShare).toBeCloseTo((1 / 3 + 1 / 2) / 2, 14);
  expect(split.liveScore).toBeCloseTo((0.4 + 0.2) / (2 / 3 + 1 / 2), 14);
  expect(split.deadScore).toBeCloseTo((0.2 + 0.4) / (1 / 3 + 1 / 2), 14);
});

test('a part without features has no score', () => {
  const all = splitByLiveness(scores, [firing('a', [1, 1, 1]), firing('b', [1, 1, 1, 1])])!;
  expect(all).toMatchObject({ liveShare: 1, deadShare: 0 });
  expect(all.liveScore).toBeCloseTo(0.6, 14);
  expect(all).not.toHaveProperty('deadScore');
  const none = splitByLiveness(scores, [firing('a', [0, 0, 0]), firing('b', [1, 0, 1, 0])])!;
  expect(none).toMatchObject({ liveShare: 0, deadShare: 1 });
  expect(none).not.toHaveProperty('liveScore');
});

test('where one SAE has no codes, nothing is split; others of the group do not matter', () => {
  expect(splitByLiveness(scores, [firing('a', [1, 0, 2]), member('b', eye(4))])).toBeUndefined();
  const three = [firing('a', [1, 0, 2]), firing('b', [1, 0, 0, 3]), member('c', eye(2))];
  expect(splitByLiveness(scores, three)).toBeDefined();
});

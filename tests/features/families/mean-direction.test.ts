// The mean direction of a family, by hand: on the sphere, whatever lengths are, pointing where codes are above 0.
import { expect, test } from 'vitest';
import type { Family } from '../../../src/features/families/families.js';
import { meanDirections } from '../../../src/features/families/mean-direction.js';
import { fromDense, fromRows, row } from '../../../src/tensor/index.js';
import { member } from '../../metrics/fixture.js';

function familyOf(signs: readonly (1 | -1)[]): Family {
  return {
    members: signs.map((sign, sae) => ({ sae, feature: 0, sign, agreement: 0.9 })),
    agreement: 0.9,
    leastCosine: 0.9,
    chance: 0,
    q: 0,
  };
}

const half = Math.SQRT1_2;

test('lengths of rows do not weigh', () => {
  const members = [member('a', fromRows([[5, 0]])), member('b', fromRows([[0, 0.1]]))];
  const [x, y] = row(meanDirections(members, [familyOf([1, 1])]), 0);
  expect(x).toBeCloseTo(half, 6);
  expect(y).toBeCloseTo(half, 6);
});

test('the family points where most of its members do', () => {
  const decoders = [
    [-1, 0],
    [1, 0],
    [0.6, 0.8],
  ];
  const members = decoders.map((one, s) => member(`${s}`, fromRows([one])));
  const [x, y] = row(meanDirections(members, [familyOf([1, -1, -1])]), 0);
  // (1, 0), (1, 0) and (0.6, 0.8): the first one is turned.
  const length = Math.hypot(2.6, 0.8);
  expect(x).toBeCloseTo(2.6 / length, 6);
  expect(y).toBeCloseTo(0.8 / length, 6);
});

test('a feature whose codes are below 0 points the other way', () => {
  const members = [
    member('a', fromRows([[1, 0]]), fromDense([[-2], [1]])),
    member('b', fromRows([[-1, 0]]), fromDense([[2], [1]])),
    member('c', fromRows([[-1, 0]]), fromDense([[1], [1]])),
  ];
  // All three write −x: the first with codes that are mostly below 0.
  expect(row(meanDirections(members, [familyOf([1, -1, -1])]), 0)[0]).toBeCloseTo(-1, 6);
  const [a] = members;
  expect(row(meanDirections([a, a], [familyOf([1, 1])]), 0)[0]).toBeCloseTo(-1, 6);
});

// Calls of the kernel for a group, counted by hand.
import { expect, test } from 'vitest';
import { callsOf, operations, type Work } from '../../src/metrics/work.js';

test('calls for each pair, each SAE and the group add up', () => {
  const work: Work = {
    perPair: { match: 0.5, assign: 2 },
    perSae: { product: 3, match: 1 },
    perGroup: { spectrum: 7, match: 4 },
  };
  // Five SAEs have ten pairs.
  expect(callsOf(work, 5)).toEqual({ match: 10 * 0.5 + 5 + 4, assign: 20, product: 15, spectrum: 7 });
  expect(callsOf({}, 5)).toEqual({});
  for (const operation of operations)
    expect(callsOf({ perSae: { [operation]: 1 } }, 3)).toEqual({ [operation]: 3 });
  expect(operations).toHaveLength(7);
});

// What each null leaves in, and what may rest on it: the diagnosis chooses among them by that.
import { expect, test } from 'vitest';
import { nullKinds, nullModel } from '../../../src/metrics/nulls/registry.js';

test('what each keeps, whether it decides, and whether it holds for fewer pairs', () => {
  const told = nullKinds.map((kind) => {
    const { keeps, decides, holdsForFewerPairs } = nullModel(kind);
    return [kind, [...keeps].sort().join(' '), decides, holdsForFewerPairs];
  });
  expect(told.sort()).toEqual([
    ['covariance-matched', 'crowding', true, true],
    ['data-covariance', '', false, true],
    ['own-init', 'start', true, false],
    ['random-directions', '', true, true],
    ['random-subspaces', '', true, true],
    ['row-permutation', '', true, true],
    ['untrained', 'crowding data start', true, false],
  ]);
});

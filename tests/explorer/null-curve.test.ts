// The null behind the histogram, against the formula that the scores are held against.
import { expect, test } from 'vitest';
import { bestByChance } from '../../explorer/src/data/null-curve.js';
import { maxSurvival } from '../../src/stats/best-cosine.js';

const bins = 200;

test.each([
  [128, 1024],
  [8, 64],
  [768, 131_072],
  [3, 5],
])('in %i dimensions, of %i directions, is that of best-cosine.ts', (d, features) => {
  const shares = bestByChance(d, features, bins);
  expect(shares.reduce((x, y) => x + y, 0)).toBeCloseTo(1, 9);
  let below = 0;
  for (let bin = 0; bin < bins - 1; bin++) {
    below += shares[bin];
    expect(below).toBeCloseTo(1 - maxSurvival(d, features, (bin + 1) / bins), 5);
  }
});

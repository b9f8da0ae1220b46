// How well a null has to be known, by hand: a tenth of what the score is known to.
import { expect, test } from 'vitest';
import { drawTo } from '../../../src/metrics/draws/draw-to.js';
import type { DrawOptions } from '../../../src/metrics/draws/draws.js';
import { jackknifeOverMembers } from '../../../src/stats/jackknife.js';

const options: DrawOptions = { kernel: {} as never, seed: 3, draws: 7 };

/** Scores of all pairs of these SAEs. */
function scored(members: readonly string[], values: readonly number[]) {
  let at = 0;
  const pairs = members.flatMap((a, i) =>
    members.slice(i + 1).map((b) => {
      const value = values[at++];
      return { a, b, value, aToB: value, bToA: value };
    }),
  );
  return { id: 'some', pairs, members, leftOut: 0, widths: members.map(() => 1) };
}

test('a tenth of half the score’s interval, where that is more than by default', () => {
  const scores = scored(['a', 'b', 'c'], [0.2, 0.5, 0.9]);
  const { low, high } = jackknifeOverMembers(scores.pairs, scores.members)!;
  expect(high - low).toBeGreaterThan(0.1);
  const asked = drawTo(scores, options);
  expect(asked.precision).toBeCloseTo((0.1 * (high - low)) / 2, 14);
  expect(asked).toEqual({ ...options, precision: asked.precision });
});

test('the default where the scores are nearly the same, and where two SAEs have no interval', () => {
  expect(drawTo(scored(['a', 'b', 'c'], [0.5, 0.5, 0.5001]), options).precision).toBe(5e-4);
  expect(drawTo(scored(['a', 'b'], [0.5]), options).precision).toBe(5e-4);
});

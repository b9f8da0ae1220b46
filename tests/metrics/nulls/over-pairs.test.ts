// Nulls with a value for each pair: what they are of all pairs, and of those that are kept.
import { expect, test } from 'vitest';
import { nullBand } from '../../../src/metrics/nulls/null.js';
import { nullOverPairs, overKept } from '../../../src/metrics/nulls/over-pairs.js';
import type { DetailedScores } from '../../../src/metrics/pairs/pair-loop.js';

/** Scores between these SAEs, pair by pair; each way has the two values 0.2 and 0.6. */
function scoresOf(members: string, values: Record<string, number>): DetailedScores {
  const ways = {
    features: Int32Array.of(0, 1),
    best: Float64Array.of(0.2, 0.6),
    partner: Int32Array.of(0, 1),
  };
  const names = Object.keys(values);
  return {
    id: 'decoder.max',
    leftOut: 0,
    members: [...members],
    widths: [...members].map(() => 2),
    pairs: names.map((name) => ({ a: name[0], b: name[1], value: values[name], aToB: 0.1, bToA: 0.2 })),
    matches: names.map((name) => ({ a: name[0], b: name[1], aToB: ways, bToA: ways })),
  };
}

const three = nullOverPairs('untrained', scoresOf('abc', { ab: 0.2, ac: 0.4, bc: 0.6 }));

test('of all pairs: their mean, the SD of the mean by leaving out each SAE, and the values', () => {
  // Without a, b and c the mean is 0.6, 0.4 and 0.2: SE² = 2/3 · (0.04 + 0 + 0.04).
  const sd = Math.sqrt((2 / 3) * 0.08);
  expect(three).toMatchObject({ kind: 'untrained', draws: 0, exact: true });
  expect(three.mean).toBeCloseTo(0.4, 14);
  expect(three.sd).toBeCloseTo(sd, 14);
  expect(three.high).toBeCloseTo(0.4 + 1.96 * sd, 14);
  expect(three.pairs).toEqual([
    { a: 'a', b: 'b', value: 0.2 },
    { a: 'a', b: 'c', value: 0.4 },
    { a: 'b', b: 'c', value: 0.6 },
  ]);
});

test('of one pair the SD is that of the values by feature, over the root of their number', () => {
  // Two values 0.4 apart: SD 0.4/√2, over √2.
  expect(nullOverPairs('own-init', scoresOf('ab', { ab: 0.4 })).sd).toBeCloseTo(0.2, 14);
});

test('over the pairs that are kept: their mean, with the SD of all where they are no whole group', () => {
  const some = overKept(three, (a, b) => `${a}${b}` !== 'bc');
  expect(some).toMatchObject({ kind: 'untrained', draws: 0, exact: true, pairs: three.pairs?.slice(0, 2) });
  expect(some?.mean).toBeCloseTo(0.3, 14);
  expect(some?.sd).toBe(three.sd);
  expect(some?.low).toBeCloseTo(0.3 - 1.96 * three.sd, 14);
});

test('over all pairs of fewer SAEs the SD is theirs', () => {
  const four = nullOverPairs(
    'untrained',
    scoresOf('abcd', { ab: 0.2, ac: 0.4, ad: 0.9, bc: 0.6, bd: 0.9, cd: 0.9 }),
  );
  const kept = overKept(four, (a, b) => a !== 'd' && b !== 'd');
  expect(kept?.mean).toBeCloseTo(0.4, 14);
  expect(kept?.sd).toBeCloseTo(three.sd, 14);
});

test('is the same where it has no values by pair, and none where no pair of it is kept', () => {
  const drawn = nullBand('random-directions', 0.3, 0.01, 10, false);
  expect(overKept(drawn, () => false)).toBe(drawn);
  expect(overKept(three, () => false)).toBeUndefined();
});

// How many features come back that have not been seen twice: by hand, and in worlds where it is known.
import { describe, expect, test } from 'vitest';
import { betaBinomial, returningFeatures } from '../../src/stats/returning.js';
import { Rng } from '../../src/tensor/index.js';

test('the beta-binomial is what beta functions give', () => {
  // α = 2, β = 3, n = 4: P(s) = C(4, s)·B(s + 2, 7 − s)/B(2, 3), B(2, 3) = 1/12, B(2, 7) = 1/56, B(3, 6) = 1/168, …
  const byHand = [12 / 56, (4 * 12) / 168, (6 * 12) / 280, (4 * 12) / 280, 12 / 168];
  byHand.forEach((p, s) => {
    expect(betaBinomial(4, s, 0.4, 0.2)).toBeCloseTo(p, 12);
  });
  expect(betaBinomial(5, 2, 0.3, 0)).toBeCloseTo(10 * 0.3 ** 2 * 0.7 ** 3, 12);
});

test('families among fewer SAEs are those of which two members are left', () => {
  // One family of 2 and one of 3 among 4 SAEs. Two SAEs: 1 of 6 pairs has the first, 3 of 6 the second.
  const { curve } = returningFeatures([0, 0, 1, 1, 0])!;
  expect(curve[0]).toEqual({ saes: 2, families: expect.closeTo(4 / 6, 12) });
  // Three SAEs: 2 of 4 triples hold both of the first, every triple two of the second.
  expect(curve[1].families).toBeCloseTo(2 / 4 + 1, 12);
  expect(curve[2]).toEqual({ saes: 4, families: expect.closeTo(2, 12) });
  expect(curve).toHaveLength(7);
  for (const [at, { families }] of curve.entries()) {
    if (at > 0) expect(families).toBeGreaterThanOrEqual(curve[at - 1].families - 1e-9);
  }
});

test('nothing can be told of two SAEs, or where nothing comes back more than once', () => {
  expect(returningFeatures([0, 5, 7])).toBeUndefined();
  expect(returningFeatures([0, 5, 0, 0])).toBeUndefined();
  expect(returningFeatures([0, 5, 2, 0, 0, 0])).toBeUndefined();
});

test('the bound without a distribution is exact where every feature is found as often', () => {
  // π = ½, n = 4: of 16,000 features 6,000 are in two, 4,000 in three, 1,000 in four; 5,000 in one or none.
  const { unseenAtLeast, unseen } = returningFeatures([0, 0, 6000, 4000, 1000])!;
  expect(unseenAtLeast).toBeCloseTo(5000, 6);
  expect(unseen.value).toBeCloseTo(5000, -2);
  expect(unseen.low).toBeLessThan(5000);
  expect(unseen.high).toBeGreaterThan(5000);
});

const laws: Record<string, (rng: Rng) => number> = {
  'all 0.6': () => 0.6,
  'evenly from 0 to 1': (rng) => rng.uniform(),
  'half always, half 0.4': (rng) => (rng.uniform() < 0.5 ? 1 : 0.4),
  'half 0.9, half 0.4': (rng) => (rng.uniform() < 0.5 ? 0.9 : 0.4),
};

test('three SAEs set no upper end to the unseen, and one to what the next adds', () => {
  // Half of 300 in every SAE, half in two of five: 43 in two, 160 in three, 97 in one or none.
  const { unseen, seen, oneMore } = returningFeatures([0, 0, 43, 160])!;
  expect(unseen).not.toHaveProperty('high');
  expect(unseen.low).toBeLessThan(97);
  expect(seen.low).toBe(0);
  // No more than Q_2, and its scatter.
  expect(oneMore.high).toBeGreaterThan(26);
  expect(oneMore.high).toBeLessThan(43 + 4 * Math.sqrt(2 * 43));
  // By that value none is always found.
  expect(unseen.value).toBeCloseTo(returningFeatures([0, 0, 4300, 16000])!.unseen.value / 100, 0);
});

const cases = [...Object.keys(laws).map((law) => [law, 5] as const), ['half always, half 0.4', 3] as const];
describe.each(cases)('found with probability %s, by %i SAEs', (law, n) => {
  test('the unseen, and what one more SAE adds, are within their intervals in 90 of 100 worlds', () => {
    const features = 300;
    let [held, heldNew] = [0, 0];
    for (let world = 0; world < 100; world++) {
      const rng = new Rng(world, 'returning', law);
      const counts = new Array<number>(n + 1).fill(0);
      let [unseen, added] = [0, 0];
      for (let f = 0; f < features; f++) {
        const pi = laws[law](rng);
        let support = 0;
        for (let s = 0; s < n; s++) if (rng.uniform() < pi) support++;
        counts[support]++;
        if (support < 2) unseen++;
        if (support === 1 && rng.uniform() < pi) added++;
      }
      const found = returningFeatures(counts)!;
      const holds = (value: number, { low, high = Number.POSITIVE_INFINITY }: typeof found.unseen) =>
        value >= low && value <= high;
      if (holds(unseen, found.unseen)) held++;
      if (holds(added, found.oneMore)) heldNew++;
    }
    expect(held).toBeGreaterThanOrEqual(90);
    expect(heldNew).toBeGreaterThanOrEqual(90);
  });
});

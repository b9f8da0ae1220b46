// How many features come back that have not been seen twice: by hand, against SciPy, and in worlds where it is known.
import { readFileSync } from 'node:fs';
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

interface Peer {
  counts: number[];
  unseen: { value: number; low: number; high: number };
  oneMore: { value: number; low: number; high: number };
  families: number[];
}

const peers: Peer[] = JSON.parse(
  readFileSync(new URL('../fixtures/returning.json', import.meta.url), 'utf8'),
);

test.each(peers)('what SciPy finds in the most likely distributions of $counts', (peer) => {
  const { unseen, oneMore, curve } = returningFeatures(peer.counts)!;
  const near = (found: number, value: number, share: number) =>
    expect(Math.abs(found - value), `${found} for ${value}`).toBeLessThanOrEqual(share * value);
  for (const [found, expected] of [
    [unseen, peer.unseen],
    [oneMore, peer.oneMore],
  ] as const) {
    near(found.value, expected.value, 3e-3);
    // The ends are those of the models that are tried, which are a little inside the region.
    near(found.low, expected.low, 0.03);
    near(found.high!, expected.high, 0.03);
  }
  const n = peer.counts.length - 1;
  const later = curve.slice(n - 1);
  expect(later.map(({ saes }) => saes)).toEqual(Array.from({ length: n }, (_, at) => n + 1 + at));
  const seen = curve[n - 2].families;
  expect(seen).toBeCloseTo(
    peer.counts.slice(2).reduce((sum, count) => sum + count, 0),
    9,
  );
  for (const [at, { families }] of later.entries()) near(families - seen, peer.families[at] - seen, 3e-3);
});

test('the share that is seen goes with the unseen, end by end', () => {
  const { unseen, seen } = returningFeatures([7, 9, 300, 200, 100, 60])!;
  expect(seen.value).toBeCloseTo(660 / (660 + unseen.value), 12);
  expect(seen.low).toBeCloseTo(660 / (660 + unseen.high!), 12);
  expect(seen.high).toBeCloseTo(660 / (660 + unseen.low), 12);
});

test('the lower end is no higher than the bound without a distribution may be by accident', () => {
  // m_2 = 3000/10, m_3 = 200/10: the bound is 5·300²/20 + 300³/20² = 90,000, its logarithm ± 1.96·√(9/3000 + 4/200).
  const { unseen, unseenAtLeast } = returningFeatures([0, 0, 3000, 200, 8, 1])!;
  expect(unseenAtLeast).toBeCloseTo(90_000, 6);
  expect(unseen.low).toBeCloseTo(90_000 * Math.exp(-1.96 * Math.sqrt(9 / 3000 + 4 / 200)), 6);
});

test('without features in two or in three SAEs there is no bound without a distribution', () => {
  for (const counts of [
    [0, 0, 0, 4, 4, 2],
    [0, 0, 4, 0, 4, 2],
  ]) {
    const { unseen, unseenAtLeast } = returningFeatures(counts)!;
    expect(unseenAtLeast).toBeUndefined();
    expect(unseen.low).toBeGreaterThanOrEqual(0);
    expect(unseen.value).toBeGreaterThan(0);
    expect(unseen.high).toBeLessThan(100);
  }
});

test('of three SAEs the value is that of some distribution without features that are always found', () => {
  // P(2)/P(3) = 3·(1 − μ)/(μ + 2φ) is all that 43 and 160 say: μ = 3/(3 + r·(1 + 2φ/μ)), r = 43/160, and φ/μ is in 0 … 1.
  const { unseen, oneMore } = returningFeatures([0, 0, 43, 160])!;
  const at = (shape: number) => {
    const mu = 3 / (3 + (43 / 160) * (1 + 2 * shape));
    const [none, one, two] = [0, 1, 2].map((s) => betaBinomial(3, s, mu, shape * mu));
    // One more finds what is in one so far, n·E[π²(1 − π)²]: two of four, of which the last is one half the time.
    return { ratio: (none + one) * (43 / two), added: betaBinomial(4, 2, mu, shape * mu) * (43 / two) * 0.5 };
  };
  expect(unseen.value).toBeGreaterThanOrEqual(at(0).ratio - 1e-3);
  expect(unseen.value).toBeLessThanOrEqual(at(1).ratio + 1e-3);
  expect(oneMore.value).toBeGreaterThanOrEqual(at(0).added - 1e-3);
  expect(oneMore.value).toBeLessThanOrEqual(at(1).added + 1e-3);
});

test('of three and of four SAEs a feature more hardly changes what is unseen', () => {
  for (const counts of [
    [0, 0, 43, 160],
    [0, 0, 400, 300, 900],
    [0, 0, 100, 120, 200],
  ]) {
    const { unseen, oneMore } = returningFeatures(counts)!;
    for (let s = 2; s < counts.length; s++) {
      const other = returningFeatures(counts.map((count, at) => (at === s ? count + 1 : count)))!;
      expect(Math.abs(other.unseen.value / unseen.value - 1), `${counts}, ${s}`).toBeLessThan(0.06);
      expect(Math.abs(other.oneMore.value / oneMore.value - 1), `${counts}, ${s}`).toBeLessThan(0.06);
    }
  }
});

test('where any shape explains the counts the value is that of the middle one', () => {
  // Of φ/μ = ½: μ = 3/(3 + 43/160·2), and what is in none or in one for each in two.
  const mu = 3 / (3 + (43 / 160) * 2);
  const [none, one, two] = [0, 1, 2].map((s) => betaBinomial(3, s, mu, 0.5 * mu));
  expect(returningFeatures([0, 0, 43, 160])!.unseen.value).toBeCloseTo((43 * (none + one)) / two, 2);
});

test('of many SAEs, where nearly all have every feature, nothing underflows', () => {
  const counts = [...new Array<number>(47).fill(0), 4, 20, 40, 36];
  const { unseen, oneMore, curve } = returningFeatures(counts)!;
  expect(unseen.value).toBeLessThan(1e-3);
  expect(unseen.high).toBeLessThan(1);
  expect(oneMore.high).toBeLessThan(1);
  expect(curve.at(-1)!.families).toBeCloseTo(100, 6);
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

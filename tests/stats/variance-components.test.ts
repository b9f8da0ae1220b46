// Init against order: by hand, on simulated crosses with known shares, and how often the intervals hold them.
import { describe, expect, it } from 'vitest';
import { mean } from '../../src/stats/summary.js';
import { type CrossedMember, components, varianceComponents } from '../../src/stats/variance-components.js';
import { Rng } from '../../src/tensor/index.js';

function cross(inits: number, orders: number): CrossedMember[] {
  return Array.from({ length: inits * orders }, (_, at) => {
    const [i, j] = [Math.floor(at / orders), at % orders];
    return { id: `${i}.${j}`, initSeed: i, orderSeed: j };
  });
}

/** All pairs of the members, each with the value that `score` gives. */
function pairs(members: readonly CrossedMember[], score: (a: CrossedMember, b: CrossedMember) => number) {
  return members.flatMap((a, i) =>
    members.slice(i + 1).map((b) => ({ a: a.id, b: b.id, value: score(a, b) })),
  );
}

/** One SAE as a sum of vectors: a squared distance is its dissimilarity. */
function simulated(
  inits: number,
  orders: number,
  sd: { init: number; order: number; either: number },
  seed: number,
) {
  const dimensions = 5;
  const members = cross(inits, orders);
  const vector = (scale: number, ...labels: (string | number)[]) => {
    const rng = new Rng(seed, 'effect', ...labels);
    return Array.from({ length: dimensions }, () => scale * rng.normal());
  };
  const place = new Map(
    members.map(({ id, initSeed, orderSeed }) => {
      const parts = [
        vector(sd.init, 'a', initSeed),
        vector(sd.order, 'b', orderSeed),
        vector(sd.either, 'c', id),
      ];
      return [id, parts[0].map((_, m) => parts[0][m] + parts[1][m] + parts[2][m])];
    }),
  );
  const score = (a: CrossedMember, b: CrossedMember) => {
    const [u, v] = [place.get(a.id)!, place.get(b.id)!];
    return 1 - u.reduce((sum, x, m) => sum + (x - v[m]) ** 2, 0);
  };
  return varianceComponents(pairs(members, score), members)!;
}

describe('varianceComponents', () => {
  it('by hand, 2 × 2: .1 for order, .3 for init, .4 for both', () => {
    const members = cross(2, 2);
    const score = (a: CrossedMember, b: CrossedMember) =>
      a.initSeed === b.initSeed ? 0.9 : a.orderSeed === b.orderSeed ? 0.7 : 0.6;
    const found = varianceComponents(pairs(members, score), members)!;
    expect(found).toMatchObject({ initSeeds: 2, orderSeeds: 2 });
    expect(found.kinds.init).toEqual({ disagreement: expect.closeTo(0.3, 12), n: 2 });
    expect(found.kinds.order).toEqual({ disagreement: expect.closeTo(0.1, 12), n: 2 });
    expect(found.kinds.both).toEqual({ disagreement: expect.closeTo(0.4, 12), n: 2 });
    // 1 − .1/.4, 1 − .3/.4, and nothing left.
    expect(found.shares.init.value).toBeCloseTo(0.75, 12);
    expect(found.shares.order.value).toBeCloseTo(0.25, 12);
    expect(found.shares.either.value).toBeCloseTo(0, 12);
    // Two seeds leave one when one is left out.
    expect(found.shares.init.interval).toBeUndefined();
  });

  it('is the same for a score and the score corrected for chance', () => {
    const members = cross(3, 3);
    const rng = new Rng(3, 'scores');
    const raw = pairs(members, () => 0.4 + 0.2 * rng.uniform());
    const corrected = raw.map((p) => ({ ...p, value: (p.value - 0.3) / 0.7 }));
    const [a, b] = [raw, corrected].map((p) => varianceComponents(p, members)!);
    for (const name of ['init', 'order', 'either'] as const) {
      expect(b.shares[name].value).toBeCloseTo(a.shares[name].value, 12);
      expect(b.shares[name].interval!.low).toBeCloseTo(a.shares[name].interval!.low, 12);
    }
  });

  it('has intervals by hand, 3 × 4: all vary with the init seed and the order seed that pairs share or not', () => {
    // Pairs that differ in order alone disagree by a_i·(x_j + x_j′), those in init alone by .4, those in both by 1.
    const [a, x] = [
      [0.5, 1, 1.5],
      [0.05, 0.1, 0.15, 0.3],
    ];
    const members = cross(3, 4);
    const score = (one: CrossedMember, other: CrossedMember) => {
      if (one.orderSeed === other.orderSeed) return 1 - 0.4;
      return one.initSeed === other.initSeed
        ? 1 - a[one.initSeed] * (x[one.orderSeed] + x[other.orderSeed])
        : 0;
    };
    const { initSeeds, orderSeeds, kinds, shares } = varianceComponents(pairs(members, score), members)!;
    expect({ initSeeds, orderSeeds }).toEqual({ initSeeds: 3, orderSeeds: 4 });
    expect(kinds).toEqual({
      init: { disagreement: expect.closeTo(0.4, 12), n: 12 },
      order: { disagreement: expect.closeTo(0.3, 12), n: 18 },
      both: { disagreement: 1, n: 36 },
    });
    expect(shares.order.value).toBeCloseTo(0.6, 12);
    expect(shares.order.interval!.low).toBeCloseTo(0.6, 12);
    expect(shares.order.interval!.high).toBeCloseTo(0.6, 12);
    // Without init seed 0, 1, 2: 1.25, 1 and .75 times .3; without order seed 0 … 3: ⅔·(.6 − x_j).
    const variances = [(2 / 3) * 2 * 0.075 ** 2, (3 / 4) * ((0.2 / 3) ** 2 + (0.1 / 3) ** 2 + 0.1 ** 2)];
    // SciPy's t.ppf(.975, ν), ν = (V₁ + V₂)²/(V₁²/2 + V₂²/3) = 4.998425.
    const reach = 2.5708254503719234 * Math.sqrt(variances[0] + variances[1]);
    for (const [name, value] of [
      ['init', 0.7],
      ['either', -0.3],
    ] as const) {
      expect(shares[name].value).toBeCloseTo(value, 12);
      expect(shares[name].interval).toEqual({
        low: expect.closeTo(value - reach, 10),
        high: expect.closeTo(value + reach, 10),
        level: 0.95,
        method: 'jackknife-init-and-order-t',
      });
    }
  });

  it('has no interval where either kind has two seeds', () => {
    for (const members of [cross(2, 4), cross(4, 2)]) {
      const found = varianceComponents(
        pairs(members, (a, b) => (a.initSeed === b.initSeed ? 0.9 : a.orderSeed === b.orderSeed ? 0.7 : 0.6)),
        members,
      )!;
      expect(components.map((name) => 'interval' in found.shares[name])).toEqual([false, false, false]);
    }
  });

  it('turns round with the seeds', () => {
    const members = cross(3, 4);
    const rng = new Rng(4, 'scores');
    const scores = pairs(members, () => rng.uniform());
    const turned = members.map((m) => ({ ...m, initSeed: m.orderSeed, orderSeed: m.initSeed }));
    const [a, b] = [members, turned].map((m) => varianceComponents(scores, m)!);
    expect(b.shares.order).toEqual(a.shares.init);
    expect(b.shares.either.value).toBe(a.shares.either.value);
    expect(mean([a.shares.init, a.shares.order, a.shares.either].map((s) => 3 * s.value))).toBeCloseTo(1, 12);
  });

  it.each([
    ['init alone', { init: 1, order: 0, either: 0 }, [1, 0, 0]],
    ['order alone', { init: 0, order: 2, either: 0 }, [0, 1, 0]],
    ['either alone will do', { init: 0, order: 0, either: 1 }, [0, 0, 1]],
    ['a bit of all', { init: 1, order: 0.5, either: 0.7 }, [1 / 1.74, 0.25 / 1.74, 0.49 / 1.74]],
  ])('finds the shares that were put in: %s', (_, sd, expected) => {
    const crosses = Array.from({ length: 60 }, (_, seed) => simulated(6, 6, sd, seed));
    (['init', 'order', 'either'] as const).forEach((name, at) => {
      const found = mean(crosses.map((c) => c.shares[name].value));
      expect(Math.abs(found - expected[at])).toBeLessThan(0.03);
    });
  });

  it('has intervals that hold the true share nineteen times in twenty, or more often', () => {
    const sd = { init: 1, order: 0.5, either: 0.7 };
    const truth = { init: 1 / 1.74, order: 0.25 / 1.74, either: 0.49 / 1.74 };
    for (const [inits, orders] of [
      [4, 4],
      [3, 5],
    ]) {
      const crosses = Array.from({ length: 300 }, (_, seed) => simulated(inits, orders, sd, seed));
      for (const name of ['init', 'order', 'either'] as const) {
        const held = crosses.filter(({ shares: { [name]: share } }) => {
          const { low, high } = share.interval!;
          return low <= truth[name] && truth[name] <= high;
        });
        expect.soft(held.length / 300, `${name}, ${inits} × ${orders}`).toBeGreaterThan(0.93);
      }
    }
  });

  it('is the analysis of variance of a crossed design, one observation a cell', () => {
    const [inits, orders] = [4, 3];
    const members = cross(inits, orders);
    const rng = new Rng(8, 'observations');
    const y = new Map(members.map(({ id, initSeed }) => [id, initSeed + rng.normal()]));
    const at = (of: readonly CrossedMember[]) => mean(of.map(({ id }) => y.get(id)!));
    const grand = at(members);
    const rows = Array.from({ length: inits }, (_, i) => at(members.filter((m) => m.initSeed === i)));
    const columns = Array.from({ length: orders }, (_, j) => at(members.filter((m) => m.orderSeed === j)));
    const squares = (values: readonly number[]) => values.reduce((sum, v) => sum + v * v, 0);
    const residuals = members.map(
      ({ id, initSeed, orderSeed }) => y.get(id)! - rows[initSeed] - columns[orderSeed] + grand,
    );
    const between = (means: readonly number[]) => squares(means.map((m) => m - grand)) / (means.length - 1);
    const c = squares(residuals) / ((inits - 1) * (orders - 1));
    const a = between(rows) - c / orders;
    const b = between(columns) - c / inits;
    const found = varianceComponents(
      pairs(members, (one, other) => 1 - (y.get(one.id)! - y.get(other.id)!) ** 2),
      members,
    )!;
    expect(found.kinds.both.disagreement).toBeCloseTo(2 * (a + b + c), 10);
    expect(found.shares.init.value).toBeCloseTo(a / (a + b + c), 10);
    expect(found.shares.order.value).toBeCloseTo(b / (a + b + c), 10);
    expect(found.shares.either.value).toBeCloseTo(c / (a + b + c), 10);
  });

  it('does without an SAE that is missing', () => {
    const members = cross(4, 4);
    const scores = pairs(members, (a, b) => (a.initSeed === b.initSeed ? 0.9 : 0.5));
    const without = scores.filter(({ a, b }) => a !== '2.1' && b !== '2.1');
    const found = varianceComponents(without, members)!;
    expect(found.kinds.both.n).toBeLessThan(16 * 9 * 0.5);
    expect(found.shares.init.value).toBeCloseTo(0.8, 12);
    expect(found.shares.init.interval!.low).toBeCloseTo(0.8, 12);
  });

  it('is undefined where there is nothing to share out', () => {
    const [one, same] = [cross(3, 1), cross(3, 3)];
    expect(
      varianceComponents(
        pairs(one, () => 0.5),
        one,
      ),
    ).toBeUndefined();
    expect(
      varianceComponents(
        pairs(same, () => 1),
        same,
      ),
    ).toBeUndefined();
    // Nor without the pairs that differ in one of the two alone.
    const all = pairs(same, () => 0.5);
    const [init, order] = [0, 1].map((at) => all.filter(({ a, b }) => a.split('.')[at] !== b.split('.')[at]));
    expect([init, order].map((of) => varianceComponents(of, same))).toEqual([undefined, undefined]);
    expect(varianceComponents([], [])).toBeUndefined();
  });

  it('refuses a pair that is none of the cross', () => {
    const members = cross(2, 2);
    const twice = [...members, { id: 'again', initSeed: 0, orderSeed: 0 }];
    for (const [a, b, found] of [
      ['0.0', 'x', 'no SAE x'],
      ['x', '0.0', 'no SAE x'],
      ['0.0', 'again', 'the same seeds'],
    ])
      expect(() => varianceComponents([{ a, b, value: 1 }], twice)).toThrow(
        expect.objectContaining({
          code: 'usage.argument',
          details: { field: `${a}, ${b}`, found },
        }),
      );
  });
});

// Feature by feature: against numpy and scipy, by hand, and what must not change it.
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type FeatureMatchTable, featureStability } from '../../src/features/feature-stability.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { decoderMatched } from '../../src/metrics/index.js';
import type { Member } from '../../src/sae/member.js';
import { fromDense, fromRows, Rng, takeRows, zeros } from '../../src/tensor/index.js';
import { member } from '../metrics/fixture.js';
import { fixture, relative } from '../metrics/nulls/fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const members = fixture.decoders.map((rows, i) => member(`sae-${i}`, fromRows(rows)));

test('partners, margins, assignments, and p, q and stability on the sphere agree with numpy and scipy', async () => {
  const { summaries, matches } = (await featureStability(members, kernel))!;
  expect(matches.map(({ sae, other }) => [sae, other])).toEqual(
    fixture.matches.map(({ sae, other }) => [`sae-${sae}`, `sae-${other}`]),
  );
  fixture.matches.forEach((expected, t) => {
    for (const name of ['features', 'partner', 'mutual', 'assigned'] as const) {
      expect(Array.from(matches[t][name]), name).toEqual(expected[name]);
    }
    for (const name of ['cosine', 'margin', 'assignedCosine'] as const) {
      expected[name].forEach((value, i) => {
        expect(Math.abs(matches[t][name][i] - value), name).toBeLessThan(2e-7);
      });
    }
    for (const [name, easy] of [
      ['pValue', 'pValueSphere'],
      ['qValue', 'qValueSphere'],
    ] as const) {
      // Rows are rounded to float32 at length 1, which moves a p-value by about d·c/(1 − c²) times as much.
      expected[name].forEach((value, i) => {
        expect(relative(matches[t][easy][i], value), easy).toBeLessThan(1e-4);
      });
    }
  });
  fixture.stability.forEach((expected, i) => {
    expect(Array.from(summaries[i].stabilitySphere)).toEqual(expected.stability);
    for (const name of ['stability07', 'stability09'] as const) {
      expect(Array.from(summaries[i][name]), name).toEqual(expected[name]);
    }
  });
  expect(new Set(fixture.stability.flatMap((s) => s.stability))).toEqual(new Set([0, 0.5, 1]));
});

test('a case by hand: an opposite partner, a lone one, one without a direction, what each knows about itself', async () => {
  const codes = fromDense([
    [1, 0, 2],
    [1, 0, 0],
    [0, 0, 0],
    [3, 0, 0],
  ]);
  const a = member(
    'a',
    fromRows([
      [3, 4],
      [0, 0],
      [0, 2],
    ]),
    codes,
    fromRows([
      [3, 4],
      [1, 0],
      [2, 0],
    ]),
  );
  const b = member('b', fromRows([[-3, -4]]));
  const { summaries, matches } = (await featureStability([a, b], kernel))!;
  const [ab, ba] = matches;
  expect(Array.from(ab.features)).toEqual([0, 2]);
  expect(Array.from(ab.partner)).toEqual([0, 0]);
  expect(ab.cosine[0]).toBeCloseTo(-1, 6);
  expect(ab.cosine[1]).toBeCloseTo(-0.8, 6);
  expect(ab.margin[1]).toBeCloseTo(0.8, 6);
  expect(Array.from(ab.mutual)).toEqual([1, 0]);
  // Signed, so that −0.8 is better than −1.
  expect(Array.from(ab.assigned)).toEqual([-1, 0]);
  expect(ab.assignedCosine[0]).toBe(0);
  expect(ab.assignedCosine[1]).toBeCloseTo(-0.8, 6);
  // In two dimensions 1 − G(0.8) = 1 − 2·asin(0.8)/π.
  expect(ab.pValueSphere[1]).toBeCloseTo(1 - (2 * Math.asin(0.8)) / Math.PI, 5);
  // All that b has lies on one line, and whatever is drawn there is as near.
  expect(Array.from(ab.pValue)).toEqual([1, 1]);
  expect(ba.margin[0]).toBeCloseTo(0.2, 6);
  expect(Array.from(ba.assigned)).toEqual([2]);
  expect(Array.from(summaries[0].norm)).toEqual([5, 0, 2]);
  expect(Array.from(summaries[0].firingRate!)).toEqual([0.75, 0, 0.25]);
  expect(Array.from(summaries[0].initCosine!)).toEqual([1, 0, 0]);
  expect(Array.from(summaries[0].stability09)).toEqual([1, 0, 0]);
  expect(Array.from(summaries[0].stability07)).toEqual([1, 0, 1]);
  expect(summaries[1]).not.toHaveProperty('firingRate');
  expect(summaries[1]).not.toHaveProperty('initCosine');
});

test('it is absent for one SAE or one without any direction, and refuses different widths', async () => {
  expect(await featureStability(members.slice(1), kernel)).toBeDefined();
  expect(await featureStability(members.slice(2), kernel)).toBeUndefined();
  expect(await featureStability([members[0], member('none', zeros(3, 10))], kernel)).toBeUndefined();
  await expect(featureStability([members[0], member('wide', zeros(3, 11))], kernel)).rejects.toThrow(
    /d = 11/,
  );
});

test('an assignment that is known is taken and nothing is assigned again', async () => {
  const assignments = (await decoderMatched(members, kernel))!;
  const refusing = {
    ...kernel,
    assign: () => {
      throw new Error('assigned again');
    },
  };
  expect(await featureStability(members, refusing, { assignments })).toEqual(
    await featureStability(members, kernel),
  );
});

/** Random members that share rows, so that there is something to find. */
function related(seed: number): [Member, Member] {
  const rng = new Rng(seed, 'test');
  const [a, b] = [zeros(9, 6), zeros(7, 6)];
  rng.fillNormal(a.data);
  rng.fillNormal(b.data);
  b.data.set(a.data.subarray(0, 18));
  return [member('a', a), member('b', b)];
}

test('scaling rows changes nothing, flipping one changes its signs only, permuting moves the rows along', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1000), async (seed) => {
      const [a, b] = related(seed);
      const [plain] = (await featureStability([a, b], kernel))!.matches;
      const rng = new Rng(seed, 'order');
      const order = rng.permutation(9);
      const moved = takeRows(a.sae.decoder, order);
      // Powers of two scale without rounding.
      const scales = Array.from(order, () => 2 ** (rng.below(5) - 2) * (rng.below(2) ? 1 : -1));
      scales.forEach((scale, i) => {
        for (let j = 0; j < 6; j++) moved.data[i * 6 + j] *= scale;
      });
      const [table] = (await featureStability([member('a', moved), b], kernel))!.matches;
      scales.forEach((scale, i) => {
        const was = order[i];
        expect(table.partner[i]).toBe(plain.partner[was]);
        expect(table.cosine[i]).toBe(Math.sign(scale) * plain.cosine[was]);
        for (const name of [
          'margin',
          'mutual',
          'pValue',
          'qValue',
          'pValueSphere',
          'qValueSphere',
        ] as const) {
          expect(table[name][i]).toBe(plain[name][was]);
        }
      });
    }),
    { numRuns: 20 },
  );
});

test('swapping two SAEs swaps their tables', async () => {
  const [a, b] = related(5);
  const sorted = (tables: readonly FeatureMatchTable[]) =>
    [...tables].sort((x, y) => x.sae.localeCompare(y.sae));
  const one = (await featureStability([a, b], kernel))!;
  const other = (await featureStability([b, a], kernel))!;
  expect(sorted(other.matches)).toEqual(sorted(one.matches));
  expect([...other.summaries].reverse()).toEqual(one.summaries);
});

test('p-values of unrelated features are uniform, and nearly nothing is found among them', async () => {
  const random = ['a', 'b'].map((id) => {
    const rows = zeros(400, 24);
    new Rng(8, 'test', id).fillNormal(rows.data);
    return member(id, rows);
  });
  const { matches, summaries } = (await featureStability(random, kernel))!;
  for (const p of matches.flatMap(({ pValue, pValueSphere }) => [pValue, pValueSphere])) {
    const sorted = p.toSorted();
    const distance = Math.max(...sorted.map((p, i) => Math.max(p - i / 400, (i + 1) / 400 - p)));
    // Kolmogorov: above 1.63/√n in one of a hundred cases.
    expect(distance).toBeLessThan(1.63 / Math.sqrt(400));
  }
  expect(summaries[0].stability.reduce((a, b) => a + b)).toBeLessThanOrEqual(1);
});

/** Rows [features × 40] that lie nearly all in the first four dimensions; the first `common` are the same for all, but for noise. */
function crowded(id: string, features: number, common: number): Member {
  const rows = zeros(features, 40);
  new Rng(9, 'test', 'crowded', id).fillNormal(rows.data);
  const shared = zeros(common, 40);
  new Rng(9, 'test', 'common').fillNormal(shared.data);
  rows.data.forEach((noise, at) => {
    const i = Math.floor(at / 40);
    const value = i < common ? shared.data[at] + 0.02 * noise : noise;
    rows.data[at] = at % 40 < 4 ? value : 0.1 * value;
  });
  return member(id, rows);
}

test('crowding into a few dimensions is significant on the sphere and not beyond it; shared features are', async () => {
  const common = 30;
  const share = (stability: Float64Array, from: number, to: number) =>
    stability.slice(from, to).reduce((a, b) => a + b, 0) / (to - from);
  const unrelated = await featureStability(
    ['a', 'b', 'c'].map((id) => crowded(id, 300, 0)),
    kernel,
  );
  for (const { stability, stabilitySphere } of unrelated!.summaries) {
    expect(share(stability, 0, 300)).toBeLessThan(0.02);
    expect(share(stabilitySphere, 0, 300)).toBeGreaterThan(0.9);
  }
  const related = await featureStability(
    ['a', 'b', 'c'].map((id) => crowded(id, 300, common)),
    kernel,
  );
  for (const { stability } of related!.summaries) {
    expect(share(stability, 0, common)).toBeGreaterThan(0.95);
    expect(share(stability, common, 300)).toBeLessThan(0.05);
  }
});

// Families of features: planted worlds, what must not change them, and cases by hand.
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { byDirections } from '../../../src/features/families/by-directions.js';
import { type Families, familiesOf } from '../../../src/features/families/families.js';
import type { FeatureView } from '../../../src/features/families/view.js';
import { featureStability } from '../../../src/features/feature-stability.js';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import type { Member } from '../../../src/sae/member.js';
import { fromDense, fromRows, Rng, row, takeRows, zeros } from '../../../src/tensor/index.js';
import { member } from '../../metrics/fixture.js';
import { type MadeSaes, madeSaes, type WorldOfSaes } from './worlds.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

async function grouped(members: readonly Member[], cosine = 0.7): Promise<Families> {
  const ids = members.map(({ id }) => id);
  return (await familiesOf(ids, byDirections(members, kernel), { cosine }))!;
}

/** Each family as the names of its members, in any order. */
function named({ families, saes }: Families): Set<string> {
  return new Set(
    families.map(({ members }) =>
      members
        .map(({ sae, feature }) => `${saes[sae]}:${feature}`)
        .sort()
        .join(' '),
    ),
  );
}

/** Families of one shared feature each, of all; and shared features that two SAEs have which are in one whole family, of all. */
function quality(
  { families }: Families,
  { truth, members }: MadeSaes,
): { precision: number; recall: number } {
  const right = families.filter(({ members: own }) => {
    const [first, ...rest] = own.map(({ sae, feature }) => truth[sae][feature]);
    return first >= 0 && rest.every((one) => one === first);
  });
  const having = new Map<number, number>();
  for (const of of truth) for (const one of of) if (one >= 0) having.set(one, (having.get(one) ?? 0) + 1);
  const wanted = [...having.values()].filter((count) => count >= 2).length;
  const whole = right.filter(({ members: own }) => {
    const [{ sae, feature }] = own;
    return having.get(truth[sae][feature]) === own.length;
  });
  expect(members.length).toBeGreaterThan(1);
  return {
    precision: right.length / Math.max(1, families.length),
    recall: whole.length / Math.max(1, wanted),
  };
}

describe.each([3, 5, 9])('%i SAEs of a planted world', (saes) => {
  test.each([
    0.1, 0.5, 1,
  ])('that share %f of their features: all of those are families, and no others', async (overlap) => {
    const dSae = 120;
    const world = madeSaes({
      saes,
      dModel: 64,
      shared: Math.round(overlap * dSae),
      dSae,
      found: 0.8,
      noise: 0.3,
    });
    const { precision, recall } = quality(await grouped(world.members), world);
    expect(precision).toBeGreaterThanOrEqual(0.98);
    expect(recall).toBeGreaterThanOrEqual(0.95);
  });
});

test('where nothing is shared at most one world in twenty has a family, in few dimensions too', async () => {
  let [withFamilies, least] = [0, 1];
  for (let seed = 0; seed < 100; seed++) {
    const { members } = madeSaes({ saes: 4, dModel: 8, shared: 0, dSae: 40, seed });
    const found = await grouped(members, 0.55);
    if (found.families.length > 0) withFamilies++;
    least = Math.min(least, ...found.families.map(({ q }) => q));
  }
  expect(withFamilies).toBeLessThanOrEqual(5);
});

/** A view of SAEs of 100 features each that knows these pairs, of features `sae:feature`; all are each other's nearest. */
function viewOf(
  saes: number,
  pairs: Readonly<Record<string, readonly [cosine: number, pValue: number]>>,
): FeatureView {
  const known = Object.entries(pairs).map(([key, [cosine, pValue]]) => {
    const [a, i, b, j] = key.split(/[: ]/).map(Number);
    return { a, i, b, j, cosine, pValue };
  });
  return {
    by: 'directions',
    features: Array.from({ length: saes }, () => Int32Array.from({ length: 100 }, (_, f) => f)),
    mutual: async (a, b) => {
      const found = known.filter((one) => one.a === a && one.b === b);
      return {
        i: Int32Array.from(found, ({ i }) => i),
        j: Int32Array.from(found, ({ j }) => j),
        cosine: Float64Array.from(found, ({ cosine }) => cosine),
        pValue: Float64Array.from(found, ({ pValue }) => pValue),
      };
    },
    likeness: async (_, __, { i }) => ({
      cosine: new Float64Array(i.length),
      pValue: new Float64Array(i.length).fill(1),
    }),
  };
}

test('the chance of a family is the largest p-value of its pairs, times the SAEs in which it could have happened', async () => {
  const view = viewOf(4, {
    '0:1 1:2': [0.9, 1e-5],
    '0:1 2:3': [-0.8, 3e-5],
    '1:2 2:3': [-0.85, 2e-5],
    '2:7 3:7': [0.99, 1e-6],
  });
  const { families } = (await familiesOf(['a', 'b', 'c', 'd'], view))!;
  const [three, two] = families;
  expect(three.members.map(({ sae, feature, sign }) => [sae, feature, sign])).toEqual([
    [0, 1, 1],
    [1, 2, 1],
    [2, 3, -1],
  ]);
  expect(three.chance / (2 * 3e-5)).toBeCloseTo(1, 9);
  expect(two.chance / (3 * 1e-6)).toBeCloseTo(1, 9);
  // Two families of the 200 that 400 features could make: the smaller chance counts 200 times, the larger 100 times.
  expect(two.q / (200 * 3e-6)).toBeCloseTo(1, 9);
  expect(three.q / (100 * 6e-5)).toBeCloseTo(1, 9);
  expect(three.leastCosine).toBe(0.8);
  expect(three.agreement).toBeCloseTo(0.85, 12);
  expect(three.members[0].agreement).toBeCloseTo(0.85, 12);
});

test('a member that could be there by accident joins no family, and takes none away', async () => {
  const view = viewOf(3, { '0:1 1:2': [0.9, 1e-6], '0:1 2:3': [0.8, 0.2], '1:2 2:3': [0.8, 0.3] });
  const { families, dropped } = (await familiesOf(['a', 'b', 'c'], view))!;
  expect(families.map(({ members }) => members.map(({ sae }) => sae))).toEqual([[0, 1]]);
  expect(dropped).toBe(0);
});

test('families whose support is no rarer by accident are dropped, and counted', async () => {
  // As the fourth pair of 4,500 it is significant (4·0.05/4500 > 3e-5), as the second family of 500 it is not (9·3e-5·500/2 > 0.05).
  const triangle = { '0:1 1:2': [0.9, 1e-9], '0:1 2:3': [0.9, 1e-9], '1:2 2:3': [0.9, 1e-9] } as const;
  const view = viewOf(10, { ...triangle, '2:1 3:2': [0.9, 3e-5] });
  const ids = Array.from({ length: 10 }, (_, s) => `s${s}`);
  const { families, dropped } = (await familiesOf(ids, view))!;
  expect(families).toHaveLength(1);
  expect(dropped).toBe(1);
});

test('what is known of the features gives the same families as the decoders do', async () => {
  const { members } = madeSaes({ saes: 4, dModel: 24, shared: 30, dSae: 50, found: 0.7, noise: 0.5 });
  const known = (await featureStability(members, kernel))!;
  const ids = members.map(({ id }) => id);
  const fromTables = (await familiesOf(ids, byDirections(members, kernel, { known })))!;
  const own = await grouped(members);
  expect(named(fromTables)).toEqual(named(own));
  fromTables.families.forEach(({ q, agreement }, f) => {
    expect(q / own.families[f].q).toBeCloseTo(1, 6);
    expect(agreement).toBeCloseTo(own.families[f].agreement, 12);
  });
});

test('a feature between two that have nothing in common joins the nearer one', async () => {
  // 30° and 40° from the middle one, 70° from each other; crowds of random directions around them.
  const degrees = (angle: number) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  const rng = new Rng(4);
  const crowd = Array.from({ length: 300 }, () => Array.from({ length: 40 }, () => rng.normal()));
  const sae = (id: string, angle: number) => {
    const own = crowd.splice(0, 100);
    const [x, y] = degrees(angle);
    return member(id, fromRows([[x, y, ...new Array<number>(38).fill(0)], ...own]));
  };
  const found = await grouped([sae('a', 0), sae('b', 30), sae('c', 70)]);
  expect(named(found)).toEqual(new Set(['a:0 b:0']));
  expect(found.optimum).toMatchObject({ components: 1, proven: 1 });
});

test('features that fire on no row are in no family', async () => {
  const { members } = madeSaes({ saes: 2, dModel: 32, shared: 10, dSae: 10 });
  const codes = fromDense([Array.from({ length: 10 }, (_, f) => (f < 6 ? 1 : 0))]);
  const [a, b] = members;
  const found = await grouped([{ ...a, codes }, b]);
  expect(found.scored).toEqual([6, 10]);
  expect(found.families).toHaveLength(6);
  expect(found.families.every(({ members: [one] }) => one.feature < 6)).toBe(true);
});

test('one SAE alone has no families, and a threshold that is none is refused', async () => {
  const { members } = madeSaes({ saes: 1, dModel: 8, shared: 4, dSae: 4 });
  expect(await familiesOf(['a'], byDirections(members, kernel))).toBeUndefined();
  await expect(grouped(members, 0.5)).rejects.toThrow(/above 0.5, at most 1/);
});

const world = fc.record({
  saes: fc.integer({ min: 2, max: 5 }),
  shared: fc.integer({ min: 0, max: 24 }),
  found: fc.constantFrom(0.4, 0.8, 1),
  noise: fc.constantFrom(0.1, 0.5, 0.8),
  seed: fc.nat(1000),
});

describe('what changes nothing', () => {
  const of = (chosen: Omit<WorldOfSaes, 'dModel' | 'dSae'>, dModel = 12) =>
    madeSaes({ ...chosen, dModel, dSae: 24 }).members;

  test('the order of the SAEs', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (chosen) => {
        const members = of(chosen);
        const order = new Rng(chosen.seed, 'order').permutation(members.length);
        const other = await grouped(Array.from(order, (s) => members[s]));
        const one = await grouped(members);
        expect(named(other)).toEqual(named(one));
        expect(other.optimum.upperBound).toBeCloseTo(one.optimum.upperBound, 9);
      }),
      { numRuns: 40 },
    );
  });

  test('the order, the signs and the lengths of the features', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (chosen) => {
        const members = of(chosen);
        const rng = new Rng(chosen.seed, 'changed');
        const orders = members.map(({ sae }) => rng.permutation(sae.decoder.rows));
        const changed = members.map(({ id, sae }, s) => {
          const decoder = takeRows(sae.decoder, orders[s]);
          for (let i = 0; i < decoder.rows; i++) {
            // Powers of two, which round nothing.
            const by = (rng.uniform() < 0.5 ? -1 : 1) * 2 ** rng.below(6);
            const one = row(decoder, i);
            for (let t = 0; t < one.length; t++) one[t] *= by;
          }
          return member(id, decoder);
        });
        const { families, saes } = await grouped(changed);
        const back = families.map((family) => ({
          ...family,
          members: family.members.map((one) => ({ ...one, feature: orders[one.sae][one.feature] })),
        }));
        const before = await grouped(members);
        expect(named({ ...before, families: back, saes })).toEqual(named(before));
      }),
      { numRuns: 40 },
    );
  });

  test('a copy of an SAE joins the families of that SAE, makes families of what it had alone, and changes no others', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (chosen) => {
        // In so many dimensions no pair is barely significant: what passes depends on how much does.
        const members = of({ ...chosen, noise: 0.1 }, 40);
        const before = await grouped(members);
        const [first] = members;
        const after = await grouped([...members, { ...first, id: 'copy' }]);
        expect(after.copies).toEqual([['sae-0', 'copy']]);
        expect(before.copies).toEqual([]);
        const without = after.families.map(({ members: own }) =>
          own.filter(({ sae }) => sae < members.length),
        );
        const kept = without.filter((own) => own.length > 1);
        const names = (all: typeof kept) =>
          new Set(all.map((own) => own.map(({ sae, feature }) => `${sae}:${feature}`).join(' ')));
        expect(names(kept)).toEqual(names(before.families.map(({ members: own }) => [...own])));
        // Every feature of the SAE and of its copy are together.
        for (const { members: own } of after.families) {
          const of = (s: number) => own.find(({ sae }) => sae === s)?.feature;
          expect(of(members.length)).toBe(of(0));
        }
        expect(
          new Set(
            after.families.flatMap(({ members: own }) =>
              own.filter(({ sae }) => sae === 0).map(({ feature }) => feature),
            ),
          ).size,
        ).toBe(first.sae.decoder.rows);
      }),
      // By design some worlds in a thousand have a pair that chance makes barely significant; these thirty have none.
      { numRuns: 30, seed: 1 },
    );
  });
});

test('widths may differ, and rows without a direction are left out', async () => {
  const { members } = madeSaes({ saes: 2, dModel: 32, shared: 20, dSae: 20, noise: 0.1 });
  const [a, b] = members;
  const wide = zeros(21, 32);
  wide.data.set(b.sae.decoder.data);
  const found = await grouped([a, member('wide', wide)]);
  expect(found.scored).toEqual([20, 20]);
  expect(found.families).toHaveLength(20);
});

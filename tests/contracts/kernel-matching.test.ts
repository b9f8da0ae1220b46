// Contract of bestMatches: exact float64 products of float32 rows, ties to the lowest index, every kernel alike.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BestMatches, Kernel } from '../../src/kernel/interface.js';
import { fromRows, type Matrix, Rng, sharedFloat32 } from '../../src/tensor/index.js';
import { bestTwo, describeEveryKernel, entry, kernelMakers } from './every-kernel.js';
import { screenedMakers } from './every-screen.js';
import { laneProduct } from './lane-product.js';

/** All products, the way a reader would write them. */
function products(a: Matrix, b: Matrix): number[][] {
  return Array.from({ length: a.rows }, (_, i) =>
    Array.from({ length: b.rows }, (_, j) => laneProduct(a, i, b, j)),
  );
}

function expectExact(found: BestMatches, a: Matrix, b: Matrix): void {
  const rows = products(a, b);
  const cols = Array.from({ length: b.rows }, (_, j) => rows.map((r) => r[j]));
  for (const [side, table] of [
    ['aToB', rows],
    ['bToA', cols],
  ] as const) {
    expect(Array.from(table.keys(), (i) => entry(found[side].signed, i))).toEqual(
      table.map((r) => bestTwo(r)),
    );
    expect(Array.from(table.keys(), (i) => entry(found[side].abs, i))).toEqual(
      table.map((r) => bestTwo(r.map(Math.abs))),
    );
    expect(found[side].signed.index.length).toBe(table.length);
  }
}

function random(rows: number, cols: number, seed: number, value: (rng: Rng, i: number) => number): Matrix {
  const rng = new Rng(seed, 'matching');
  const data = sharedFloat32(rows * cols);
  for (let i = 0; i < data.length; i++) data[i] = value(rng, i);
  return { rows, cols, data };
}

/** Rows that a quantised screening finds hard, by name. */
const adversaries: Record<string, (rng: Rng, i: number) => number> = {
  gaussian: (rng) => rng.normal() / 8,
  // Ties everywhere.
  signs: (rng) => Math.sign(rng.normal()),
  'mostly zero': (rng) => (rng.uniform() < 0.1 ? rng.normal() : 0),
  // One coordinate takes the whole range of an 8-bit scale.
  'one huge coordinate': (rng) => (rng.uniform() < 0.03 ? 1000 : 0.01) * rng.normal(),
  // Rows that differ in their last bits only.
  'near ties': (rng) => 0.25 + rng.below(3) * 2 ** -26,
  // Halfway between two steps of an 8-bit scale.
  'worst rounding': (rng) => (rng.below(254) - 126.5) / 127,
  // Halfway between two steps of a 16-bit scale that the length of the row sets.
  'halves of a step': (rng) => (rng.uniform() < 0.02 ? 32000 : rng.below(4) - 1.5),
  // A step of 16 bits is too wide for all but a few.
  'rounded away': (rng) => (rng.uniform() < 0.02 ? 1e6 : 0.5) * rng.normal(),
  subnormal: (rng) => rng.normal() * 1e-41,
  tiny: (rng) => rng.normal() * 1e-30,
  large: (rng) => rng.normal() * 1e18,
  'scales that differ': (rng) => rng.normal() * 10 ** (rng.below(12) - 6),
  zero: () => 0,
};

function everyTest(one: Kernel, two: Kernel): void {
  it('finds the partners of three rows among two by hand', async () => {
    const a = fromRows([
      [1, 0],
      [0, 1],
      [-1, 0],
    ]);
    const b = fromRows([
      [0.5, 0.5],
      [1, 0],
    ]);
    const { aToB, bToA } = await one.bestMatches(a, b);
    expect([0, 1, 2].map((i) => entry(aToB.signed, i))).toEqual([
      [1, 1, 0, 0.5],
      [0, 0.5, 1, 0],
      [0, -0.5, 1, -1],
    ]);
    expect([0, 1, 2].map((i) => entry(aToB.abs, i))).toEqual([
      [1, 1, 0, 0.5],
      [0, 0.5, 1, 0],
      [1, 1, 0, 0.5],
    ]);
    expect([0, 1].map((j) => entry(bToA.signed, j))).toEqual([
      [0, 0.5, 1, 0.5],
      [0, 1, 1, 0],
    ]);
    expect([0, 1].map((j) => entry(bToA.abs, j))).toEqual([
      [0, 0.5, 1, 0.5],
      [0, 1, 2, 1],
    ]);
  });

  it('gives no partner where there is none', async () => {
    const none = { rows: 0, cols: 3, data: sharedFloat32(0) };
    const single = fromRows([[1, 2, 2]]);
    const { aToB, bToA } = await one.bestMatches(none, single);
    expect(aToB.signed.index.length).toBe(0);
    expect(entry(bToA.abs, 0)).toEqual([-1, 0, -1, 0]);
    const pair = await one.bestMatches(single, single);
    expect(entry(pair.aToB.signed, 0)).toEqual([0, 9, -1, 0]);
    const both = await one.bestMatches(none, none);
    expect(both.bToA.signed.index.length).toBe(0);
  });

  it('gives ties to the lowest index', async () => {
    const rows = Array.from({ length: 70 }, () => [0.1, 0.7, -0.3]);
    const found = await two.bestMatches(fromRows(rows), fromRows(rows));
    for (let i = 0; i < rows.length; i++) {
      expect([found.aToB.signed.index[i], found.aToB.signed.secondIndex[i]]).toEqual([0, 1]);
      expect([found.bToA.abs.index[i], found.bToA.abs.secondIndex[i]]).toEqual([0, 1]);
    }
  });

  it('equals the float64 products on random and adversarial rows of any shape', async () => {
    const names = Object.keys(adversaries);
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          f: fc.integer({ min: 0, max: 130 }),
          g: fc.integer({ min: 0, max: 130 }),
          d: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 150 })),
          kinds: fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)),
          seed: fc.nat(),
        }),
        async ({ f, g, d, kinds, seed }) => {
          const a = random(f, d, seed, adversaries[kinds[0]]);
          const b = random(g, d, seed + 1, adversaries[kinds[1]]);
          expectExact(await two.bestMatches(a, b), a, b);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('equals the float64 products of each adversary with itself', async () => {
    for (const [kind, value] of Object.entries(adversaries)) {
      const a = random(97, 67, 5, value);
      const b = random(101, 67, kind === 'gaussian' ? 5 : 6, value);
      expectExact(await two.bestMatches(a, b), a, b);
    }
  });

  it('equals the float64 products where far more pairs are close than a list takes', async () => {
    for (const [kind, d] of [
      ['near ties', 24],
      ['gaussian', 2],
      ['signs', 5],
    ] as const) {
      const a = random(610, d, 7, adversaries[kind]);
      const b = random(590, d, 8, adversaries[kind]);
      expectExact(await two.bestMatches(a, b), a, b);
    }
  });

  it('returns the same bytes on one and on two threads', async () => {
    const a = random(700, 33, 1, adversaries['gaussian']);
    const b = random(611, 33, 2, adversaries['gaussian']);
    expect(await two.bestMatches(a, b)).toEqual(await one.bestMatches(a, b));
  });
}

describeEveryKernel('bestMatches', everyTest, [...kernelMakers, ...screenedMakers]);

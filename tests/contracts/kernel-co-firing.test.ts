// Contract of coFiring: cosines between code columns in float64, silent columns without partners.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromDense, Rng, type SparseCodes } from '../../src/tensor/index.js';
import { bestTwo, describeEveryKernel, entry } from './every-kernel.js';

/** Cosine of every pair of columns; undefined where one of them never fires. */
function naive(a: number[][], f: number, b: number[][], g: number): (number | undefined)[][] {
  const norm = (table: number[][], i: number): number =>
    Math.sqrt(table.reduce((sum, row) => sum + row[i] * row[i], 0));
  return Array.from({ length: f }, (_, i) =>
    Array.from({ length: g }, (_, j) => {
      const lengths = norm(a, i) * norm(b, j);
      if (lengths === 0) return undefined;
      return a.reduce((sum, row, n) => sum + row[i] * b[n][j], 0) / lengths;
    }),
  );
}

function table(rows: number, features: number, density: number, levels: number, rng: Rng): number[][] {
  return Array.from({ length: rows }, () =>
    Array.from({ length: features }, () => {
      if (rng.uniform() >= density) return 0;
      return Math.fround(levels === 0 ? rng.normal() : 1 + rng.below(levels));
    }),
  );
}

describeEveryKernel('coFiring', (one, two) => {
  it('compares columns by hand', async () => {
    // Columns of A: (3, 4, 0), silent; of B: (4, 3, 0), (0, 0, 1), (−3, −4, 0).
    const a = fromDense([
      [3, 0],
      [4, 0],
      [0, 0],
    ]);
    const b = fromDense([
      [4, 0, -3],
      [3, 0, -4],
      [0, 1, 0],
    ]);
    const { aToB, bToA } = await one.coFiring(a, b);
    expect(entry(aToB.signed, 0)).toEqual([0, 0.96, 1, 0]);
    expect(entry(aToB.abs, 0)).toEqual([2, 1, 0, 0.96]);
    expect(entry(aToB.signed, 1)).toEqual([-1, 0, -1, 0]);
    expect([0, 1, 2].map((j) => entry(bToA.signed, j))).toEqual([
      [0, 0.96, -1, 0],
      [0, 0, -1, 0],
      [0, -1, -1, 0],
    ]);
  });

  it('handles no features, no rows and no codes', async () => {
    const empty = (rows: number, features: number): SparseCodes => ({
      rows,
      features,
      offsets: new Int32Array(rows + 1),
      indices: new Int32Array(0),
      values: new Float32Array(0),
    });
    const nothing = await one.coFiring(empty(0, 0), empty(0, 3));
    expect(entry(nothing.bToA.abs, 2)).toEqual([-1, 0, -1, 0]);
    const silent = await one.coFiring(empty(5, 2), empty(5, 0));
    expect(entry(silent.aToB.signed, 1)).toEqual([-1, 0, -1, 0]);
  });

  it('equals the dense cosines on any shape', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: fc.integer({ min: 1, max: 40 }),
          f: fc.integer({ min: 1, max: 60 }),
          g: fc.integer({ min: 1, max: 60 }),
          density: fc.constantFrom(0.02, 0.2, 0.8),
          levels: fc.constantFrom(0, 1, 3),
          seed: fc.nat(),
        }),
        async ({ rows, f, g, density, levels, seed }) => {
          const rng = new Rng(seed, 'co-firing');
          const [ta, tb] = [table(rows, f, density, levels, rng), table(rows, g, density, levels, rng)];
          const { aToB, bToA } = await two.coFiring(fromDense(ta), fromDense(tb));
          const cosines = naive(ta, f, tb, g);
          for (let i = 0; i < f; i++) {
            expect(entry(aToB.signed, i)).toEqual(bestTwo(cosines[i]));
            expect(entry(aToB.abs, i)).toEqual(bestTwo(cosines[i].map((c) => c && Math.abs(c))));
          }
          for (let j = 0; j < g; j++) {
            const column = cosines.map((r) => r[j]);
            expect(entry(bToA.signed, j)).toEqual(bestTwo(column));
            expect(entry(bToA.abs, j)).toEqual(bestTwo(column.map((c) => c && Math.abs(c))));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('returns the same bytes on one and on two threads', async () => {
    const rng = new Rng(4, 'co-firing');
    const [a, b] = [table(50, 600, 0.1, 0, rng), table(50, 530, 0.1, 0, rng)].map((t) => fromDense(t));
    expect(await two.coFiring(a, b)).toEqual(await one.coFiring(a, b));
  });
});

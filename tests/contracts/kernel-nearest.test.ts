// The nearest rows, over both kernels: against a sort of all products, best first, and the same bytes.
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { selectKernel } from '../../src/kernel/select.js';
import { dot, fromRows, type Matrix, Rng, row, zeros } from '../../src/tensor/index.js';
import { screenedMakers } from './every-screen.js';

const kernels = [
  selectKernel({ threads: 2 }),
  createPortableKernel({ threads: 1 }),
  ...screenedMakers.map(({ make }) => make(1)),
];
afterAll(async () => {
  for (const kernel of kernels) await kernel.close();
});

function random(rows: number, cols: number, seed: number): Matrix {
  const out = zeros(rows, cols);
  new Rng(seed, 'test').fillNormal(out.data);
  return out;
}

describe.each(kernels.map((kernel) => [kernel.id, kernel] as const))('%s', (_, kernel) => {
  test('by hand: the largest first, by size where that is asked for', async () => {
    const a = fromRows([[1, 0]]);
    const b = fromRows([
      [0.5, 1],
      [-0.9, 0],
      [0.8, 0],
    ]);
    expect(Array.from((await kernel.nearest(a, b, 2)).index)).toEqual([2, 0]);
    const { index, value } = await kernel.nearest(a, b, 2, { absolute: true });
    expect(Array.from(index)).toEqual([1, 2]);
    expect(value[0]).toBeCloseTo(0.9, 6);
  });

  test('all where there are no more, and none of nothing', async () => {
    expect((await kernel.nearest(random(3, 4, 1), random(2, 4, 2), 10)).m).toBe(2);
    expect((await kernel.nearest(random(0, 4, 1), random(2, 4, 2), 1)).index).toHaveLength(0);
  });

  test('are those that sorting all products gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        fc.nat(1000),
        async (f, g, d, absolute, seed) => {
          const [a, b] = [random(f, d, seed), random(g, d, seed + 1)];
          const { m, index, value } = await kernel.nearest(a, b, 5, { absolute });
          for (let i = 0; i < f; i++) {
            const products = Array.from({ length: g }, (_, j) => dot(row(a, i), row(b, j))).map((p) =>
              absolute ? Math.abs(p) : p,
            );
            const best = [...products].sort((x, y) => y - x).slice(0, m);
            best.forEach((product, s) => {
              expect(value[i * m + s]).toBeCloseTo(product, 10);
              expect(products[index[i * m + s]]).toBeCloseTo(product, 10);
            });
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('refuse what cannot be compared', async () => {
    await expect(kernel.nearest(random(2, 3, 1), random(2, 4, 2), 1)).rejects.toMatchObject({
      code: 'input.shape',
    });
    await expect(kernel.nearest(fromRows([[Number.NaN]]), fromRows([[1]]), 1)).rejects.toMatchObject({
      code: 'input.non-finite',
    });
  });
});

test('all kernels give the same bytes', async () => {
  const [a, b] = [random(300, 32, 5), random(500, 32, 6)];
  const [one, ...others] = await Promise.all(
    kernels.map((kernel) => kernel.nearest(a, b, 10, { absolute: true })),
  );
  for (const other of others) expect(one).toEqual(other);
});

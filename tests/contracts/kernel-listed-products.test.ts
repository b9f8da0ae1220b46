// Contract of listedProducts: the float64 products of the pairs that are asked for, and what does not fit is refused.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromRows, type Matrix, Rng, zeros } from '../../src/tensor/index.js';
import { describeEveryKernel } from './every-kernel.js';
import { laneProduct } from './lane-product.js';

function random(rows: number, cols: number, seed: number): Matrix {
  const out = zeros(rows, cols);
  new Rng(seed, 'test').fillNormal(out.data);
  return out;
}

/** Up to `most` partners for each of f rows, in any order, some twice. */
function randomPairs(f: number, g: number, most: number, seed: number) {
  const rng = new Rng(seed, 'pairs');
  const lists = Array.from({ length: f }, () =>
    Array.from({ length: g === 0 ? 0 : rng.below(most + 1) }, () => rng.below(g)),
  );
  const offsets = new Int32Array(f + 1);
  lists.forEach((list, i) => {
    offsets[i + 1] = offsets[i] + list.length;
  });
  return { offsets, partners: Int32Array.from(lists.flat()) };
}

describeEveryKernel('listedProducts', (one, two) => {
  it('multiplies the pairs that are listed, by hand', async () => {
    const a = fromRows([
      [1, 2],
      [3, 4],
      [0, -1],
    ]);
    const b = fromRows([
      [1, 0],
      [1, 1],
    ]);
    const pairs = { offsets: Int32Array.of(0, 2, 2, 3), partners: Int32Array.of(1, 0, 1) };
    expect(Array.from(await one.listedProducts(a, b, pairs))).toEqual([3, 1, -1]);
  });

  it('gives the products that the other operations compare, to the last bit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 150 }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 70 }),
        fc.nat(1000),
        async (f, g, d, seed) => {
          const [a, b] = [random(f, d, seed), random(g, d, seed + 1)];
          const pairs = randomPairs(f, g, 12, seed);
          const found = await two.listedProducts(a, b, pairs);
          const expected: number[] = [];
          for (let i = 0; i < f; i++) {
            for (let e = pairs.offsets[i]; e < pairs.offsets[i + 1]; e++) {
              expected.push(laneProduct(a, i, b, pairs.partners[e]));
            }
          }
          expect(Array.from(found)).toEqual(expected);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('refuses lists that do not fit the rows', async () => {
    const [a, b] = [random(2, 3, 1), random(4, 3, 2)];
    const refused = (offsets: number[], partners: number[], message: RegExp) =>
      expect(
        one.listedProducts(a, b, { offsets: Int32Array.from(offsets), partners: Int32Array.from(partners) }),
      ).rejects.toMatchObject({ code: 'input.shape', details: { found: expect.stringMatching(message) } });
    await refused([0, 1], [0], /2 offsets/);
    await refused([0, 1, 2], [0], /from 0 to 2/);
    await refused([1, 1, 1], [0], /from 1 to 1/);
    await refused([0, 2, 1], [0], /fall behind row 1/);
    await refused([0, 1, 2], [0, 4], /partner 4/);
    await refused([0, 1, 2], [-1, 0], /partner -1/);
    const wrong = random(4, 2, 3);
    const none = { offsets: new Int32Array(3), partners: new Int32Array(0) };
    await expect(one.listedProducts(a, wrong, none)).rejects.toMatchObject({ code: 'input.shape' });
    const bad = fromRows([[Number.NaN, 0, 0]]);
    await expect(one.listedProducts(a, bad, none)).rejects.toMatchObject({ code: 'input.non-finite' });
  });

  it('stops when it is cancelled', async () => {
    const stop = new AbortController();
    stop.abort();
    const pairs = { offsets: Int32Array.of(0, 1), partners: Int32Array.of(0) };
    const work = one.listedProducts(random(1, 2, 1), random(1, 2, 1), pairs, { signal: stop.signal });
    await expect(work).rejects.toMatchObject({ code: 'internal.cancelled' });
  });
});

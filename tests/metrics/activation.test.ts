// Best cosines of code columns by hand: of all features and of live ones, and what cannot be compared.
import { afterAll, expect, test } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { activationMax } from '../../src/metrics/pairs/activation.js';
import { activationMatched } from '../../src/metrics/pairs/activation-matched.js';
import { fromDense, fromRows } from '../../src/tensor/index.js';
import { member } from './fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const decoder = fromRows([
  [1, 0],
  [0, 1],
]);
const coded = (id: string, table: number[][]) => member(id, decoder, fromDense(table));
// Features (1, 1, 0) and one that never fires; (1, 0, 0) and (0, 2, 2).
const a = coded('a', [
  [1, 0],
  [1, 0],
  [0, 0],
]);
const b = coded('b', [
  [1, 0],
  [0, 2],
  [0, 2],
]);

test('a dead feature scores 0 where all count, and is left out where live ones do', async () => {
  // Cosines of the live feature of a: 1/√2 and 1/2.
  const [near, far] = [Math.SQRT1_2, 0.5];
  const all = (await activationMax([a, b], kernel))!;
  expect(all).toMatchObject({ id: 'activation.max', leftOut: 0, widths: [2, 2], members: ['a', 'b'] });
  expect(all.pairs[0].aToB).toBeCloseTo(near / 2, 6);
  expect(all.pairs[0].bToA).toBeCloseTo((near + far) / 2, 6);
  const live = (await activationMax([a, b], kernel, { live: true }))!;
  expect(live).toMatchObject({ id: 'activation.max.live', leftOut: 0, widths: [1, 2] });
  expect(live.pairs[0].aToB).toBeCloseTo(near, 6);
  const matched = (await activationMatched([a, b], kernel))!;
  expect(matched).toMatchObject({ id: 'activation.matched.live', leftOut: 0, widths: [1, 2] });
  expect(matched.pairs[0].value).toBeCloseTo(near, 6);
  const [back] = (await activationMatched([b, a], kernel))!.matches;
  expect([...back.aToB.partner]).toEqual([0, -1]);
});

test('codes have to be known of all, and of the same rows', async () => {
  const bare = member('bare', decoder);
  for (const group of [
    [a, bare],
    [bare, a],
  ]) {
    expect(await activationMax(group, kernel)).toBeUndefined();
    expect(await activationMatched(group, kernel)).toBeUndefined();
  }
  const short = coded('short', [[1, 1]]);
  for (const measure of [activationMax, activationMatched])
    await expect(measure([a, short], kernel)).rejects.toMatchObject({
      code: 'input.shape',
      message: 'short: codes of different data cannot be compared; found 1 rows; expected 3 rows, as in a',
    });
});

test('what is cancelled ends', async () => {
  const work = { signal: AbortSignal.abort() };
  for (const measure of [activationMax, activationMatched])
    await expect(measure([a, b], kernel, work)).rejects.toThrow(/cancelled/);
});

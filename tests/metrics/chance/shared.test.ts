// The nulls of shared features: by hand, where the strict one is 0, and what is drawn, from which streams and how often.
import { afterAll, expect, test } from 'vitest';
import type { Assignment } from '../../../src/kernel/assignment.js';
import type { Kernel } from '../../../src/kernel/interface.js';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import { drawShared, sharedDirectionsNulls, sharedLevel } from '../../../src/metrics/chance/shared.js';
import { type Matrix, Rng, unitRows, zeros } from '../../../src/tensor/index.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

/** What was to be assigned, of which nothing gets a partner. */
function watching(): { readonly seen: Matrix[][]; readonly kernel: Kernel } {
  const seen: Matrix[][] = [];
  const assign = async (a: Matrix, b: Matrix): Promise<Assignment> => {
    seen.push([a, b]);
    const none = { partner: new Int32Array(a.rows).fill(-1), value: new Float64Array(a.rows) };
    return { ...none, total: 0, upperBound: 0, gap: 0, method: 'dense' };
  };
  return { seen, kernel: { ...kernel, assign } };
}

test('lenient, by hand: three features against four, two against two, and the mean over unequal pairs', async () => {
  // f = 3, g = 4: E[K] = 3/4, Var[K] = 3/4 + 3·2/(4·3) − 9/16 = 11/16; a pair scores K·½(1/3 + 1/4) = 7K/24.
  const pair = { mean: 7 / 32, variance: (7 / 24) ** 2 * (11 / 16) };
  // f = g = 3: E[K] = Var[K] = 1, a pair scores K/3. f = g = 2: K is 0 or 2, and the score 0 or 1.
  const cases = [
    { widths: [3, 4], mean: pair.mean, sd: Math.sqrt(pair.variance) },
    { widths: [4, 3], mean: pair.mean, sd: Math.sqrt(pair.variance) },
    { widths: [2, 2], mean: 1 / 2, sd: 1 / 2 },
    { widths: [4, 3, 3], mean: (2 * pair.mean + 1 / 3) / 3, sd: Math.sqrt(2 * pair.variance + 1 / 9) / 3 },
  ];
  const options = { kernel, seed: 1, draws: 2 };
  for (const { widths, mean, sd } of cases) {
    const { lenient } = await sharedDirectionsNulls(widths, 40, options);
    expect(lenient).toMatchObject({ kind: 'random-directions', draws: 0, exact: true });
    expect(lenient.mean).toBeCloseTo(mean, 14);
    expect(lenient.sd).toBeCloseTo(sd, 14);
    expect(lenient.high - lenient.mean).toBeCloseTo(1.96 * sd, 14);
  }
  const one = (await sharedDirectionsNulls([1, 1], 40, options)).lenient;
  expect([one.mean, one.sd]).toEqual([1, 0]);
});

test('strict: 0 where ½g·P(|cosine| > 0.7) squared is below 1e-9, by the wider side', async () => {
  // scipy.special.betaincc(0.5, 15.5, 0.49) = 5.783475738342208e-06 in 32 dimensions: 10 features 8.4e-10, 11 features 1.01e-9.
  const { seen, kernel: counting } = watching();
  const options = { kernel: counting, seed: 1, draws: 2 };
  const none = await sharedDirectionsNulls([3, 10], 32, options);
  expect(none.strict).toEqual({
    kind: 'random-directions',
    mean: 0,
    sd: 0,
    low: 0,
    high: 0,
    draws: 0,
    exact: true,
  });
  expect(seen).toEqual([]);
  const { strict } = await sharedDirectionsNulls([3, 11], 32, options);
  // Encoder and decoder of either draw.
  expect(seen).toHaveLength(4);
  expect(strict).toMatchObject({ kind: 'random-directions', draws: 2, exact: false });
});

test('without two draws, or two members, there is none, drawn or not', async () => {
  for (const widths of [
    [3, 10],
    [3, 11],
  ]) {
    const few = { kernel, seed: 1, draws: 1 };
    await expect(sharedDirectionsNulls(widths, 32, few)).rejects.toThrow(/draws/);
    const alone = sharedDirectionsNulls(widths.slice(1), 32, { ...few, draws: 2 });
    await expect(alone).rejects.toThrow(/two members/);
  }
});

test('a draw is a whole group up to 2²⁴ multiply-adds, else a pair: encoder, then decoder, of a stream each', async () => {
  const random = (count: number, d: number, ...stream: (string | number)[]) => {
    const rng = new Rng(4, 'null', 'shared-directions', ...stream);
    const [encoder, decoder] = [zeros(count, d), zeros(count, d)];
    for (const { data } of [encoder, decoder]) rng.fillNormal(data);
    return { encoder: unitRows(encoder).unit, decoder: unitRows(decoder).unit };
  };
  const drawn = async (widths: readonly number[], d: number, draws: number) => {
    const { seen, kernel: counting } = watching();
    await drawShared(widths, d, { kernel: counting, seed: 4, draws, precision: 0 });
    return seen;
  };
  const [small, other] = [random(2, 3, 0, 0), random(4, 3, 0, 1)];
  const seen = await drawn([2, 4], 3, 2);
  expect(seen.slice(0, 2)).toEqual([
    [small.decoder, other.decoder],
    [small.encoder, other.encoder],
  ]);
  // 2¹² features against as many in one dimension, where directions are signs: 2²⁴.
  const [whole, pairs] = [await drawn([2 ** 12, 2 ** 12], 1, 2), await drawn([2 ** 12, 2 ** 12 + 1], 1, 2)];
  const start = ({ data }: Matrix) => [...data.subarray(0, 50)];
  expect(start(whole[0][1])).toEqual(start(random(2 ** 12, 1, 0, 1).decoder));
  expect(start(pairs[0][1])).toEqual(start(random(2 ** 12 + 1, 1, 'pairs', 0, 1).decoder));
});

test('none seen is no certain 0: drawn until 1½ features of the wider SAE in all draws are within the precision', async () => {
  const { kernel: none } = watching();
  const options = { kernel: none, seed: 1, draws: 25, precision: 1.5 / 4 / 16 };
  const { strict, lenient } = await drawShared([2, 4], 3, options);
  const known = { mean: 0, sd: 0, meanError: 1.5 / 4 / 16, draws: 16 };
  expect({ strict, lenient }).toEqual({ strict: known, lenient: known });
});

test('each form is a level of its own, with what it is called, and a check where it is exact and quick', async () => {
  const stopped = { kernel, seed: 1, draws: 2, signal: AbortSignal.abort() };
  for (const form of ['strict', 'lenient'] as const) {
    const { name, level, check } = sharedLevel(form);
    expect(name).toBe(`shared, ${form}`);
    const options = { kernel, seed: 1, draws: 3 };
    expect(await level([5, 6], 40, options)).toEqual(
      (await sharedDirectionsNulls([5, 6], 40, options))[form],
    );
    const { draws, ...moments } = (await drawShared([5, 6], 40, options))[form];
    expect(await check!([5, 6], 40, options)).toEqual({
      of: 'pairs',
      mean: moments.mean,
      meanError: moments.meanError,
      draws,
    });
    // 2³³ multiply-adds are drawn, one more feature is not.
    await expect(check!([2 ** 11, 2 ** 11], 2 ** 11, stopped)).rejects.toThrow(/cancelled/);
    expect(await check!([2 ** 11, 2 ** 11 + 1], 2 ** 11, stopped)).toBeUndefined();
  }
  // In two dimensions the strict form is drawn itself, the lenient one is exact.
  const options = { kernel, seed: 1, draws: 2 };
  expect(await sharedLevel('strict').check!([4, 4], 2, options)).toBeUndefined();
  expect(await sharedLevel('lenient').check!([4, 4], 2, options)).toMatchObject({ of: 'pairs', draws: 2 });
});

// The level of a one-to-one score: by formula where that holds, else drawn; what is drawn, from which streams and how often.
import { afterAll, expect, test } from 'vitest';
import type { Assignment, AssignOptions } from '../../../src/kernel/assignment.js';
import type { Kernel } from '../../../src/kernel/interface.js';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import {
  affordableDraws,
  drawMatched,
  matchedDirectionsNulls,
  matchedLevel,
} from '../../../src/metrics/chance/one-to-one.js';
import { assignmentSpread, expectedAssignment } from '../../../src/stats/random-assignment.js';
import { type Matrix, Rng, unitRows, zeros } from '../../../src/tensor/index.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

/** What was to be assigned; each assignment has this total. */
function watching(total = 0) {
  const seen: { readonly sets: Matrix[]; readonly absolute: boolean | undefined }[] = [];
  const assign = async (a: Matrix, b: Matrix, options?: AssignOptions): Promise<Assignment> => {
    seen.push({ sets: [a, b], absolute: options?.absolute });
    const none = { partner: new Int32Array(a.rows).fill(-1), value: new Float64Array(a.rows) };
    return { ...none, total, upperBound: total, gap: 0, method: 'dense' };
  };
  return { seen, kernel: { ...kernel, assign } satisfies Kernel };
}

const refusing: Kernel = {
  ...kernel,
  assign: () => {
    throw new Error('drawn');
  },
};

test.each([
  false,
  true,
])('by formula, nothing is drawn: mean over the pairs, SD as of uncorrelated ones; absolute: %s', async (absolute) => {
  const options = { kernel: refusing, seed: 1, draws: 2 };
  const moments = (f: number, g: number) => [
    expectedAssignment(20, f, g, absolute),
    assignmentSpread(20, f, g, absolute),
  ];
  const [[mean, sd], [meanOfSame, sdOfSame]] = [moments(10, 30), moments(30, 30)];
  const { level } = matchedLevel(absolute);
  const one = await level([30, 10], 20, options);
  expect(one).toMatchObject({ kind: 'random-directions', mean, draws: 0, exact: true });
  expect(one.sd).toBeCloseTo(sd, 14);
  const group = await level([10, 30, 30], 20, options);
  expect(group.mean).toBeCloseTo((2 * mean + meanOfSame) / 3, 14);
  expect(group.sd).toBeCloseTo(Math.sqrt(2 * sd ** 2 + sdOfSame ** 2) / 3, 14);
  expect(group.high).toBeCloseTo(group.mean + 1.96 * group.sd, 14);
  await expect(level([30], 20, options)).rejects.toThrow(/two members/);
});

// Below eight features; in fifteen dimensions.
test.each([
  { widths: [10, 12, 7], d: 20 },
  { widths: [10, 12], d: 15 },
])('where it does not hold for one of the pairs all are drawn, without a check: %j', async ({
  widths,
  d,
}) => {
  for (const absolute of [false, true]) {
    const { level, check } = matchedLevel(absolute);
    await expect(level(widths, d, { kernel: refusing, seed: 1, draws: 2 })).rejects.toThrow('drawn');
    const options = { kernel, seed: 1, draws: 3 };
    const { signed, abs } = await matchedDirectionsNulls(widths, d, options);
    for (const drawn of [signed, abs])
      expect(drawn).toMatchObject({ kind: 'random-directions', draws: 3, exact: false });
    expect(await level(widths, d, options)).toEqual(absolute ? abs : signed);
    expect(await check!(widths, d, options)).toBeUndefined();
  }
});

test('signed and absolute scores are levels of their own, with a check up to 2³¹ multiply-adds', async () => {
  expect(matchedLevel(false).name).toBe('one-to-one');
  expect(matchedLevel(true).name).toBe('one-to-one, absolute');
  const options = { kernel, seed: 1, draws: 3 };
  const [signed, abs] = await drawMatched([10, 12], 16, [false, true], options);
  for (const [absolute, { mean, meanError, draws }] of [
    [false, signed],
    [true, abs],
  ] as const) {
    const { check } = matchedLevel(absolute);
    expect(await check!([10, 12], 16, options)).toEqual({ of: 'pairs', mean, meanError, draws });
    const stopped = { ...options, signal: AbortSignal.abort() };
    await expect(check!([2 ** 10, 2 ** 11], 2 ** 10, stopped)).rejects.toThrow(/cancelled/);
    expect(await check!([2 ** 10, 2 ** 11 + 1], 2 ** 10, stopped)).toBeUndefined();
  }
});

test('a draw is a whole group up to 2²⁴ multiply-adds, else a pair, of a stream each; it serves both ways', async () => {
  const random = (count: number, d: number, ...stream: (string | number)[]) => {
    const rows = zeros(count, d);
    new Rng(4, 'null', 'matched-directions', ...stream).fillNormal(rows.data);
    return unitRows(rows).unit;
  };
  const drawn = async (widths: readonly number[], d: number) => {
    const { seen, kernel: counting } = watching();
    await drawMatched(widths, d, [false, true], { kernel: counting, seed: 4, draws: 2, precision: 0 });
    return seen;
  };
  const sets = [random(2, 3, 0, 0), random(4, 3, 0, 1)];
  expect((await drawn([2, 4], 3)).slice(0, 2)).toEqual([
    { sets, absolute: false },
    { sets, absolute: true },
  ]);
  // 2¹² features against as many in one dimension, where directions are signs: 2²⁴.
  const start = ({ data }: Matrix) => [...data.subarray(0, 50)];
  const [whole] = await drawn([2 ** 12, 2 ** 12], 1);
  expect(start(whole.sets[1])).toEqual(start(random(2 ** 12, 1, 0, 1)));
  const [pair] = await drawn([2 ** 12, 2 ** 12 + 1], 1);
  expect(start(pair.sets[1])).toEqual(start(random(2 ** 12 + 1, 1, 'pairs', 0, 1)));
});

test('a score is the mean over as many pairs as the narrower side has features', async () => {
  const { kernel: constant } = watching(1.5);
  for (const widths of [
    [2, 4],
    [4, 2],
  ]) {
    const [{ mean }] = await drawMatched(widths, 3, [false], { kernel: constant, seed: 1, draws: 2 });
    expect(mean).toBe(0.75);
  }
});

test('the dearest pair says how often large dictionaries are drawn: 2³⁸ multiply-adds in all, but four times', () => {
  // 2¹² · 2¹² · 2¹⁰ = 2³⁴ a pair.
  expect(affordableDraws([2 ** 12, 2 ** 12], 2 ** 10, 100)).toBe(16);
  expect(affordableDraws([1, 2 ** 12, 2 ** 12], 2 ** 10, 100)).toBe(16);
  expect(affordableDraws([2 ** 12, 2 ** 12 + 1], 2 ** 10, 100)).toBe(15);
  expect(affordableDraws([2 ** 14, 2 ** 14], 2 ** 10, 100)).toBe(4);
  expect(affordableDraws([2 ** 14, 2 ** 14], 2 ** 10, 3)).toBe(3);
  // The sizes at which it is stated.
  expect(affordableDraws([1024, 1024, 1024], 128, 20)).toBe(20);
  expect(affordableDraws([4096, 4096], 768, 100)).toBe(21);
  expect(affordableDraws([64, 16384, 16384], 768, 20)).toBe(4);
  expect(affordableDraws([1, 1], 1, 100)).toBe(100);
});

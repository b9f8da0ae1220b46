// Permuted rows by hand: of two features that fire on k and l of N rows, the rows in common are hypergeometric.
import { afterAll, expect, test } from 'vitest';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import {
  matchedRowPermutationNull,
  model,
  rowPermutationNull,
} from '../../../src/metrics/nulls/row-permutation.js';
import type { Member } from '../../../src/sae/member.js';
import { fromDense, fromRows, type SparseCodes } from '../../../src/tensor/index.js';
import { member } from '../fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const rows = 20;

/** Codes of features that fire with 1 on the first so many of the rows. */
function firing(...counts: number[]): SparseCodes {
  return fromDense(Array.from({ length: rows }, (_, n) => counts.map((count) => (n < count ? 1 : 0))));
}

function sae(id: string, codes: SparseCodes): Member {
  return member(id, fromRows(Array.from({ length: codes.features }, (_, i) => [1, i])), codes);
}

/** Mean and SD of the cosine of a feature on k rows with one on l rows, shuffled. */
function byHand(k: number, l: number): { mean: number; sd: number } {
  const variance = (k * l * (rows - k) * (rows - l)) / (rows ** 2 * (rows - 1));
  return { mean: (k * l) / rows / Math.sqrt(k * l), sd: Math.sqrt(variance / (k * l)) };
}

const draws = 300;
const members = [sae('a', firing(8)), sae('b', firing(5))];
const expected = byHand(8, 5);

function requireDrawn(found: { mean: number; sd: number }, mean: number, sd: number) {
  expect(Math.abs(found.mean - mean)).toBeLessThan((4 * sd) / Math.sqrt(draws));
  expect(Math.abs(found.sd / sd - 1)).toBeLessThan(4 / Math.sqrt(2 * draws));
}

test('one feature each: mean and SD of the hypergeometric distribution, by best matches and one to one', async () => {
  const options = { kernel, seed: 1, draws, precision: 0 };
  const { all, live } = (await rowPermutationNull(members, options))!;
  requireDrawn(all, expected.mean, expected.sd);
  // All features live, so both scores are of the same draws.
  expect(live).toEqual(all);
  expect(all).toMatchObject({ kind: 'row-permutation', draws, exact: false });
  const matched = (await matchedRowPermutationNull(members, options))!;
  requireDrawn(matched.live!, expected.mean, expected.sd);
  expect(matched).not.toHaveProperty('all');
});

test('a dead feature scores 0 in one direction of the pair, and is no part of the live score', async () => {
  const withDead = [sae('a', firing(8, 0)), members[1]];
  const { all, live } = (await rowPermutationNull(withDead, { kernel, seed: 1, draws: 40, precision: 0 }))!;
  // ½(½·cosine + cosine) where all count, the cosine itself where only the live one does.
  expect(all.mean).toBeCloseTo(0.75 * live!.mean, 12);
  expect(all.sd).toBeCloseTo(0.75 * live!.sd, 12);
});

test('three SAEs: the mean over the pairs, whose scores are independent', async () => {
  const three = [...members, sae('c', firing(16))];
  const options = { kernel, seed: 2, draws, precision: 0 };
  const pairs = [expected, byHand(8, 16), byHand(5, 16)];
  const mean = pairs.reduce((sum, pair) => sum + pair.mean, 0) / 3;
  const sd = Math.hypot(...pairs.map((pair) => pair.sd)) / 3;
  const { all } = (await rowPermutationNull(three, options))!;
  expect(Math.abs(all.mean - mean)).toBeLessThan(4 * all.meanError!);
  // Each pair is drawn 100 times, so that each of the three SDs is known to 7 %.
  expect(Math.abs(all.sd / sd - 1)).toBeLessThan(0.2);
});

test('drawing ends as soon as the mean is known as well as was asked for', async () => {
  const found = async (precision: number) =>
    (await rowPermutationNull(members, { kernel, seed: 1, draws, precision }))!.all;
  const [rough, fine] = [await found(0.03), await found(0.015)];
  // SD/√n: about 31 and 124 draws of an SD of 0.17.
  for (const [{ draws: n, meanError }, precision] of [
    [rough, 0.03],
    [fine, 0.015],
  ] as const) {
    expect(meanError).toBeLessThanOrEqual(precision);
    const wanted = (expected.sd / precision) ** 2;
    expect(n).toBeGreaterThan(wanted / 2);
    expect(n).toBeLessThan(wanted * 2);
  }
});

test('without codes, below two SAEs or without features there is none; rows must be the same', async () => {
  const options = { kernel, seed: 1, draws: 2 };
  const { codes: _, ...bare } = members[0];
  const empty = sae('empty', { ...firing(1), features: 0 });
  for (const group of [[bare, members[1]], [members[0]], [members[0], empty]]) {
    expect(await rowPermutationNull(group, options)).toBeUndefined();
  }
  expect(await matchedRowPermutationNull([bare, members[1]], options)).toBeUndefined();
  const silent = sae('silent', firing(0));
  const found = (await rowPermutationNull([members[0], silent], options))!;
  expect(found.all.mean).toBe(0);
  expect(found).not.toHaveProperty('live');
  expect(await matchedRowPermutationNull([members[0], silent], options)).toBeUndefined();
  const shorter = sae('shorter', fromDense([[1], [0]]));
  await expect(rowPermutationNull([members[0], shorter], options)).rejects.toMatchObject({
    code: 'input.shape',
  });
  await expect(rowPermutationNull(members, { ...options, draws: 1 })).rejects.toMatchObject({
    code: 'usage.argument',
  });
});

test('a signal that is aborted ends it', async () => {
  const options = { kernel, seed: 1, draws: 2, signal: AbortSignal.abort() };
  await expect(rowPermutationNull(members, options)).rejects.toMatchObject({ code: 'internal.cancelled' });
  await expect(matchedRowPermutationNull(members, options)).rejects.toMatchObject({
    code: 'internal.cancelled',
  });
});

test('it is of codes alone', () => {
  expect(model.fits({ compares: { of: 'codes', by: 'best', population: 'all' } } as never)).toBe(true);
  expect(model.fits({ compares: { of: 'directions' } } as never)).toBe(false);
});

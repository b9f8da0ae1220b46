// Examples against a table that is sorted by hand, their contexts, and codes that do not fit a budget.
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/activations/activation-rows.js';
import type { Tokens } from '../../src/activations/tokens.js';
import { codesForExamples, rowOfCode } from '../../src/features/example-codes.js';
import { contextTokens, featureExamples } from '../../src/features/examples.js';
import { selectKernel } from '../../src/kernel/select.js';
import { encode } from '../../src/sae/encode.js';
import { fromDense, Rng } from '../../src/tensor/index.js';
import { zeros } from '../../src/tensor/matrix.js';
import { plantedSae } from '../study/planted-saes.js';

const kernel = selectKernel({ threads: 1 });
afterAll(() => kernel.close());

/** Sequences of so many tokens, a document each. */
function tokensOf(rows: number, length: number): Tokens {
  const all = Int32Array.from({ length: rows }, (_, n) => n);
  return {
    rows,
    document: all.map((n) => Math.floor(n / length)),
    position: all.map((n) => n % length),
    token: all.map((n) => n % 7),
    texts: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
  };
}

/** One feature with these codes. */
function examplesOf(values: readonly number[], tokens = tokensOf(values.length, values.length)) {
  const codes = fromDense(values.map((value) => [value]));
  const [found] = featureExamples({ codes, stride: 1 }, values.length, tokens, 5);
  return found?.examples ?? [];
}

describe('the rows that are shown', () => {
  it('are the strongest, those at quantiles, and some at random', () => {
    const values = fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, (codes) => {
        const order = codes
          .map((code, row) => ({ code, row }))
          .filter(({ code }) => code !== 0)
          .sort((a, b) => Math.abs(b.code) - Math.abs(a.code) || a.row - b.row);
        const found = examplesOf(codes);
        const kind = (name: string) => found.filter((one) => one.kind === name).map(({ row }) => row);
        expect(kind('top')).toEqual(order.slice(0, 10).map(({ row }) => row));
        for (const { row, code } of found) expect(code).toBe(codes[row]);
        if (order.length <= 10) {
          expect(found).toHaveLength(order.length);
          return;
        }
        const places = [0.9, 0.7, 0.5, 0.3, 0.1].map((q) => Math.round((1 - q) * (order.length - 1)));
        expect(kind('quantile')).toEqual(places.map((place) => order[place].row));
        expect(new Set(kind('random')).size).toBe(5);
        expect(order.map(({ row }) => row)).toEqual(expect.arrayContaining(kind('random')));
        expect(found.map(({ rank }) => rank)).toEqual([
          ...Array(10).keys(),
          ...Array(5).keys(),
          ...Array(5).keys(),
        ]);
      }),
    );
  });

  it('at random are others for another seed, and every row comes up', () => {
    const codes = fromDense(Array.from({ length: 40 }, () => [1]));
    const drawn = (seed: number) =>
      [...featureExamples({ codes, stride: 1 }, 40, tokensOf(40, 40), seed)][0].examples
        .filter(({ kind }) => kind === 'random')
        .map(({ row }) => row);
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
    const all = Array.from({ length: 60 }, (_, seed) => drawn(seed)).flat();
    expect(new Set(all).size).toBe(40);
  });

  it('are none of a feature that never fires', () => {
    const codes = fromDense([
      [0, 2],
      [0, 1],
    ]);
    const found = [...featureExamples({ codes, stride: 1 }, 2, tokensOf(2, 2), 0)];
    expect(found.map(({ feature }) => feature)).toEqual([1]);
  });
});

describe('the context of a row', () => {
  it('has so many tokens before and after, and the codes of the feature on them', () => {
    const values = Array.from({ length: 60 }, (_, n) => (n === 30 ? 5 : n % 3 === 0 ? 1 + n / 100 : 0));
    const [{ row, from, codes }] = examplesOf(values);
    const { before, after } = contextTokens;
    expect([row, from, codes.length]).toEqual([30, 30 - before, before + 1 + after]);
    expect(codes).toEqual(values.slice(from, from + codes.length).map(Math.fround));
  });

  it('ends with the sequence and with the document', () => {
    const values = Array.from({ length: 24 }, (_, n) => (n === 9 || n === 12 ? 1 : 0));
    const tokens = tokensOf(24, 8);
    const [first, second] = examplesOf(values, tokens);
    expect([first.from, first.codes.length]).toEqual([8, 8]);
    expect([second.from, second.codes.length]).toEqual([8, 8]);
    // A separator that was left out makes no new sequence; a new document does.
    const position = Int32Array.from(tokens.position, (p) => (p > 3 ? p + 1 : p));
    expect(examplesOf(values, { ...tokens, position })[0].codes).toHaveLength(8);
    const document = tokens.document.map((d, n) => (n >= 12 ? d + 1 : d));
    expect(examplesOf(values, { ...tokens, document })[0].codes).toHaveLength(4);
  });
});

describe('codes for examples', () => {
  const sae = plantedSae(0);
  const x = zeros(5000, sae.encoder.cols);
  new Rng(1).fillNormal(x.data);

  it('are those of all rows where they fit', async () => {
    const { codes, stride } = await codesForExamples(sae, rowsOf(x), kernel);
    expect(stride).toBe(1);
    expect(codes).toEqual(await encode(sae, x, kernel));
  });

  it.each([
    [60_000, 4],
    [100_000, 2],
    [1, 8],
  ])('of %i bytes are those of whole blocks', async (budget, blocks) => {
    const whole = await encode(sae, x, kernel);
    const found = await codesForExamples(sae, rowsOf(x), kernel, { budget });
    expect(found.stride).toBe(blocks);
    const rows = Array.from({ length: found.codes.rows }, (_, n) => rowOfCode(n, found));
    const kept = Array.from(Array(5000).keys()).filter((n) => Math.floor(n / 1024) % found.stride === 0);
    expect(rows).toEqual(kept);
    for (const [n, row] of [rows[0], rows.at(-1)!].entries()) {
      const at = n === 0 ? 0 : rows.length - 1;
      const [from, to] = [found.codes.offsets[at], found.codes.offsets[at + 1]];
      expect(found.codes.indices.slice(from, to)).toEqual(
        whole.indices.slice(whole.offsets[row], whole.offsets[row + 1]),
      );
    }
  });

  it('of some blocks have no context beyond them', async () => {
    const found = await codesForExamples(sae, rowsOf(x), kernel, { budget: 100_000 });
    const all = [...featureExamples(found, 5000, tokensOf(5000, 5000), 0)].flatMap((one) => one.examples);
    expect(all.length).toBeGreaterThan(50);
    for (const { from, row, codes } of all) {
      expect(Math.floor(from / 1024)).toBe(Math.floor(row / 1024));
      expect(Math.floor((from + codes.length - 1) / 1024)).toBe(Math.floor(row / 1024));
      expect(codes[row - from]).not.toBe(0);
    }
  });
});

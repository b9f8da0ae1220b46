// Rows that are set apart by where they stand: on either side of each limit, and what copies and massive rows have to do with it.
import { describe, expect, test } from 'vitest';
import type { Tokens } from '../../src/activations/tokens.js';
import { findPlaces, type KnownRows } from '../../src/evidence/rows-apart.js';
import { ColumnMoments } from '../../src/stats/column-moments.js';
import { fromRows, type Matrix, row, takeRows } from '../../src/tensor/matrix.js';

/** 100 rows, contexts of 10, and a token of its own for every row. */
const each: Tokens = {
  rows: 100,
  document: Int32Array.from({ length: 100 }, (_, n) => Math.floor(n / 10)),
  position: Int32Array.from({ length: 100 }, (_, n) => n % 10),
  token: Int32Array.from({ length: 100 }, (_, n) => n),
  texts: Array.from({ length: 100 }, (_, n) => `t${n}`),
};
/** The same, but these rows have the token `text`. */
const withToken = (text: string, has: (n: number) => boolean): Tokens => ({
  ...each,
  token: each.token.map((n) => (has(n) ? 100 : n)),
  texts: [...each.texts, text],
});

/** What is known of the rows of one column of values and zeros, about 0. */
function known(
  values: readonly (readonly number[])[],
  tokens: Tokens,
  more: Partial<KnownRows> = {},
): KnownRows {
  const x = fromRows(values);
  const momentsOf = async (rows: ArrayLike<number>) => sum(takeRows(x, rows));
  return {
    tokens,
    sizes: Float64Array.from({ length: x.rows }, (_, n) => row(x, n).reduce((all, v) => all + v * v, 0)),
    representative: Int32Array.from({ length: x.rows }, (_, n) => n),
    massive: undefined,
    moments: sum(x),
    momentsOf,
    ...more,
  };
}

function sum(x: Matrix): ColumnMoments {
  const moments = new ColumnMoments(new Float64Array(x.cols));
  moments.add(x);
  return moments;
}

const hundred = (of: (n: number) => number) => Array.from({ length: 100 }, (_, n) => [of(n)]);
/** ±1 by turns, so that the middle is 0 and the spread that of as many ones. */
const side = (n: number) => (Math.floor(n / 10) % 2 === 0 ? 1 : -1);
const firsts = Array.from({ length: 10 }, (_, i) => 10 * i);

describe('far', () => {
  test('rows at one position, twice as far as the others: how far, and their share, by hand', async () => {
    // Ten rows at ±3, ninety at ±1: 90 of 180 squares.
    const { apart } = await findPlaces(
      known(
        hundred((n) => (n % 10 === 0 ? 3 : 1) * side(n)),
        each,
      ),
    );
    expect(apart?.places).toEqual([{ position: 0, rows: 10 }]);
    expect([...apart!.rows]).toEqual(firsts);
    expect(apart?.times).toBeCloseTo(3, 12);
    expect(apart?.share).toBeCloseTo(1 / 2, 12);
  });

  test('from twice as far on, and a fifth of the variance', async () => {
    const at = async (size: number) =>
      (
        await findPlaces(
          known(
            hundred((n) => (n % 10 === 0 ? size : 1) * side(n)),
            each,
          ),
        )
      ).apart;
    // At ±2: 40 of 130. Their share by sizes would do at once.
    expect((await at(2))?.times).toBe(2);
    expect((await at(2))?.share).toBeCloseTo(4 / 13, 12);
    expect(await at(1.99)).toBeUndefined();
  });

  test('by what is measured, where sizes alone would say so', async () => {
    // Sizes are about a point that is off: of these rows nothing is far.
    const sizes = Float64Array.from({ length: 100 }, (_, n) => (n % 10 === 0 ? 9 : 1));
    expect(await findPlaces(known(hundred(side), each, { sizes }))).toEqual({});
    // 36.1 of 126.1 are more than a fifth, but not twice as far.
    const near = hundred((n) => (n % 10 === 0 ? 1.9 : 1) * side(n));
    expect(await findPlaces(known(near, each, { sizes }))).toEqual({});
    const far = Array.from({ length: 200 }, (_, n) => [(n % 20 === 0 ? 2.1 : 1) * (n % 40 < 20 ? 1 : -1)]);
    const long: Tokens = {
      rows: 200,
      document: new Int32Array(200),
      position: Int32Array.from({ length: 200 }, (_, n) => n % 20),
      token: Int32Array.from({ length: 200 }, (_, n) => n),
      texts: Array.from({ length: 200 }, (_, n) => `t${n}`),
    };
    // Ten of two hundred at ±2.1 hold 44.1 of 234.1, which is less.
    expect(await findPlaces(known(far, long))).toEqual({});
  });

  test('constant others are no times as far', async () => {
    const { apart } = await findPlaces(
      known(
        hundred((n) => (n % 10 === 0 ? 5 : 0)),
        withToken('.', (n) => n % 10 > 4),
        {
          sizes: Float64Array.from({ length: 100 }, (_, n) => (n % 10 === 0 ? 25 : 0.1)),
        },
      ),
    );
    // Far is not said of them; the token is half of all rows, all of them alike.
    expect(apart?.places).toEqual([{ token: '.', rows: 50 }]);
  });
});

describe('alike', () => {
  // Forty rows of one token, whose squares are a quarter of those of the others at 1/2.
  const padded = withToken('<pad>', (n) => n % 10 >= 6);
  const at = (size: number) =>
    known(
      hundred((n) => (n % 10 >= 6 ? size : 1) * side(n)),
      padded,
    );

  test('up to half as far from their own middle as the others from theirs', async () => {
    const { apart } = await findPlaces(at(0.5));
    expect(apart?.places).toEqual([{ token: '<pad>', rows: 40 }]);
    expect([...apart!.rows]).toEqual([...each.token].filter((n) => n % 10 >= 6));
    expect(apart?.times).toBeCloseTo(1 / 2, 12);
    expect(apart?.share).toBeCloseTo(1 / 7, 12);
    expect((await findPlaces(at(0.51))).apart).toBeUndefined();
    expect((await findPlaces(at(0.36))).apart).toBeDefined();
  });

  test('rows that are far count for themselves first, and all rows come in ascending order', async () => {
    const values = hundred((n) => (n % 10 === 0 ? 9 : n % 10 >= 6 ? 0.1 : 1) * side(n));
    const { apart } = await findPlaces(known(values, padded));
    expect(apart?.places).toEqual([
      { position: 0, rows: 10 },
      { token: '<pad>', rows: 40 },
    ]);
    expect([...apart!.rows]).toEqual([...each.token].filter((n) => n % 10 === 0 || n % 10 >= 6));
    // About the middle of the others, which is 0: 10·81 + 40/100 over 50.
    expect(apart?.times).toBeCloseTo(Math.sqrt(810.4 / 50), 8);
  });

  test('what is far is not looked at again', async () => {
    // Sixty rows of one token are too many to be far; fifty of them are alike.
    const most = withToken('<pad>', (n) => n % 10 === 0 || n % 10 >= 5);
    const values = hundred((n) => (n % 10 === 0 ? 9 : n % 10 >= 5 ? 0.1 : 1) * side(n));
    expect((await findPlaces(known(values, most))).apart?.places).toEqual([
      { position: 0, token: '<pad>', rows: 10 },
      { token: '<pad>', rows: 50 },
    ]);
  });

  test('of others that are all the same it is not said how many times as far', async () => {
    const { apart } = await findPlaces(
      known(
        hundred((n) => (n % 10 >= 6 ? 5 : 0)),
        padded,
        { sizes: new Float64Array(100).fill(1) },
      ),
    );
    expect(apart?.places).toEqual([{ token: '<pad>', rows: 40 }]);
    expect(apart?.times).toBe(0);
    expect(apart?.share).toBe(1);
  });
});

describe('copies of one row', () => {
  const copied = (copies: readonly number[]) =>
    Int32Array.from({ length: 100 }, (_, n) => (copies.includes(n) ? copies[0] : n));
  const place = async (copies: readonly number[], of: Tokens = each) =>
    (await findPlaces(known(hundred(side), of, { representative: copied(copies) }))).repeated;

  test('are told where they are more than a twentieth of all rows', async () => {
    expect(await place([9, 19, 29, 39, 49, 59])).toEqual({ position: 9, rows: 6 });
    expect(await place([9, 19, 29, 39, 49])).toBeUndefined();
  });

  test('two of a few rows are enough, one is not', async () => {
    const few = (representative: readonly number[]) => {
      const rows = representative.length;
      const one = new Int32Array(rows);
      const tokens: Tokens = { rows, document: one, position: one, token: one, texts: ['a'] };
      const values = Array.from({ length: rows }, (_, n) => [n]);
      return findPlaces(known(values, tokens, { representative: Int32Array.from(representative) }));
    };
    expect(await few([0, 1, 2, 2, 2])).toEqual({ repeated: { position: 0, token: 'a', rows: 3 } });
    expect(await few([0, 1, 2, 3])).toEqual({});
    // Of two that are there as often the first.
    expect(await few([0, 0, 0, 3, 3, 3])).toEqual({ repeated: { position: 0, token: 'a', rows: 3 } });
  });

  test('two of few rows are left out, one is not', async () => {
    const far = (rows: number, at: number, representative: readonly number[]) => {
      const numbers = Int32Array.from({ length: rows }, (_, n) => n);
      const position = numbers.map((n) => (n < at ? 0 : n));
      const texts = Array.from(numbers, (n) => `t${n}`);
      const tokens: Tokens = { rows, document: numbers, position, token: numbers, texts };
      const values = Array.from({ length: rows }, (_, n) => [(n < at ? 9 : 1) * (n % 2 === 0 ? 1 : -1)]);
      return findPlaces(known(values, tokens, { representative: Int32Array.from(representative) }));
    };
    const own = (rows: number) => Array.from({ length: rows }, (_, n) => n);
    expect((await far(36, 9, own(36))).apart?.rows).toHaveLength(9);
    // Seven are left, which are no place.
    expect(await far(36, 9, [0, 1, 1, ...own(36).slice(3)])).toEqual({});
    expect((await far(18, 8, own(18))).apart?.rows).toHaveLength(8);
  });

  test('of two that are there as often it is the first', async () => {
    const first = [0, 10, 20, 30, 40, 50];
    const second = [1, 11, 21, 31, 41, 51];
    const representative = copied(first).map((n) => (second.includes(n) ? 1 : n));
    const found = await findPlaces(known(hundred(side), each, { representative }));
    expect(found.repeated).toEqual({ position: 0, rows: 6 });
  });

  test('and massive rows are not looked at again', async () => {
    const values = hundred((n) => (n % 10 === 0 ? 4 : 1) * side(n));
    expect((await findPlaces(known(values, each))).apart).toBeDefined();
    expect(await findPlaces(known(values, each, { representative: copied(firsts) }))).toEqual({
      repeated: { position: 0, rows: 10 },
    });
    const massive = Int32Array.from(firsts);
    const others = Int32Array.from({ length: 100 }, (_, n) => n).filter((n) => n % 10 > 0);
    const moments = sum(takeRows(fromRows(values), others));
    expect(await findPlaces(known(values, each, { massive, moments }))).toEqual({
      massive: { position: 0, rows: 10 },
    });
    // Massive rows that stand here and there are at no place.
    const spread = Int32Array.of(0, 11, 22, 33);
    expect((await findPlaces(known(hundred(side), each, { massive: spread }))).massive).toBeUndefined();
  });
});

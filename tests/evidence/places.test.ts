// Places of rows: which positions and tokens are far by the sizes of their rows, worked by hand, and what is measured of them.
import { describe, expect, test } from 'vitest';
import type { Tokens } from '../../src/activations/tokens.js';
import { commonTokens, farPlaces, placeOfMost } from '../../src/evidence/places.js';
import { findPlaces } from '../../src/evidence/rows-apart.js';
import { ColumnMoments, shiftOf } from '../../src/stats/column-moments.js';
import { type Matrix, Rng, row, takeRows, zeros } from '../../src/tensor/index.js';

/** 100 rows, contexts of 10; "a" and "b" by turns, but "." where n is a multiple of 7. */
const tokens: Tokens = {
  rows: 100,
  document: Int32Array.from({ length: 100 }, (_, n) => Math.floor(n / 10)),
  position: Int32Array.from({ length: 100 }, (_, n) => n % 10),
  token: Int32Array.from({ length: 100 }, (_, n) => (n % 7 === 0 ? 2 : n % 2)),
  texts: ['a', 'b', '.'],
};
/** The same positions, and a token of its own for every row. */
const each: Tokens = {
  ...tokens,
  token: Int32Array.from({ length: 100 }, (_, n) => n),
  texts: Array.from({ length: 100 }, (_, n) => `t${n}`),
};
const none = new Uint8Array(100);
const sizes = (of: (n: number) => number) => Float64Array.from({ length: 100 }, (_, n) => of(n));
const firsts = Int32Array.from({ length: 10 }, (_, i) => 10 * i);
const sevenths = Int32Array.from({ length: 15 }, (_, i) => 7 * i);

describe('places that are far', () => {
  test('four times the squared distance of the others, and no less', () => {
    expect(
      farPlaces(
        tokens,
        sizes(() => 1),
        none,
      ),
    ).toEqual([]);
    expect(
      farPlaces(
        tokens,
        sizes((n) => (n % 10 === 0 ? 3.99 : 1)),
        none,
      ),
    ).toEqual([]);
    expect(
      farPlaces(
        tokens,
        sizes((n) => (n % 10 === 0 ? 4 : 1)),
        none,
      ),
    ).toEqual([{ place: { position: 0, rows: 10 }, rows: firsts }]);
    expect(
      farPlaces(
        tokens,
        sizes((n) => (n % 7 === 0 ? 9 : 1)),
        none,
      ),
    ).toEqual([{ place: { token: '.', rows: 15 }, rows: sevenths }]);
  });

  test('the one with more comes first; the next is looked for without it', () => {
    const found = farPlaces(
      tokens,
      sizes((n) => (n % 10 === 0 ? 100 : n % 7 === 0 ? 20 : 1)),
      none,
    );
    expect(found.map(({ place }) => place)).toEqual([
      { position: 0, rows: 10 },
      { token: '.', rows: 13 },
    ]);
    expect([...found[1].rows]).toEqual([...sevenths].filter((n) => n % 10 !== 0));
  });

  test('rows that are left out are not looked at, and fewer than eight are no place', () => {
    const left = none.slice();
    for (const n of firsts.slice(0, 3)) left[n] = 1;
    expect(
      farPlaces(
        each,
        sizes((n) => (n % 10 === 0 ? 50 : 1)),
        left,
      ),
    ).toEqual([]);
    left[0] = 0;
    expect(
      farPlaces(
        each,
        sizes((n) => (n % 10 === 0 ? 50 : 1)),
        left,
      )[0].place,
    ).toEqual({
      position: 0,
      rows: 8,
    });
  });

  test('no more than half of the rows, and a twentieth of all distances', () => {
    const most = { ...tokens, position: tokens.position.map((p) => (p < 6 ? 0 : p)) };
    expect(
      farPlaces(
        most,
        sizes((n) => (n % 10 < 6 ? 50 : 1)),
        none,
      ),
    ).toEqual([]);
    const half = { ...tokens, position: tokens.position.map((p) => (p < 5 ? 0 : p)) };
    expect(
      farPlaces(
        half,
        sizes((n) => (n % 10 < 5 ? 50 : 1)),
        none,
      ),
    ).toHaveLength(1);
    // Ten rows of a thousand: at five times the squared distance they hold 4.8 % of all, at six 5.7 %.
    const long = { ...tokens, rows: 1000, position: Int32Array.from({ length: 1000 }, (_, n) => n % 100) };
    const thousand = { ...long, token: new Int32Array(1000), document: new Int32Array(1000) };
    const at = (size: number) =>
      farPlaces(
        thousand,
        Float64Array.from({ length: 1000 }, (_, n) => (n % 100 === 0 ? size : 1)),
        new Uint8Array(1000),
      );
    expect(at(5)).toEqual([]);
    expect(at(6)).toHaveLength(1);
  });

  test('it is four times the mean of the others, whatever that is', () => {
    const found = (size: number) =>
      farPlaces(
        each,
        sizes((n) => (n % 10 === 0 ? size : 2)),
        none,
      );
    expect(found(7.99)).toEqual([]);
    expect(found(8)).toHaveLength(1);
  });

  test('a twentieth of all distances is enough', () => {
    const rows = 960;
    const numbers = Int32Array.from({ length: rows }, (_, n) => n);
    const of: Tokens = {
      rows,
      document: numbers,
      position: numbers.map((n) => n % 96),
      token: numbers,
      texts: [],
    };
    // Ten rows hold 50 of 1000.
    const all = Float64Array.from({ length: rows }, (_, n) => (n % 96 === 0 ? 5 : 1));
    expect(farPlaces(of, all, new Uint8Array(rows))).toHaveLength(1);
  });

  test('a token comes first where it has more', () => {
    const found = farPlaces(
      tokens,
      sizes((n) => (n % 7 === 0 ? 100 : n % 10 === 0 ? 80 : 1)),
      none,
    );
    expect(found.map(({ place }) => place)).toEqual([
      { token: '.', rows: 15 },
      { position: 0, token: 'a', rows: 8 },
    ]);
  });

  test('there are four at the most, and half of the rows together', () => {
    const falling = sizes((n) => (n % 10 < 5 ? 1000 ** (5 - (n % 10)) : 1));
    expect(farPlaces(each, falling, none).map(({ place }) => place.position)).toEqual([0, 1, 2, 3]);
    const wide = { ...each, position: each.position.map((p) => (p < 3 ? 0 : p < 6 ? 1 : p)) };
    const two = sizes((n) => (n % 10 < 3 ? 1000 : n % 10 < 6 ? 30 : 1));
    expect(farPlaces(wide, two, none).map(({ place }) => place)).toEqual([{ position: 0, rows: 30 }]);
  });

  test('a token that nineteen of twenty rows have is that of the position', () => {
    const place = (others: number) => {
      const token = each.token.map((n) => (n % 5 === 0 && n >= 5 * others ? 99 : n));
      const of = { ...each, token, position: each.position.map((p) => p % 5) };
      return farPlaces(
        of,
        sizes((n) => (n % 5 === 0 ? 50 : 1)),
        none,
      )[0].place;
    };
    expect(place(1)).toEqual({ position: 0, token: 't99', rows: 20 });
    expect(place(2)).toEqual({ position: 0, rows: 20 });
  });

  test('a position that nearly always has one token is named with it', () => {
    const begun = { ...tokens, token: tokens.token.map((t, n) => (n % 10 === 0 ? 2 : t % 2)) };
    expect(
      farPlaces(
        begun,
        sizes((n) => (n % 10 === 0 ? 9 : 1)),
        none,
      )[0].place,
    ).toEqual({
      position: 0,
      token: '.',
      rows: 10,
    });
  });
});

test('a token that is more than a fifth of the rows, but not nearly all of them', () => {
  const padded = (share: number): Tokens => ({
    ...tokens,
    token: Int32Array.from({ length: 100 }, (_, n) => (n < share ? 0 : 1 + (n % 2))),
    texts: ['<pad>', 'a', 'b'],
  });
  const pads = (of: Tokens) =>
    commonTokens(of, none).map(({ place: { token, rows } }) => [token, rows] as const);
  expect(pads(padded(20))).toEqual([
    ['a', 40],
    ['b', 40],
  ]);
  expect(pads(padded(70))).toEqual([['<pad>', 70]]);
  expect(pads(padded(95))).toEqual([['<pad>', 95]]);
  expect(pads(padded(96))).toEqual([]);
  // A position is no token, however many rows it has.
  expect(commonTokens({ ...each, position: each.position.map((p) => (p < 6 ? 0 : p)) }, none)).toEqual([]);
});

test('where most of some rows stand: a position with half of them, else a token', () => {
  expect(placeOfMost(tokens, Int32Array.of(10, 20, 33, 47, 70))).toEqual({ position: 0, rows: 3 });
  expect(placeOfMost(tokens, Int32Array.of(7, 14, 21, 35, 36, 37))).toEqual({ token: '.', rows: 4 });
  expect(placeOfMost(each, Int32Array.of(7, 15, 22, 36, 44, 58, 61))).toBeUndefined();
  expect(placeOfMost(tokens, Int32Array.of(10, 20))).toBeUndefined();
  expect(placeOfMost(each, Int32Array.of(10, 20, 30, 41, 52, 63))).toEqual({ position: 0, rows: 3 });
  expect(placeOfMost(each, Int32Array.of(10, 20, 30, 41, 52, 63, 74))).toBeUndefined();
});

describe('what is measured of places', () => {
  const d = 6;
  const rng = new Rng(3, 'places');
  const normal = () => {
    const x = zeros(100, d);
    for (let e = 0; e < x.data.length; e++) x.data[e] = rng.normal();
    return x;
  };
  const known = (x: Matrix, of: Tokens = tokens) => {
    const momentsOf = async (rows: Int32Array) => {
      const sums = new ColumnMoments(shiftOf(x));
      sums.add(takeRows(x, rows));
      return sums;
    };
    const all = new ColumnMoments(shiftOf(x));
    all.add(x);
    const shift = shiftOf(x);
    return {
      tokens: of,
      sizes: Float64Array.from({ length: x.rows }, (_, n) =>
        row(x, n).reduce((sum, v, j) => sum + (v - shift[j]) ** 2, 0),
      ),
      representative: Int32Array.from({ length: x.rows }, (_, n) => n),
      massive: undefined,
      moments: all,
      momentsOf,
    };
  };

  test('share and distance, by definition', async () => {
    const x = normal();
    for (const n of firsts) row(x, n)[2] += 8;
    const { apart } = await findPlaces(known(x));
    expect(apart?.places).toEqual([{ position: 0, rows: 10 }]);
    expect(apart?.rows).toEqual(firsts);
    const spread = (m: Matrix, centre = meanOf(m)) =>
      m.data.reduce((sum, v, e) => sum + (v - centre[e % d]) ** 2, 0);
    const others = takeRows(
      x,
      [...none.keys()].filter((n) => n % 10 > 0),
    );
    expect(apart?.share).toBeCloseTo(1 - spread(others) / spread(x), 10);
    const far = spread(takeRows(x, firsts), meanOf(others)) / 10;
    expect(apart?.times).toBeCloseTo(Math.sqrt(far / (spread(others) / 90)), 10);
  });

  test('a place that holds less than a fifth of the variance is left alone', async () => {
    const x = normal();
    for (const n of firsts.slice(0, 9)) row(x, n)[2] += 4;
    expect(await findPlaces(known(x))).toEqual({});
  });

  test('a common token counts where its rows are half as far from each other as all others', async () => {
    const padded = { ...tokens, token: tokens.token.map((_, n) => (n % 10 > 6 ? 2 : n % 2)) };
    const x = normal();
    const shrink = (by: number) => {
      const out = { ...x, data: x.data.slice() };
      for (let e = 0; e < out.data.length; e++) if (Math.floor(e / d) % 10 > 6) out.data[e] *= by;
      return out;
    };
    expect((await findPlaces(known(shrink(0.7), padded))).apart).toBeUndefined();
    expect((await findPlaces(known(shrink(0.3), padded))).apart?.places).toEqual([{ token: '.', rows: 30 }]);
  });

  test('of massive rows and of copies it is said where they stand, and no more', async () => {
    const x = normal();
    for (const n of firsts) row(x, n)[2] += 500;
    const of = known(x);
    const massive = Int32Array.from(firsts);
    const without = new ColumnMoments(shiftOf(x));
    without.add(takeRows(x, massive));
    expect(await findPlaces({ ...of, massive, moments: of.moments.without(without) })).toEqual({
      massive: { position: 0, rows: 10 },
    });
    const copies = known(normal());
    const representative = copies.representative.map((n) => (n % 10 === 9 ? 9 : n));
    expect(await findPlaces({ ...copies, representative })).toEqual({ repeated: { position: 9, rows: 10 } });
  });
});

function meanOf(m: Matrix): number[] {
  const sums = new Array<number>(m.cols).fill(0);
  for (let e = 0; e < m.data.length; e++) sums[e % m.cols] += m.data[e] / m.rows;
  return sums;
}

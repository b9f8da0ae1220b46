// What is said of rows: by hand, and against what is measured with all of them in memory; without massive rows and without places.
import { describe, expect, test } from 'vitest';
import { type ActivationRows, rowsOf } from '../../src/activations/activation-rows.js';
import type { Tokens } from '../../src/activations/tokens.js';
import { addSlices, RowDescriber } from '../../src/evidence/row-description.js';
import type { Kernel } from '../../src/kernel/interface.js';
import { symmetricEigenvalues } from '../../src/kernel/portable/eigen.js';
import { gram } from '../../src/kernel/portable/gram.js';
import { ColumnMoments, shiftOf } from '../../src/stats/column-moments.js';
import { distinctRows } from '../../src/stats/distinct-rows.js';
import { effectiveRankOf } from '../../src/stats/effective-rank.js';
import { nearDuplicates, sampled } from '../../src/stats/near-duplicates.js';
import { rowKurtosis } from '../../src/stats/row-kurtosis.js';
import { fromRows, type Matrix, row, rowRange, takeRows } from '../../src/tensor/matrix.js';
import { atOnce } from './at-once.js';
import { normal } from './pass-cases.js';

interface Options {
  readonly tokens?: Tokens;
  readonly stride?: number;
  readonly source?: ActivationRows;
}

async function described(x: Matrix, { tokens, stride = 1, source = rowsOf(x) }: Options = {}) {
  const describer = new RowDescriber(source, shiftOf(x), atOnce, tokens);
  for (let from = 0; from < x.rows; from += 256)
    await describer.add(rowRange(x, from, Math.min(x.rows, from + 256)), {});
  return describer.describe(stride, {});
}

const d = 6;
const numbers = (rows: number) => Int32Array.from({ length: rows }, (_, n) => n);
const without = (rows: number, out: ArrayLike<number>) => {
  const left = new Set(Array.from(out));
  return numbers(rows).filter((n) => !left.has(n));
};
const rankOf = (x: Matrix) =>
  effectiveRankOf(symmetricEigenvalues(gram(x, { centred: true }), x.cols), x.cols);
function momentsOf(x: Matrix): ColumnMoments {
  const moments = new ColumnMoments(shiftOf(x));
  moments.add(x);
  return moments;
}
function expectScatter(found: Float64Array, x: Matrix, digits: number): void {
  gram(x, { centred: true }).forEach((sum, e) => {
    expect(found[e]).toBeCloseTo(sum, digits);
  });
}

describe('a few rows, by hand', () => {
  test('on a line: one direction, and the scatter of it', async () => {
    // Means 2 and 6, deviations (−1, −2), (0, 0), (1, 2), the first of them twice, so that means are 1.75 and 5.5.
    const x = fromRows([
      [1, 4],
      [2, 6],
      [1, 4],
      [3, 8],
    ]);
    const found = await described(x);
    expect(found).toMatchObject({ rows: 4, distinctRows: 3, mostRepeated: 2 });
    expect(found.effectiveRank).toBeCloseTo(1, 6);
    expect([...found.different]).toEqual([0, 1, 3]);
    // Deviations −3/4, 1/4, −3/4, 5/4: squares 44/16, and twice in the second column.
    [2.75, 5.5, 5.5, 11].forEach((sum, e) => {
      expect(found.scatter[e]).toBeCloseTo(sum, 12);
    });
    // Of the three of them: (1/5, 4/5) of the square each, 2·(1 + 16)/25.
    expect(found.kurtosis).toBeCloseTo(34 / 25, 12);
    expect([...found.moments.means()]).toEqual([1.75, 5.5]);
    expect(Object.keys(found)).not.toContain('clusters');
    expect(Object.keys(found)).not.toContain('massive');
    expect(Object.keys(found)).not.toContain('places');
  });

  test('in two directions at right angles', async () => {
    const x = fromRows([
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]);
    const found = await described(x);
    expect(found.effectiveRank).toBeCloseTo(2, 12);
    expect(found.kurtosis).toBeCloseTo(2, 12);
    expect(found.distinctRows).toBe(4);
    expect(found.mostRepeated).toBeUndefined();
  });

  test('one row, and rows that are all the same, have no rank and no kurtosis', async () => {
    const one = await described(fromRows([[3, 4]]));
    expect(one).toMatchObject({ rows: 1, distinctRows: 1, effectiveRank: 0, different: Int32Array.of(0) });
    expect(one.kurtosis).toBeUndefined();
    expect(one.mostRepeated).toBeUndefined();
    const same = await described(fromRows([[3], [3], [3]]));
    expect(same).toMatchObject({ rows: 3, distinctRows: 1, mostRepeated: 3, effectiveRank: 0 });
  });

  test('what differs by rounding is the same, and what differs by a thousandth is not', async () => {
    // Of SD 10: a ten-thousandth of it is 1e-3.
    const x = normal(20, d, 'near', 10);
    const off = (n: number, from: number, by: number) => {
      row(x, n).set(row(x, from).map((value, j) => value + (j === 2 ? by : 0)));
    };
    off(4, 1, 5e-4);
    off(9, 1, 1e-2);
    off(12, 3, 0);
    off(13, 3, 0);
    const { distinctRows: count, mostRepeated, different } = await described(x);
    expect(count).toBe(17);
    expect(mostRepeated).toBe(3);
    expect(different).toEqual(without(20, [4, 12, 13]));
    expect(different).toEqual(numbers(20).filter((n) => distinctRows(x).representative[n] === n));
  });
});

test('rows that sketches cannot tell apart are held against each other, wherever they are read into', async () => {
  // Of 24 columns three go into each number of a sketch. Far from each other, so that each pair is read into the place of the last.
  const x = normal(200, 24, 'unsure');
  for (const [from, by] of [
    [0, 1.5e-4],
    [1, 0.5e-4],
    [50, 1.5e-4],
    [51, 0.5e-4],
  ]) {
    row(x, 100 + from).set(row(x, from));
    row(x, 100 + from)[from % 24] += by;
  }
  const source: ActivationRows = {
    ...rowsOf(x),
    read: async (from, to, storage) => {
      storage!.set(rowRange(x, from, to).data);
      return { rows: to - from, cols: 24, data: storage! };
    },
  };
  const found = await described(x, { source });
  expect(found.distinctRows).toBe(198);
  expect(found.different).toEqual(without(200, [101, 151]));
});

describe('rows that a stride divides', () => {
  const x = normal(40, d, 'strided');
  for (const [to, from] of [
    [8, 4],
    [5, 4],
    [12, 1],
    [16, 1],
    [21, 20],
  ])
    row(x, to).set(row(x, from));

  test('one of each kind, by its number among them', async () => {
    // Of 0, 4, 8, …: row 8 is as row 4, rows 12 and 16 are as row 1, which is not among them, and the first stands for both.
    const { different } = await described(x, { stride: 4 });
    expect([...different]).toEqual([0, 1, 3, 5, 6, 7, 8, 9]);
    const { different: second } = await described(x, { stride: 2 });
    expect([...second]).toEqual([0, 1, 2, 3, 5, 6, 7, 9, ...Array.from({ length: 10 }, (_, i) => 10 + i)]);
    const { different: sixteenth } = await described(x, { stride: 16 });
    expect([...sixteenth]).toEqual([0, 1, 2]);
    const { different: all } = await described(x);
    expect(all).toEqual(without(40, [5, 8, 12, 16, 21]));
  });

  test('all else is said of all rows', async () => {
    const { different: _, ...one } = await described(x);
    const { different: __, ...other } = await described(x, { stride: 4 });
    expect(other).toEqual(one);
  });
});

describe('copies up to noise', () => {
  const centres = normal(6, d, 'centres', 3);
  const x = normal(150, d, 'noise', 0.01);
  for (let n = 0; n < 150; n++) {
    row(x, n).forEach((value, j, to) => {
      to[j] = value + row(centres, (n * n) % 6)[j];
    });
  }

  test('are clusters, of which one row each is kept', async () => {
    const found = await described(x);
    const { count, rows } = nearDuplicates(x, numbers(150))!;
    expect(found.clusters).toBeCloseTo(count, 12);
    // n² mod 6 is 0, 1, 4 or 3, which come first at 0, 1, 2 and 3.
    expect([...rows]).toEqual([0, 1, 2, 3]);
    expect(found.different).toEqual(rows);
    expect(found.distinctRows).toBe(150);
  });

  test('and of the rows that a stride divides, too', async () => {
    // Rows 0, 2, 4, … are of the clusters 0 and 4 alone.
    expect([...(await described(x, { stride: 2 })).different]).toEqual([0, 1]);
  });

  test('rows apart from each other are no clusters', async () => {
    const found = await described(normal(150, d, 'cloud'));
    expect(found.clusters).toBeUndefined();
    expect(found.different).toEqual(numbers(150));
  });
});

describe('massive rows', () => {
  const massive = [3, 70, 99];
  const x = normal(100, d, 'massive');
  for (const [i, n] of massive.entries()) row(x, n)[2] += 400 + 50 * i;
  const others = takeRows(x, without(100, massive));

  test('what is said without them is what is measured on the others', async () => {
    const found = await described(x);
    const told = found.massive!;
    expect([...told.rows]).toEqual(massive);
    expect(told.effectiveRank).toBeCloseTo(rankOf(others), 8);
    expect(told.share).toBeCloseTo(1 - momentsOf(others).spread() / momentsOf(x).spread(), 10);
    expectScatter(told.scatter, others, 7);
    expectScatter(found.scatter, x, 5);
    expect(found.effectiveRank).toBeCloseTo(rankOf(x), 6);
    expect(found.moments.rows).toBe(97);
    momentsOf(others)
      .means()
      .forEach((mean, j) => {
        expect(found.moments.means()[j]).toBeCloseTo(mean, 10);
      });
    expect(found.kurtosis).toBeCloseTo(rowKurtosis(others, momentsOf(others).means())!, 8);
    expect(found.places).toBeUndefined();
  });
});

describe('places', () => {
  const firsts = Array.from({ length: 10 }, (_, i) => 10 * i);
  const tokens: Tokens = {
    rows: 100,
    document: numbers(100).map((n) => Math.floor(n / 10)),
    position: numbers(100).map((n) => n % 10),
    token: numbers(100).map((n) => n % 37),
    texts: Array.from({ length: 37 }, (_, t) => `t${t}`),
  };
  const spoilt = (massive: readonly number[]) => {
    const x = normal(100, d, 'places');
    for (const n of firsts) row(x, n)[4] += 20;
    for (const n of massive) row(x, n)[2] += 300;
    return x;
  };

  test.each([
    [[]],
    [[33, 57]],
  ])('what is said without them, and without rows %j that are massive', async (massive) => {
    const x = spoilt(massive);
    const found = await described(x, { tokens });
    const { apart } = found.places!;
    const [left, ordinary] = [[...massive, ...firsts], massive].map((out) => takeRows(x, without(100, out)));
    expect(apart!.places).toEqual([{ position: 0, rows: 10 }]);
    expect([...apart!.rows]).toEqual(firsts);
    expect(apart!.effectiveRank).toBeCloseTo(rankOf(left), 7);
    expect(apart!.share).toBeCloseTo(1 - momentsOf(left).spread() / momentsOf(ordinary).spread(), 8);
    expectScatter(apart!.scatter, left, 6);
    expect(found.moments.rows).toBe(left.rows);
    momentsOf(left)
      .means()
      .forEach((mean, j) => {
        expect(found.moments.means()[j]).toBeCloseTo(mean, 9);
      });
    expect(found.kurtosis).toBeCloseTo(rowKurtosis(left, momentsOf(left).means())!, 8);
    expect([...(found.massive?.rows ?? [])]).toEqual(massive);
    if (massive.length > 0) expectScatter(found.massive!.scatter, ordinary, 6);
  });

  test('rows that are all alike have none apart, and without tokens nothing is said of places', async () => {
    const x = normal(100, d, 'alike');
    const found = await described(x, { tokens });
    expect(found.places).toEqual({});
    expect(found.moments.rows).toBe(100);
    expect((await described(x)).places).toBeUndefined();
  });
});

test('of many rows a sample is looked at, drawn at random and read in its order', async () => {
  const x = normal(1100, 2, 'many');
  const found = await described(x);
  const sample = takeRows(x, sampled(numbers(1100)).sort());
  expect(found.kurtosis).toBeCloseTo(rowKurtosis(sample, momentsOf(x).means())!, 12);
  expect(found.clusters).toBeUndefined();
});

describe('slices of a block', () => {
  const sizes = async (rows: number, cols: number, signal?: AbortSignal) => {
    const seen: number[] = [];
    const block = { rows, cols, data: new Float32Array(rows * cols) };
    await addSlices(block, (part) => seen.push(part.rows), signal ? { signal } : {});
    return seen;
  };

  test('hold a million values, or one row', async () => {
    expect(await sizes(1000, 1048)).toEqual([1000]);
    expect(await sizes(1001, 1048)).toEqual([1000, 1]);
    expect(await sizes(5, 2 ** 19)).toEqual([2, 2, 1]);
    expect(await sizes(2, 2 ** 20 + 1)).toEqual([1, 1]);
    expect(await sizes(0, 8)).toEqual([]);
    expect(await sizes(7, 0)).toEqual([7]);
    expect(await sizes(2 ** 20 + 1, 1)).toEqual([2 ** 20, 1]);
  });

  test('follow each other, and end where the work is cancelled', async () => {
    const stop = new AbortController();
    const block = { rows: 3, cols: 2 ** 20, data: new Float32Array(3 * 2 ** 20) };
    for (const n of [0, 1, 2]) block.data[n * 2 ** 20] = n + 1;
    const seen: number[] = [];
    const add = (part: Matrix) => {
      seen.push(part.data[0]);
      if (stop.signal.aborted === false && seen.length === 5) stop.abort();
    };
    await addSlices(block, add, { signal: stop.signal });
    expect(seen).toEqual([1, 2, 3]);
    await addSlices(block, add, { signal: stop.signal });
    expect(seen).toEqual([1, 2, 3, 1, 2]);
  });

  test('give way to others in between', async () => {
    let turned = false;
    const heard: boolean[] = [];
    setImmediate(() => {
      turned = true;
    });
    await addSlices(
      { rows: 2, cols: 2 ** 20, data: new Float32Array(2 ** 21) },
      () => heard.push(turned),
      {},
    );
    expect(heard).toEqual([false, true]);
  });
});

describe('work that is cancelled or fails', () => {
  const x = normal(30, d, 'cancelled');

  test('no description is made of it', async () => {
    const stop = new AbortController();
    const describer = new RowDescriber(rowsOf(x), shiftOf(x), atOnce);
    await describer.add(x, {});
    stop.abort();
    await expect(describer.describe(1, { signal: stop.signal })).rejects.toMatchObject({
      code: 'internal.cancelled',
    });
  });

  test('a block is added when its products are, and their failure is told', async () => {
    let ended = false;
    const slow = Object.assign(Object.create(atOnce) as Kernel, {
      addGram: async () => {
        for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
        ended = true;
        throw new Error('no products');
      },
    });
    const describer = new RowDescriber(rowsOf(x), shiftOf(x), slow);
    await expect(describer.add(x, {})).rejects.toThrow('no products');
    expect(ended).toBe(true);
  });

  test('a failure that comes before the rows are swept is waited for', async () => {
    const stray: unknown[] = [];
    const hear = (error: unknown) => stray.push(error);
    process.on('unhandledRejection', hear);
    const failing = Object.assign(Object.create(atOnce) as Kernel, {
      addGram: async () => {
        throw new Error('at once');
      },
    });
    await expect(new RowDescriber(rowsOf(x), shiftOf(x), failing).add(x, {})).rejects.toThrow('at once');
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', hear);
    expect(stray).toEqual([]);
  });
});

// Codes that come block by block, worked by hand: what is counted, what is left when every second row goes, and what is given at the end.
import { describe, expect, test } from 'vitest';
import { codeBudget, everyNth, KeptCodes, KnownCodes } from '../../src/evidence/kept-codes.js';
import { fromDense, type SparseCodes } from '../../src/tensor/sparse-codes.js';

/** Eleven rows of four features; row n has n mod 3 + 1 entries, the first of them 10·n + 1. */
const table = Array.from({ length: 11 }, (_, n) =>
  Array.from({ length: 4 }, (_, feature) => (feature <= n % 3 ? 10 * n + 1 + feature : 0)),
);
const rowsOf = (...rows: readonly number[]) =>
  fromDense(
    rows.map((n) => table[n]),
    4,
  );
const all = rowsOf(...table.keys());

/** In blocks of 2, 0, 1, 5 and 3 rows. */
function inBlocks(): KeptCodes {
  const kept = new KeptCodes(4);
  kept.add(rowsOf(0, 1));
  kept.add(rowsOf());
  kept.add(rowsOf(2));
  kept.add(rowsOf(3, 4, 5, 6, 7));
  kept.add(rowsOf(8, 9, 10));
  return kept;
}

/** Eight bytes an entry, four a row. */
const bytesOf = (codes: SparseCodes) => 8 * codes.values.length + 4 * codes.rows;

describe('codes that are kept', () => {
  test('are all of them in one piece, in their order', async () => {
    const found = await inBlocks().take();
    expect(found).toEqual(all);
    expect([...found.offsets]).toEqual([0, 1, 3, 6, 7, 9, 12, 13, 15, 18, 19, 21]);
    expect(found.offsets.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test('are counted in bytes: eight an entry and four a row', async () => {
    const kept = new KeptCodes(4);
    expect(kept.bytes).toBe(0);
    kept.add(rowsOf(2));
    expect(kept.bytes).toBe(8 * 3 + 4);
    kept.add(rowsOf(0, 1));
    expect(kept.bytes).toBe(8 * 6 + 4 * 3);
    await kept.halve();
    expect(kept.bytes).toBe(8 * 5 + 4 * 2);
    expect(inBlocks().bytes).toBe(bytesOf(all));
  });

  test('are every second, fourth and eighth row after that, wherever blocks begin', async () => {
    for (const [times, rows] of [
      [1, [0, 2, 4, 6, 8, 10]],
      [2, [0, 4, 8]],
      [3, [0, 8]],
      [4, [0]],
    ] as const) {
      const kept = inBlocks();
      for (let i = 0; i < times; i++) await kept.halve();
      expect(kept.bytes).toBe(bytesOf(rowsOf(...rows)));
      expect(await kept.take()).toEqual(rowsOf(...rows));
    }
  });

  test('go on from the rows that are left', async () => {
    const kept = new KeptCodes(4);
    kept.add(rowsOf(0, 1, 2, 3));
    await kept.halve();
    kept.add(rowsOf(4, 6));
    kept.add(rowsOf(8, 10));
    await kept.halve();
    expect(await kept.take()).toEqual(rowsOf(0, 4, 8));
  });

  test('may take a gibibyte', () => {
    expect(codeBudget).toBe(1_073_741_824);
  });

  test('of no row are none', async () => {
    expect(await new KeptCodes(7).take()).toEqual(fromDense([], 7));
    const kept = new KeptCodes(7);
    await kept.halve();
    expect(kept.bytes).toBe(0);
  });

  test('give way to others between their pieces', async () => {
    for (const work of [(kept: KeptCodes) => kept.halve(), (kept: KeptCodes) => kept.take()]) {
      let turns = 0;
      let over = false;
      const count = () => {
        turns++;
        if (!over) setImmediate(count);
      };
      setImmediate(count);
      await work(inBlocks());
      over = true;
      // One after each of four pieces.
      expect(turns).toBeGreaterThanOrEqual(3);
    }
  });
});

describe('every nth row', () => {
  test('is counted from the first of all, not from the first of the block', () => {
    expect(everyNth(all, 0, 4)).toEqual(rowsOf(0, 4, 8));
    for (const [begin, rows] of [
      [3, [1, 5, 9]],
      [4, [0, 4, 8]],
      [5, [3, 7]],
      [6, [2, 6, 10]],
      [40, [0, 4, 8]],
    ] as const)
      expect(everyNth(all, begin, 4)).toEqual(rowsOf(...rows));
    expect(everyNth(rowsOf(1, 2), 9, 8).rows).toBe(0);
    expect(everyNth(rowsOf(1, 2), 9, 2)).toEqual(rowsOf(2));
  });

  test('of all rows is the codes themselves', () => {
    expect(everyNth(all, 3, 1)).toBe(all);
    expect(everyNth(all, 0, 2)).not.toBe(all);
  });
});

describe('codes that are known', () => {
  test('are given by the block, and counted as they are reached', () => {
    const known = new KnownCodes(all);
    expect(known.bytes).toBe(0);
    expect(known.block(2, 5)).toEqual(rowsOf(2, 3, 4));
    known.reach(2);
    expect(known.bytes).toBe(8 * 3 + 4 * 2);
    known.reach(3);
    expect(known.bytes).toBe(8 * 6 + 4 * 3);
    known.reach(11);
    expect(known.bytes).toBe(bytesOf(all));
  });

  test('are counted by the rows that are left, of blocks before and after', async () => {
    const known = new KnownCodes(all);
    known.reach(4);
    await known.halve();
    expect(known.bytes).toBe(bytesOf(rowsOf(0, 2)));
    known.reach(5);
    expect(known.bytes).toBe(bytesOf(rowsOf(0, 2, 4)));
    known.reach(7);
    expect(known.bytes).toBe(bytesOf(rowsOf(0, 2, 4, 6)));
    await known.halve();
    expect(known.bytes).toBe(bytesOf(rowsOf(0, 4)));
    known.reach(11);
    expect(known.bytes).toBe(bytesOf(rowsOf(0, 4, 8)));
    expect(await known.take()).toEqual(rowsOf(0, 4, 8));
  });

  test('are themselves where none was left out', async () => {
    expect(await new KnownCodes(all).take()).toBe(all);
  });
});

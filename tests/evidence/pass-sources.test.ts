// What the pass over activations reads from: shards, blocks read ahead, rows that are not finite or do not fit, and cancelling.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type ActivationRows, openActivations, rowsOf } from '../../src/activations/activation-rows.js';
import { takeActivationRows } from '../../src/activations/chosen-rows.js';
import { type PassMember, passOverActivations } from '../../src/evidence/activation-pass.js';
import { encode } from '../../src/sae/encode.js';
import { type Matrix, rowRange, takeRows, zeros } from '../../src/tensor/index.js';
import { d, kinds, makers, someRows } from './pass-cases.js';

function npy({ rows, cols, data }: Matrix): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${cols}), }`.padEnd(117);
  const start = Buffer.from(`\x93NUMPY\x01\x00v\x00${header}\n`, 'latin1');
  return Buffer.concat([start, Buffer.from(data.slice().buffer)]);
}

describe('sources', () => {
  const kernel = makers[0].make(1);
  afterAll(() => kernel.close());
  const x = someRows(1100);

  test('a folder of shards gives what one matrix gives', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reseed-pass-'));
    try {
      let from = 0;
      for (const [i, rows] of [300, 1, 700, 99].entries()) {
        await writeFile(join(folder, `part-${i}.npy`), npy(rowRange(x, from, from + rows)));
        from += rows;
      }
      const shards = await openActivations(folder);
      const found = await passOverActivations(shards, kinds, kernel, { blockRows: 256 });
      await shards.close();
      expect(found).toEqual(await passOverActivations(rowsOf(x), kinds, kernel, { blockRows: 256 }));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('the next block is read while one is being worked on, into storage that is used again', async () => {
    const reads: number[] = [];
    const storages = new Set<ArrayBufferLike>();
    let finished = 0;
    const source: ActivationRows = {
      ...rowsOf(x),
      async read(from, to, storage) {
        reads.push(from);
        if (storage && reads.length <= 5) storages.add(storage.buffer);
        storage?.set(rowRange(x, from, to).data);
        return { rows: to - from, cols: d, data: storage! };
      },
    };
    const ahead: number[] = [];
    await passOverActivations(source, [kinds[0]], kernel, {
      blockRows: 256,
      onProgress: () => ahead.push(reads.length - ++finished),
    });
    expect(ahead).toEqual([1, 1, 1, 1, 0]);
    expect(storages.size).toBe(2);
  });

  test('it stops in the middle when it is cancelled, and says so', async () => {
    const stop = new AbortController();
    let reads = 0;
    const source: ActivationRows = {
      ...rowsOf(x),
      async read(from, to) {
        if (++reads === 3) stop.abort();
        return rowRange(x, from, to);
      },
    };
    const work = passOverActivations(source, kinds, kernel, { blockRows: 256, signal: stop.signal });
    await expect(work).rejects.toMatchObject({ code: 'internal.cancelled' });
    expect(reads).toBeLessThan(5);
  });

  test('NaN and Inf are named by row and column, of a member of its own too', async () => {
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      const bad = takeRows(
        x,
        Int32Array.from({ length: x.rows }, (_, n) => n),
      );
      bad.data[700 * d + 3] = value;
      const work = passOverActivations(rowsOf(bad), kinds, kernel, { blockRows: 256, file: 'x.npy' });
      await expect(work).rejects.toMatchObject({
        code: 'input.non-finite',
        message: expect.stringMatching(new RegExp(`x.npy, activations, row 700, column 3.*found ${value}`)),
      });
      const own = passOverActivations(rowsOf(x), [{ ...kinds[0], own: rowsOf(bad) }], kernel);
      await expect(own).rejects.toThrow(/activations of topk, row 700, column 3/);
    }
  });

  test('what does not fit together is refused', async () => {
    const refused = (source: Matrix, members: readonly PassMember[]) =>
      expect(passOverActivations(rowsOf(source), members, kernel)).rejects.toMatchObject({
        code: 'input.shape',
      });
    await refused(zeros(0, d), kinds);
    await refused(zeros(5, d + 1), kinds);
    await refused(x, [{ ...kinds[0], own: rowsOf(zeros(5, d)) }]);
    await refused(x, [{ ...kinds[0], codes: await encode(kinds[0].sae, rowRange(x, 0, 9), kernel) }]);
  });

  test('chosen rows are the rows, read in pieces', async () => {
    let reads = 0;
    const source: ActivationRows = {
      ...rowsOf(x),
      async read(from, to) {
        reads++;
        return rowRange(x, from, to);
      },
    };
    const rows = [0, 1, 5, 500, 501, 1099];
    expect(await takeActivationRows(source, rows)).toEqual(takeRows(x, rows));
    expect(reads).toBe(3);
    expect((await takeActivationRows(source, [])).rows).toBe(0);
  });
});

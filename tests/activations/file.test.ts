// Activations from every container, from folders of shards, whole and by rows: the same numbers, and clear messages for
// anything else.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openActivations } from '../../src/activations/activation-rows.js';
import { activationParts } from '../../src/activations/activation-tensor.js';
import { loadActivations } from '../../src/activations/file.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import type { Tensor } from '../../src/formats/tensor.js';
import { messageOf } from '../formats/message-of.js';
import { zipBytes } from '../formats/zip-bytes.js';

const run = promisify(execFile);

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/npy/${name}`, import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-x-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function safetensors(path: string, tensors: Record<string, Tensor>): Promise<string> {
  const file = join(folder, `${path}.safetensors`);
  await writeFile(file, encodeSafetensors(tensors));
  return file;
}

/** A folder with these files, each of rows that count on from `from`. */
async function shards(name: string, files: Record<string, { from: number; rows: number }>): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  for (const [file, { from, rows }] of Object.entries(files)) {
    const data = Float32Array.from({ length: rows * 2 }, (_, i) => from * 2 + i);
    await writeFile(join(path, file), encodeSafetensors({ x: { shape: [rows, 2], data } }));
  }
  return path;
}

const values = Float64Array.of(0.1, -2.5, 3, 1e-3, 0, 1024);

describe('activations', () => {
  it('are read as float32 from any file, and from float64 and float16', async () => {
    const doubles = await safetensors('doubles', { any: { shape: [2, 3], data: values } });
    const files = ['single.npy', 'double.npy', 'big-endian.npy', 'columns-first.npy'].map(fixture);
    for (const file of [...files, doubles]) {
      const { rows, cols, data } = await loadActivations(file);
      expect([rows, cols]).toEqual([2, 3]);
      expect(data).toEqual(Float32Array.from(values));
      expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
    }
    expect((await loadActivations(fixture('half.npy'))).data[5]).toBe(1024);
  });

  it('are the only tensor of floats with two dimensions', async () => {
    const x = { shape: [2, 3], data: Float32Array.from(values) };
    const file = await safetensors('several', {
      tokens: { shape: [2, 3], data: Int32Array.of(1, 2, 3, 4, 5, 6) },
      x,
      mean: { shape: [3], data: Float32Array.of(1, 2, 3) },
    });
    expect(await loadActivations(file)).toEqual({ rows: 2, cols: 3, data: x.data });
  });

  it('are the tensor that is named behind a #', async () => {
    const b = Float32Array.from(values);
    for (const name of ['stored.npz', 'deflated.npz']) {
      expect((await loadActivations(`${fixture(name)}#nested/b`)).data).toEqual(b);
    }
    const odd = await safetensors('odd#name', { 'a#b': { shape: [1, 1], data: Float32Array.of(1) } });
    for (const path of [odd, `${odd}#a#b`])
      expect((await loadActivations(path)).data).toEqual(Float32Array.of(1));
  });

  it('of a folder follow one another in natural order, whatever lies beside them', async () => {
    const path = await shards('natural', {
      'x-10.safetensors': { from: 5, rows: 2 },
      'x-9.safetensors': { from: 2, rows: 3 },
      'x-1.safetensors': { from: 0, rows: 2 },
      'x-9b.safetensors': { from: 5, rows: 0 },
    });
    for (const note of ['README.md', 'config.json', '.lock']) await writeFile(join(path, note), 'a note');
    expect(await loadActivations(path)).toEqual({
      rows: 7,
      cols: 2,
      data: Float32Array.from({ length: 14 }, (_, i) => i),
    });
  });

  it('of a folder may lie in files of several kinds, with one name for all', async () => {
    const path = join(folder, 'mixed');
    await mkdir(path);
    await copyFile(fixture('stored.npz'), join(path, '1'));
    await copyFile(fixture('deflated.npz'), join(path, '2'));
    const { rows, data } = await loadActivations(`${path}#W_enc`);
    expect(rows).toBe(4);
    expect(data).toEqual(Float32Array.of(...values, ...values));
  });
});

describe('rows', () => {
  it('are as in the whole, in any order, asked for one after another or at once', async () => {
    const path = await shards('parts', {
      '1.safetensors': { from: 0, rows: 3 },
      '2.safetensors': { from: 3, rows: 1 },
      '3.safetensors': { from: 4, rows: 4 },
    });
    const doubles = { shape: [5, 2], data: Float64Array.from({ length: 10 }, (_, i) => 16 + i) };
    await writeFile(join(path, '4'), encodeSafetensors({ x: doubles }));
    const activations = await openActivations(path);
    expect(activations).toMatchObject({ rows: 13, cols: 2 });
    const range = fc.tuple(fc.nat(13), fc.nat(13), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 5 }), fc.boolean(), async (ranges, atOnce) => {
        const jobs = ranges.map(([a, b, given]) => async () => {
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          const storage = given ? new Float32Array(2 * (to - from)) : undefined;
          const x = await activations.read(from, to, storage);
          const data = Float32Array.from({ length: 2 * (to - from) }, (_, i) => 2 * from + i);
          expect(x).toEqual({ rows: to - from, cols: 2, data });
          if (storage) expect(x.data).toBe(storage);
          else expect(x.data.buffer).toBeInstanceOf(SharedArrayBuffer);
        });
        if (atOnce) await Promise.all(jobs.map((job) => job()));
        else for (const job of jobs) await job();
      }),
      { numRuns: 50 },
    );
    await activations.close();
    // It opens again what it needs.
    expect((await activations.read(0, 1)).data).toEqual(Float32Array.of(0, 1));
    await activations.close();
  });

  it('of float64 are rounded piece by piece', async () => {
    const cols = 100_000;
    const data = Float64Array.from({ length: 3 * cols }, (_, i) => i / 7);
    const activations = await openActivations(await safetensors('wide', { x: { shape: [3, cols], data } }));
    const { data: read } = await activations.read(1, 3);
    await activations.close();
    const wrong = [...read.keys()].filter((i) => read[i] !== Math.fround(data[cols + i]));
    expect(wrong).toEqual([]);
  });

  it('that are not there are refused', async () => {
    const activations = await openActivations(fixture('single.npy'));
    for (const [from, to] of [
      [0, 3],
      [-1, 1],
      [2, 1],
      [0.5, 1],
    ]) {
      expect(await messageOf(activations.read(from, to), 'input.shape')).toMatch(
        /single\.npy: it has no such rows; found 2 rows; expected rows/,
      );
    }
    expect(await activations.read(2, 2)).toEqual({ rows: 0, cols: 3, data: new Float32Array(0) });
    await activations.close();
  });

  it('of a file that is replaced while it is read are refused', async () => {
    const file = await safetensors('replaced', { x: { shape: [2, 3], data: Float32Array.from(values) } });
    const activations = await openActivations(file);
    await writeFile(file, encodeSafetensors({ x: { shape: [2, 3], data: values } }));
    expect(await messageOf(activations.read(0, 2))).toMatch(
      /replaced\.safetensors, tensor x: it changed while/,
    );
    await activations.close();
  });

  it('of more than memory holds are gone through in little of it', async () => {
    const file = join(folder, 'large.npy');
    const [rows, cols] = [2 ** 22, 128];
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${cols}), }`
      .padEnd(117)
      .concat('\n');
    await writeFile(
      file,
      Buffer.concat([Buffer.from([0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0]), Buffer.from(header)]),
    );
    await truncate(file, 128 + 4 * rows * cols);
    const script = `
      import { openActivations } from ${JSON.stringify(new URL('../../dist/activations/activation-rows.js', import.meta.url))};
      const x = await openActivations(${JSON.stringify(file)});
      const step = 2 ** 14;
      const storage = new Float32Array(new SharedArrayBuffer(4 * step * x.cols));
      for (let from = 0; from < x.rows; from += step) await x.read(from, from + step, storage);
      await x.close();
      console.log(process.resourceUsage().maxRSS / 1024);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
    expect(Number(stdout)).toBeGreaterThan(20);
    expect(Number(stdout)).toBeLessThan(150);
  });
});

describe('what cannot be activations is refused', () => {
  const row = { shape: [3], data: Float32Array.of(1, 2, 3) };
  const square = { shape: [1, 2], data: Float32Array.of(1, 2) };

  it('by rank, type, name, or because several could be meant', async () => {
    const refused = (path: string, code?: string) => messageOf(loadActivations(path), code);
    expect(await refused(fixture('vector.npy'), 'input.shape')).toMatch(
      /vector\.npy, tensor array: activations have two dimensions, or three; found \[3\]; expected \[rows × d\]/,
    );
    expect(await refused(await safetensors('row', { x: row }), 'input.shape')).toMatch(
      /tensor x: .*found \[3\]/,
    );
    expect(await refused(await safetensors('two', { x: square, y: square, z: row }))).toMatch(
      /two\.safetensors: .*which tensor .*found x \(F32 \[1 × 2\]\), y \(F32 \[1 × 2\]\), z \(F32 \[3\]\); expected .*FILE#NAME/,
    );
    expect(await refused(await safetensors('rows', { x: row, y: row }))).toMatch(
      /which tensor .*found x \(F32 \[3\]\), y/,
    );
    expect(await refused(await safetensors('none', {}))).toMatch(/which tensor .*found no tensors/);
    const whole = { shape: [1, 3], data: Int32Array.of(1, 2, 3) };
    const wholes = await safetensors('whole', { x: whole });
    expect(await refused(wholes)).toMatch(
      /tensor x: it does not hold floats; found I32; expected F64, F32, F16, BF16/,
    );
    expect(await refused(`${wholes}#y`)).toMatch(
      /whole\.safetensors, tensor y: it is not in the file; found x/,
    );
    expect(await refused(`${wholes}#`)).toMatch(
      /whole\.safetensors, tensor : it is not in the file; found x/,
    );
    expect(await refused(fileURLToPath(import.meta.url))).toMatch(
      /file\.test\.ts: it is not a file of tensors .*found bytes 47 47 .*expected safetensors/,
    );
  });

  it('by what a folder holds', async () => {
    const refused = (path: string, code: string) => messageOf(loadActivations(path), code);
    const path = await shards('widths', { 'a.safetensors': { from: 0, rows: 3 } });
    await copyFile(fixture('single.npy'), join(path, 'b.npy'));
    expect(await refused(path, 'input.shape')).toMatch(
      /b\.npy, tensor array: it has rows of another width; found 3; expected 2, as in .*a\.safetensors/,
    );
    await writeFile(join(path, 'a.bin'), 'something else');
    expect(await refused(path, 'input.format')).toMatch(/a\.bin: it is not a file of tensors/);
    await mkdir(join(path, 'c'));
    expect(await refused(path, 'input.file')).toMatch(/c: there is a folder among the activations/);
    const empty = await shards('empty', {});
    await writeFile(join(empty, 'config.json'), '{}');
    expect(await refused(empty, 'input.file')).toMatch(/empty: there are no activations in it/);
  });

  it('by not being there', async () => {
    for (const path of ['none', 'none#x', 'none/x#y', 'widths/a.safetensors/x']) {
      expect(await messageOf(loadActivations(join(folder, path)), 'input.file')).toMatch(
        new RegExp(`${path}: cannot read it: there is no such file`),
      );
    }
  });
});

describe('activations of sequences', () => {
  const counting = (...shape: number[]) => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  });
  const rowsAt = (...rows: number[]) => rows.flatMap((n) => [2 * n, 2 * n + 1]);

  it('[batch × sequence × d] are rows of positions, and that is said', async () => {
    const file = await safetensors('cube', { x: counting(3, 4, 2) });
    const { rows, cols, data } = await loadActivations(file);
    expect([rows, cols, [...data]]).toEqual([12, 2, rowsAt(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)]);
    expect((await openActivations(file)).notes).toEqual([`${file}: x [3 × 4 × 2]: 12 rows, one a position`]);
  });

  it('lose first positions where that is asked for, in float64 too, by any range', async () => {
    const cube = counting(3, 4, 2);
    const kept = [2, 3, 6, 7, 10, 11];
    for (const x of [cube, { ...cube, data: Float64Array.from(cube.data) }]) {
      const file = await safetensors('dropped', { x });
      const all = await openActivations(file, { dropFirst: 2 });
      expect(all.notes).toEqual([
        `${file}: x [3 × 4 × 2]: 6 rows, one a position, without the first 2 of each sequence`,
      ]);
      for (const [from, to] of [
        [0, 6],
        [1, 4],
        [3, 3],
        [5, 6],
      ]) {
        expect([...(await all.read(from, to)).data]).toEqual(rowsAt(...kept.slice(from, to)));
      }
      await all.close();
    }
    const none = await openActivations(await safetensors('dropped', { x: cube }), { dropFirst: 9 });
    expect(none.rows).toBe(0);
  });

  it('of more values than are read at once are whole', async () => {
    const file = await safetensors('long', { x: counting(300, 5, 128) });
    const { rows, data } = await loadActivations(file, { dropFirst: 1 });
    expect(rows).toBe(1200);
    for (const n of [0, 3, 4, 1199]) {
      const at = Math.floor(n / 4) * 5 + 1 + (n % 4);
      expect([data[n * 128], data[n * 128 + 127]]).toEqual([at * 128, at * 128 + 127]);
    }
  });

  it('in a list of tensors of one width are joined', async () => {
    const list = { 0: counting(2, 2), 1: counting(3, 2), 2: counting(1, 2) };
    const file = await safetensors('list', list);
    expect([...(await loadActivations(file)).data]).toEqual(rowsAt(0, 1, 0, 1, 2, 0));
    expect((await openActivations(file)).notes).toEqual([
      `${file}: 3 tensors, joined: 6 rows, one a position`,
    ]);
    expect([...(await loadActivations(file, { dropFirst: 1 })).data]).toEqual(rowsAt(1, 1, 2));
    const named = await safetensors('named', {
      'acts/0': counting(2, 2),
      'acts/1': counting(2, 2),
      y: counting(2, 2),
    });
    expect([...(await loadActivations(`${named}#acts`)).data]).toEqual(rowsAt(0, 1, 0, 1));
  });

  it('in a list of other widths are not', async () => {
    const file = await safetensors('widths', { 0: counting(2, 2), 1: counting(2, 3) });
    expect(await messageOf(loadActivations(file))).toMatch(/or its name as FILE#NAME/);
    expect((await loadActivations(`${file}#1`)).cols).toBe(3);
  });

  it('are needed to leave out first positions', async () => {
    const file = await safetensors('flat', { x: counting(4, 2) });
    expect(await messageOf(loadActivations(file, { dropFirst: 1 }), 'usage.argument')).toMatch(
      /--drop-first: there are no sequences .*found tensor x \[4 × 2\]; expected \[batch × sequence × d\]/,
    );
    expect(
      await messageOf(loadActivations(await safetensors('four', { x: counting(1, 2, 2, 2) })), 'input.shape'),
    ).toMatch(/found \[1 × 2 × 2 × 2\]; expected \[rows × d\] or \[batch × sequence × d\]/);
  });
});

describe('arrays of text in an .npz', () => {
  const text = npy('<U2', [2], new Uint8Array(16));
  const numbers = npy('<f4', [2, 1], new Uint8Array(Float32Array.of(3, 4).buffer));

  it('are skipped and named, and refused where they are asked for', async () => {
    const file = join(folder, 'labels.npz');
    await writeFile(
      file,
      zipBytes([
        { name: 'labels.npy', content: text },
        { name: 'acts.npy', content: numbers },
      ]),
    );
    const x = await openActivations(file);
    expect([...(await x.read(0, 2)).data]).toEqual([3, 4]);
    expect(x.notes).toEqual([`${file}: skipped labels, which is not of numbers`]);
    await x.close();
    expect(await messageOf(loadActivations(`${file}#labels`))).toMatch(
      /its element type cannot be read; found "<U2"/,
    );
  });

  it('alone are no activations', async () => {
    const file = join(folder, 'text.npz');
    await writeFile(file, zipBytes([{ name: 'labels.npy', content: text }]));
    expect(await messageOf(loadActivations(file))).toMatch(
      /it is not clear which tensor holds the activations; found no tensors/,
    );
  });
});

/** A .npy file of version 1. */
function npy(descr: string, shape: readonly number[], data: Uint8Array): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }\n`;
  const head = Uint8Array.of(0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, header.length, 0);
  return Buffer.concat([head, new TextEncoder().encode(header), data]);
}

it('a file that claims more rows than numbers can tell apart is refused', () => {
  const claim = (...shape: number[]) => ({
    format: 'torch' as const,
    file: 'claims.pt',
    size: 1071,
    tensors: new Map([['x', { name: 'x', dtype: 'F32' as const, shape }]]),
    values: {},
    read: () => Promise.reject(new Error('nothing is read')),
  });
  expect(() => activationParts(claim(2 ** 31 - 1, 2 ** 31 - 1, 7))).toThrow(
    'claims.pt, tensor x: it claims more rows than can be counted; found [2147483647 × 2147483647 × 7]',
  );
  expect(activationParts(claim(2 ** 26, 2 ** 26, 7)).parts[0].rows).toBe(2 ** 52);
});

// Safetensors: reads what the reference implementation writes, reads by ranges, and round-trips.
import { execFile } from 'node:child_process';
import { readFile, truncate } from 'node:fs/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/formats/byte-source.js';
import { readSafetensors } from '../../src/formats/read-safetensors.js';
import { encodeSafetensors, safetensorsFile, safetensorsPieces } from '../../src/formats/safetensors.js';
import { float32Tensor, type Tensor } from '../../src/formats/tensor.js';
import { oneFile, rawSafetensors } from './raw-safetensors.js';

const run = promisify(execFile);

const onDisk = oneFile();

describe('a file of the reference implementation', () => {
  const file = new URL('../fixtures/peer.safetensors', import.meta.url).pathname;

  it('is read value by value', async () => {
    const { tensors, metadata } = await readSafetensors(file);
    expect(metadata).toEqual({ 'made by': 'safetensors', note: 'ü {"a":1}' });
    const seen = Object.fromEntries([...tensors].map(([name, t]) => [name, [t.dtype, t.shape, t.data]]));
    expect(seen).toEqual({
      f64: ['F64', [2, 2], new Float64Array([0.1, 1e-300, 3, -1e300])],
      f32: ['F32', [1, 3], new Float32Array([0.1, -2, 3.5])],
      f16: ['F16', [6], new Float32Array([0.0999755859375, -2.5, 65504, 2 ** -24, 0, -0])],
      bf16: [
        'BF16',
        [4],
        new Float32Array([0.10009765625, -2.5, 3.00405527047391e38, 9.183549615799121e-41]),
      ],
      i64: ['I64', [2], new BigInt64Array([2n ** 53n + 1n, -1n])],
      i32: ['I32', [2, 1], new Int32Array([-(2 ** 31), 7])],
      i16: ['I16', [2], new Int16Array([-(2 ** 15), 7])],
      i8: ['I8', [1, 2], new Int8Array([-128, 127])],
      u64: ['U64', [2], new BigUint64Array([2n ** 64n - 1n, 1n])],
      u32: ['U32', [1], new Uint32Array([2 ** 32 - 1])],
      u16: ['U16', [2], new Uint16Array([2 ** 16 - 1, 0])],
      u8: ['U8', [3], new Uint8Array([0, 255, 3])],
      bool: ['BOOL', [3], new Uint8Array([1, 0, 1])],
      scalar: ['F32', [], new Float32Array([1.25])],
      empty: ['F32', [0, 4], new Float32Array(0)],
      'naïve "name"': ['F32', [1], new Float32Array([1])],
    });
  });

  it('lies in shared memory', async () => {
    const { tensors } = await readSafetensors(file);
    for (const { data } of tensors.values()) expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});

describe('by ranges', () => {
  it('opens by the header alone, and reads the bytes of the rows that are asked for', async () => {
    const w = { shape: [4, 2], data: Float32Array.from({ length: 8 }, (_, i) => i) };
    const bytes = encodeSafetensors({ v: { shape: [1], data: Float64Array.of(9) }, w }, { note: 'x' });
    const dataAt = bytes.length - 40;
    const reads: [number, number][] = [];
    const memory = memorySource(bytes, 'x');
    const file = await safetensorsFile({
      ...memory,
      read(out, position) {
        reads.push([position, out.length]);
        return memory.read(out, position);
      },
    });
    expect(file).toMatchObject({
      format: 'safetensors',
      file: 'x',
      size: bytes.length,
      values: { note: 'x' },
    });
    expect([...file.tensors.keys()]).toEqual(['v', 'w']);
    const part = await file.read('w', { from: 1, to: 3 });
    expect(part).toEqual({ shape: [2, 2], data: Float32Array.of(2, 3, 4, 5), dtype: 'F32' });
    expect(reads).toEqual([
      [0, 8],
      [8, dataAt - 8],
      [dataAt + 16, 16],
    ]);
  });

  it('a file of 4 GiB costs what is used of it', async () => {
    const rows = 2 ** 24;
    const header = JSON.stringify({ w: { dtype: 'F32', shape: [rows, 64], data_offsets: [0, 256 * rows] } });
    const file = await onDisk(rawSafetensors(header, 0));
    await truncate(file, 8 + header.length + 256 * rows);
    const script = `
      import { openTensorFile } from ${JSON.stringify(new URL('../../dist/formats/open-tensor-file.js', import.meta.url))};
      const begin = performance.now();
      const { shape } = await openTensorFile(${JSON.stringify(file)}, (f) => f.read('w', { from: ${rows - 10}, to: ${rows} }));
      const mebibytes = process.resourceUsage().maxRSS / 1024;
      console.log(JSON.stringify({ shape, ms: performance.now() - begin, mebibytes }));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
    const { shape, ms, mebibytes } = JSON.parse(stdout);
    expect(shape).toEqual([10, 64]);
    expect(ms).toBeLessThan(1000);
    expect(mebibytes).toBeLessThan(150);
  });
});

describe('writing', () => {
  it('gives the bytes of the reference implementation', async () => {
    const bytes = encodeSafetensors(
      {
        a: { shape: [0, 2], data: new Float32Array(0) },
        'a.long': { shape: [], data: new Float64Array([0.1]) },
        b: { shape: [2, 2], data: new Float32Array([0.1, -2, 3.5, 1e-8]) },
        count: { shape: [3], data: new Int32Array([1, -2, 3]) },
      },
      { config: '{"k": 2}' },
    );
    const peer = await readFile(new URL('../fixtures/peer-written.safetensors', import.meta.url));
    expect(Buffer.from(bytes).toString('latin1')).toBe(peer.toString('latin1'));
  });

  it('does not depend on the order of tensors or metadata, and writes views as they are', () => {
    const x: Tensor = { shape: [2], data: new Float32Array([9, 1, 2]).subarray(1) };
    const y: Tensor = { shape: [1], data: new Float64Array([3]) };
    const one = encodeSafetensors({ x, y }, { p: '1', q: '2' });
    expect(encodeSafetensors({ y, x }, { q: '2', p: '1' })).toEqual(one);
    const data = one.slice(-16).buffer;
    expect(new Float64Array(data, 0, 1)).toEqual(new Float64Array([3]));
    expect(new Float32Array(data, 8)).toEqual(new Float32Array([1, 2]));
  });

  it('gives the same bytes in pieces, however large a tensor is', () => {
    const large = new Uint8Array(2 ** 26 + 3).fill(7, 2 ** 26 - 2);
    const tensors: Record<string, Tensor> = {
      large: { shape: [large.length], data: large },
      none: { shape: [0], data: new Float32Array(0) },
      part: { shape: [2], data: new Float32Array([9, 1, 2]).subarray(1) },
    };
    const pieces = safetensorsPieces(tensors, { p: '1' });
    const joined = Buffer.concat([...pieces]);
    expect(joined.length).toBe(pieces.bytes);
    expect(joined.equals(encodeSafetensors(tensors, { p: '1' }))).toBe(true);
    expect(Math.max(...Array.from(pieces, ({ length }) => length))).toBe(2 ** 26);
  });

  it('writes files larger than any array', () => {
    // 131072 × 4096, the same memory three times, which nobody has touched.
    const data = new Float32Array(new SharedArrayBuffer(2 ** 31));
    const tensor: Tensor = { shape: [2 ** 17, 2 ** 12], data };
    const pieces = safetensorsPieces({ a: tensor, b: tensor, c: tensor });
    let bytes = 0;
    for (const { length } of pieces) bytes += length;
    expect(bytes).toBe(pieces.bytes);
    expect(bytes).toBeGreaterThan(3 * 2 ** 31);
    const [head] = pieces;
    expect(JSON.parse(new TextDecoder().decode(head.subarray(8))).c.data_offsets).toEqual([
      2 ** 32,
      3 * 2 ** 31,
    ]);
  });

  it('aligns every tensor to its width', async () => {
    const bytes = encodeSafetensors({
      a: { shape: [3], data: new Uint8Array(3) },
      b: { shape: [1], data: new Float32Array(1) },
      c: { shape: [1], data: new Float64Array(1) },
    });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(header.c.data_offsets).toEqual([0, 8]);
    expect(header.b.data_offsets).toEqual([8, 12]);
    expect(header.a.data_offsets).toEqual([12, 15]);
  });

  it('refuses a shape that does not fit the values', () => {
    expect(() => encodeSafetensors({ w: { shape: [2, 2], data: new Float32Array(3) } })).toThrow(
      'tensor w: wrong number of values for its shape; found 3 values; expected 2 × 2 = 4',
    );
  });

  it('is undone by reading', async () => {
    const values = fc.oneof(
      fc.float32Array({ maxLength: 9 }),
      fc.float64Array({ maxLength: 9 }),
      fc.int32Array({ maxLength: 9 }),
      fc.uint8Array({ maxLength: 9 }),
      fc.bigInt64Array({ maxLength: 9 }),
      fc.int16Array({ maxLength: 9 }),
      fc.int8Array({ maxLength: 9 }),
      fc.bigUint64Array({ maxLength: 9 }),
      fc.uint32Array({ maxLength: 9 }),
      fc.uint16Array({ maxLength: 9 }),
    );
    const tensors = fc.dictionary(
      fc.string({ unit: 'binary' }).filter((s) => s !== '__metadata__'),
      values,
      { maxKeys: 5 },
    );
    const metadata = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(tensors, metadata, async (given, notes) => {
        const named = Object.fromEntries(
          Object.entries(given).map(([name, data]) => [name, { shape: [data.length, 1], data }]),
        );
        const read = await readSafetensors(await onDisk(encodeSafetensors(named, notes)));
        expect(new Map(Object.entries(read.metadata))).toEqual(new Map(Object.entries(notes)));
        expect([...read.tensors.keys()].sort()).toEqual(Object.keys(named).sort());
        for (const [name, { shape, data }] of read.tensors) {
          expect(shape).toEqual(named[name].shape);
          expect(data).toEqual(named[name].data);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('a tensor that must be there', () => {
  const tensors = new Map<string, Tensor>([
    ['w', { shape: [2, 1], data: new Float32Array([1, 2]) }],
    ['d', { shape: [1], data: new Float64Array([0.1]) }],
    ['i', { shape: [1], data: new Int32Array([1]) }],
  ]);

  it('is given as float32', () => {
    expect(float32Tensor(tensors, 'w', [2, 1], 'f')).toEqual(new Float32Array([1, 2]));
    expect(float32Tensor(tensors, 'd', [1], 'f')).toEqual(new Float32Array([0.1]));
  });

  it('is refused by name, shape and type', () => {
    expect(() => float32Tensor(tensors, 'x', [1], 'f')).toThrow(
      'f, tensor x: it is not in the file; found w, d, i',
    );
    expect(() => float32Tensor(tensors, 'w', [1, 2], 'f')).toThrow('found [2 × 1]; expected [1 × 2]');
    expect(() => float32Tensor(tensors, 'w', [2], 'f')).toThrow('found [2 × 1]; expected [2]');
    expect(() => float32Tensor(tensors, 'i', [1], 'f')).toThrow('it does not hold floats; found I32');
  });
});

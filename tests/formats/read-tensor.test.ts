// Tensors out of their bytes: any layout read against the definition of strides, forwards, by no more than it takes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteSource, memorySource } from '../../src/formats/byte-source.js';
import { readTensor } from '../../src/formats/read-tensor.js';
import { checkStored, type StoredTensor } from '../../src/formats/stored-tensor.js';
import { type Dtype, dtypeBytes, type TensorData } from '../../src/formats/tensor.js';
import { messageOf } from './message-of.js';

/** One element by the definition of its type, from a view of it. */
const element: Record<Dtype, (view: DataView, little: boolean) => number | bigint> = {
  F64: (view, little) => view.getFloat64(0, little),
  F32: (view, little) => view.getFloat32(0, little),
  F16: (view, little) => halfValue(view.getUint16(0, little)),
  BF16: (view, little) => {
    const wide = new DataView(new ArrayBuffer(4));
    wide.setUint32(0, view.getUint16(0, little) * 2 ** 16);
    return wide.getFloat32(0);
  },
  I64: (view, little) => view.getBigInt64(0, little),
  I32: (view, little) => view.getInt32(0, little),
  I16: (view, little) => view.getInt16(0, little),
  I8: (view) => view.getInt8(0),
  U64: (view, little) => view.getBigUint64(0, little),
  U32: (view, little) => view.getUint32(0, little),
  U16: (view, little) => view.getUint16(0, little),
  U8: (view) => view.getUint8(0),
  BOOL: (view) => view.getUint8(0),
};

/** IEEE 754 binary16. */
function halfValue(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, (bits & 1023) / 1024];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

/** All elements in row-major order, one by one. */
function byDefinition(bytes: Uint8Array, { dtype, shape, strides = [], begin, bigEndian }: StoredTensor) {
  const values: (number | bigint)[] = [];
  const visit = (axis: number, at: number): void => {
    if (axis === shape.length) {
      const view = new DataView(bytes.buffer, begin + at * dtypeBytes[dtype], dtypeBytes[dtype]);
      values.push(element[dtype](view, bigEndian !== true));
      return;
    }
    for (let i = 0; i < shape[axis]; i++) visit(axis + 1, at + i * strides[axis]);
  };
  visit(0, 0);
  return values;
}

/** A tensor whose axes lie in any order, with gaps between them, repeated along some. */
const stored = fc
  .record({
    dtype: fc.constantFrom(...(Object.keys(dtypeBytes) as Dtype[])),
    axes: fc.array(
      fc.record({ count: fc.nat(5), gap: fc.constantFrom(0, 0, 1, 3, 5000), repeat: fc.nat(9) }),
      {
        maxLength: 4,
      },
    ),
    order: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
    begin: fc.nat(20),
    bigEndian: fc.boolean(),
  })
  .map(({ dtype, axes, order, begin, bigEndian }): StoredTensor => {
    const strides = axes.map(() => 0);
    let span = 1;
    const byStorage = axes.map((_, i) => i).sort((a, b) => order[a] - order[b]);
    for (const i of byStorage) {
      const { count, gap, repeat } = axes[i];
      if (repeat === 0) continue;
      strides[i] = span + gap;
      span += Math.max(0, count - 1) * strides[i];
    }
    return { name: 'x', dtype, shape: axes.map(({ count }) => count), strides, begin, bigEndian };
  });

/** Random bytes that end with the last element of the tensor. */
function bytesFor({ dtype, shape, strides = [], begin }: StoredTensor): Uint8Array {
  const last = shape.includes(0) ? -1 : shape.reduce((at, count, i) => at + (count - 1) * strides[i], 0);
  const bytes = new Uint8Array(begin + (last + 1) * dtypeBytes[dtype]);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 2_654_435_761) >>> 13;
  return bytes;
}

/** Notes what is read. */
function noted(source: ByteSource): { source: ByteSource; reads: { position: number; length: number }[] } {
  const reads: { position: number; length: number }[] = [];
  const read: ByteSource['read'] = (out, position) => {
    reads.push({ position, length: out.length });
    return source.read(out, position);
  };
  return { reads, source: { name: source.name, size: source.size, read } };
}

describe('any layout', () => {
  it('is read as strides define it, whole and by rows, forwards', async () => {
    await fc.assert(
      fc.asyncProperty(stored, fc.nat(), fc.nat(), async (tensor, a, b) => {
        const bytes = bytesFor(tensor);
        const { source, reads } = noted(memorySource(bytes, 'file'));
        const whole = await readTensor(source, tensor);
        const expected = byDefinition(bytes, tensor);
        expect([...whole.data]).toEqual(expected);
        expect(whole).toMatchObject({ shape: tensor.shape, dtype: tensor.dtype });
        expect(whole.data.buffer).toBeInstanceOf(SharedArrayBuffer);
        const ends = reads.map(({ position, length }) => position + length);
        expect(reads.every(({ position }, i) => i === 0 || position >= ends[i - 1])).toBe(true);

        if (tensor.shape.length === 0) return;
        const [from, to] = [a, b].map((n) => n % (tensor.shape[0] + 1)).sort((x, y) => x - y);
        const width = expected.length / Math.max(1, tensor.shape[0]);
        const rows = await readTensor(source, tensor, { from, to });
        expect([...rows.data]).toEqual(expected.slice(from * width, to * width));
        expect(rows.shape).toEqual([to - from, ...tensor.shape.slice(1)]);
      }),
      { numRuns: 400 },
    );
  });

  it('of more than one window', async () => {
    const [rows, cols] = [600, 1100];
    const wide = Uint32Array.from({ length: rows * cols }, (_, i) => i);
    const source = memorySource(new Uint8Array(wide.buffer), 'file');
    const fortran = { name: 'x', dtype: 'U32', shape: [rows, cols], strides: [1, rows], begin: 0 } as const;
    const { data } = await readTensor(source, fortran);
    const wrong = [...data.keys()].filter((at) => data[at] !== (at % cols) * rows + Math.floor(at / cols));
    expect(wrong).toEqual([]);
  });

  it('of more bytes than an array of bytes may have', async () => {
    const count = 2 ** 30 + 2;
    const reads: [number, number][] = [];
    const source: ByteSource = {
      name: 'file',
      size: 4 * count + 8,
      // Writes nothing but its last byte, so that the memory stays a promise.
      async read(out, position) {
        reads.push([position, out.length]);
        if (position + out.length === this.size) out[out.length - 1] = 7;
        return out;
      },
    };
    const { data } = await readTensor(source, { name: 'x', dtype: 'U32', shape: [count], begin: 8 });
    expect(data.length).toBe(count);
    expect(data[count - 1]).toBe(7 * 2 ** 24);
    expect(reads).toEqual([0, 1, 2, 3, 4].map((i) => [8 + i * 2 ** 30, i < 4 ? 2 ** 30 : 8]));
  });

  it('goes into the storage that is given, where that fits', async () => {
    const source = memorySource(Uint8Array.of(0x3f, 0x80, 0, 0, 0x40, 0, 0, 0), 'file');
    const tensor = { name: 'x', dtype: 'F32', shape: [2], begin: 0, bigEndian: true } as const;
    const storage: TensorData = new Float32Array(5).subarray(2, 4);
    expect((await readTensor(source, tensor, undefined, storage)).data).toBe(storage);
    expect([...new Float32Array(storage.buffer)]).toEqual([0, 0, 1, 2, 0]);
    const bytes = new Uint8Array(9).subarray(2, 5);
    await readTensor(source, { name: 'x', dtype: 'U8', shape: [3], begin: 3 }, undefined, bytes);
    expect([...new Uint8Array(bytes.buffer)]).toEqual([0, 0, 0, 0x40, 0, 0, 0, 0, 0]);
    for (const other of [new Float32Array(3), new Float64Array(2)]) {
      const { data } = await readTensor(source, tensor, undefined, other);
      expect(data).toEqual(Float32Array.of(1, 2));
      expect([...other].every((value) => value === 0)).toBe(true);
    }
  });
});

describe('no more is read than it takes', () => {
  const source = (size: number) => noted(memorySource(new Uint8Array(size), 'file'));

  it('for rows in their order: their bytes', async () => {
    const file = source(40_000);
    await readTensor(
      file.source,
      { name: 'x', dtype: 'F32', shape: [100, 100], begin: 0 },
      { from: 7, to: 9 },
    );
    expect(file.reads).toEqual([{ position: 2800, length: 800 }]);
  });

  it('for rows that lie by columns: those of each column, where columns are long', async () => {
    const file = source(40_000);
    const tensor = { name: 'x', dtype: 'F32', shape: [2000, 5], strides: [1, 2000], begin: 0 } as const;
    await readTensor(file.source, tensor, { from: 10, to: 12 });
    expect(file.reads).toEqual([0, 1, 2, 3, 4].map((i) => ({ position: 40 + 8000 * i, length: 8 })));
  });

  it('for none: nothing', async () => {
    const file = source(0);
    await readTensor(file.source, { name: 'x', dtype: 'F32', shape: [0, 2 ** 30], begin: 0 });
    expect(file.reads).toEqual([]);
  });
});

describe('what is not sound is refused', () => {
  const source = memorySource(new Uint8Array(1000), 'file');
  const tensor = (change: Partial<StoredTensor>): StoredTensor => ({
    name: 'w',
    dtype: 'F32',
    shape: [2, 3],
    begin: 0,
    ...change,
  });

  it.each([
    [
      tensor({ begin: 980 }),
      'file, tensor w: the file ends before its data; found 1000 bytes; expected 1004 for F32 [2 × 3] at offset 980',
    ],
    [tensor({ strides: [1000, 1] }), 'the file ends before its data; found 1000 bytes; expected 4012'],
    [tensor({ shape: [2 ** 26, 2 ** 26] }), 'the file ends before its data'],
    [tensor({ strides: [-3, 1] }), 'its layout is wrong; found shape [2, 3], strides [-3, 1], offset 0'],
    [tensor({ strides: [1] }), 'its layout is wrong; found shape [2, 3], strides [1]'],
    [tensor({ shape: [2.5] }), 'its layout is wrong; found shape [2.5]'],
    [tensor({ begin: Number.NaN }), 'offset NaN; expected whole numbers'],
    [tensor({ strides: [2 ** 60, 1] }), 'its layout is wrong'],
    [tensor({ strides: [2, 1] }), 'its elements lie on each other; found shape [2, 3], strides [2, 1]'],
    [tensor({ shape: Array(65).fill(1) }), 'it has too many dimensions; found 65; expected at most 64'],
    // A view that repeats one element: 4 bytes that claim petabytes.
    [
      tensor({ shape: [2 ** 25, 2 ** 25], strides: [0, 0] }),
      'it claims far more than its file holds; found 4503599627370496 bytes',
    ],
  ])('%j', async (wrong, message) => {
    expect(await messageOf(readTensor(source, wrong))).toContain(message);
  });

  it('rows that it does not have', async () => {
    for (const rows of [
      { from: 0, to: 3 },
      { from: 2, to: 1 },
      { from: -1, to: 1 },
      { from: 0.5, to: 1 },
    ]) {
      const message = await messageOf(readTensor(source, tensor({}), rows), 'input.shape');
      expect(message).toBe(
        `file, tensor w: it has no such rows; found [2 × 3]; expected rows ${rows.from} to ${rows.to}`,
      );
    }
    await messageOf(readTensor(source, tensor({ shape: [] }), { from: 0, to: 0 }), 'input.shape');
  });

  it('but not a view that repeats itself, nor an empty one that begins at the end', () => {
    expect(() => checkStored(source, tensor({ shape: [250, 1], strides: [0, 7] }))).not.toThrow();
    expect(() => checkStored(source, tensor({ shape: [0, 5], begin: 1000 }))).not.toThrow();
  });
});

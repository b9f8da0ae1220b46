// .npy files that NumPy wrote: values as they were, and a clear message for what cannot be read.
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openTensorFile } from '../../src/formats/open-tensor-file.js';
import type { Tensor } from '../../src/formats/tensor.js';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/npy/${name}.npy`, import.meta.url));

const readNpy = (file: string): Promise<Tensor> => openTensorFile(file, (npy) => npy.read('array'));

const values = [0.1, -2.5, 3, 1e-3, 0, 1024];

it.each([
  ['double', values, Float64Array],
  ['single', values.map(Math.fround), Float32Array],
  ['big-endian', values.map(Math.fround), Float32Array],
  ['columns-first', values.map(Math.fround), Float32Array],
  ['whole', values.map(Math.trunc), Int32Array],
  ['version-2', values.map(Math.fround), Float32Array],
  // 0.1 and 0.001 to the 11 bits of float16
  ['half', [0.0999755859375, -2.5, 3, 0.0010004043579101562, 0, 1024], Float32Array],
])('%s', async (name, expected, type) => {
  const { shape, data } = await readNpy(fixture(name));
  expect(shape).toEqual([2, 3]);
  expect(data).toBeInstanceOf(type);
  expect([...data]).toEqual(expected);
  expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
});

it('arrays of another rank, and of no values', async () => {
  expect(await readNpy(fixture('vector'))).toMatchObject({ shape: [3] });
  expect(await readNpy(fixture('scalar'))).toEqual({ shape: [], data: Float32Array.of(2.5), dtype: 'F32' });
  expect(await readNpy(fixture('none'))).toEqual({ shape: [0, 3], data: new Float32Array(0), dtype: 'F32' });
});

it('structured arrays are refused', async () => {
  const error = await readNpy(fixture('records')).catch((e) => e);
  expect(error).toMatchObject({ code: 'input.format', exitCode: 3 });
  expect(error.message).toMatch(
    /records\.npy, descr: .*cannot be read; found \[\["a","<f4"\],\["b","<f4"\]\]/,
  );
});

it('files that are cut, too long, something else, or not there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reseed-npy-'));
  const whole = await readFile(fixture('single'));
  const read = async (bytes: Uint8Array): Promise<string> => {
    await writeFile(join(folder, 'x.npy'), bytes);
    return readNpy(join(folder, 'x.npy')).then(
      () => 'read',
      (e) => e.message,
    );
  };
  expect(await read(whole.subarray(0, 140))).toMatch(/found 12 bytes of data; expected 24 for F32 \[2 × 3\]/);
  expect(await read(Buffer.concat([whole, Buffer.alloc(4)]))).toMatch(/found 28 bytes of data; expected 24/);
  expect(await read(whole.subarray(0, 60))).toMatch(
    /ends within its header; found 60 bytes; expected at least 128/,
  );
  expect(await read(new Uint8Array(0))).toMatch(/not a file of tensors .*; found an empty file/);
  expect(await read(Buffer.from('PK something else'))).toMatch(/not a file of tensors .*; found bytes 80 75/);
  await expect(readNpy(join(folder, 'missing.npy'))).rejects.toThrow(/missing\.npy: .*no such file/);
});

// .npy files that NumPy wrote: values as they were, and a clear message for what cannot be read.
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readNpy } from '../../src/formats/npy.js';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/npy/${name}.npy`, import.meta.url));

const values = [0.1, -2.5, 3, 1e-3, 0, 1024];

it.each([
  ['double', values, Float64Array],
  ['single', values.map(Math.fround), Float32Array],
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
  expect(await readNpy(fixture('scalar'))).toEqual({ shape: [], data: Float32Array.of(2.5) });
  expect(await readNpy(fixture('none'))).toEqual({ shape: [0, 3], data: new Float32Array(0) });
});

it.each([
  [
    'big-endian',
    /big-endian\.npy, descr: its element type cannot be read; found >f4; expected one of <f2, <f4, <f8/,
  ],
  ['whole', /descr: .*found <i4/],
  ['records', /descr: .*found \[\(a, <f4\), \(b, <f4\)\]/],
  ['columns-first', /fortran_order: it is not row-major; found True; expected False/],
])('%s is refused', async (name, message) => {
  const error = await readNpy(fixture(name)).catch((e) => e);
  expect(error).toMatchObject({ code: 'input.format', exitCode: 3 });
  expect(error.message).toMatch(message);
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
  expect(await read(whole.subarray(0, 140))).toMatch(/found 12 bytes of data; expected 24 for <f4 \[2 × 3\]/);
  expect(await read(Buffer.concat([whole, Buffer.alloc(4)]))).toMatch(/found 28 bytes of data; expected 24/);
  expect(await read(whole.subarray(0, 60))).toMatch(
    /ends within its header; found 60 bytes; expected at least 128/,
  );
  expect(await read(new Uint8Array(0))).toMatch(/not a \.npy file; found an empty file/);
  expect(await read(Buffer.from('PK something else'))).toMatch(/not a \.npy file; found bytes 80 75/);
  await expect(readNpy(join(folder, 'missing.npy'))).rejects.toThrow(/missing\.npy: .*no such file/);
});

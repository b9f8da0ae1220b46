// Which container a file is: told by its content, whatever its name; and damaged files of every kind, which end in a
// result or in a clear error.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReseedError } from '../../src/errors.js';
import { memorySource } from '../../src/formats/byte-source.js';
import { openTensorFile, tensorFileOf } from '../../src/formats/open-tensor-file.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { messageOf } from './message-of.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-open-'));
});
afterAll(() => rm(folder, { recursive: true }));

const fixtures = new URL('../fixtures/', import.meta.url);
const contentOf = (name: string) => readFile(new URL(name, fixtures));

it.each([
  ['npy/single.npy', 'npy'],
  ['npy/stored.npz', 'npz'],
  ['npy/empty.npz', 'npz'],
  ['peer.safetensors', 'safetensors'],
])('%s under another name is still %s', async (name, format) => {
  const bytes = await contentOf(name);
  const file = join(folder, 'weights.txt');
  await writeFile(file, bytes);
  const opened = await openTensorFile(file, async (tensors) => tensors);
  expect(opened).toMatchObject({ format, file, size: bytes.length });
});

it('entries say name, type and shape and nothing else', async () => {
  const { tensors } = await tensorFileOf(memorySource(await contentOf('npy/stored.npz'), 'x'));
  expect([...tensors]).toEqual([
    ['W_enc', { name: 'W_enc', dtype: 'F32', shape: [2, 3] }],
    ['nested/b', { name: 'nested/b', dtype: 'F64', shape: [2, 3] }],
    ['step', { name: 'step', dtype: 'I64', shape: [] }],
  ]);
});

describe('what is no file of tensors is refused', () => {
  it.each([
    [
      Buffer.from(''),
      'x: it is not a file of tensors that can be read; found an empty file; expected safetensors',
    ],
    [Buffer.from('a,b\n1,2\n'), 'found bytes 97 44 98 10 49 44 50 10 first'],
    [Buffer.from('\x93NUMPZ'), 'it is not a file of tensors'],
    [
      Buffer.from('PK\x03\x04 and then nothing'),
      'x: it is not a sound zip file; found End of central directory',
    ],
    [Buffer.from('12345678{'), 'the file ends too early for a safetensors header; found 9 bytes'],
  ])('%s', async (bytes, message) => {
    expect(await messageOf(tensorFileOf(memorySource(bytes, 'x')))).toContain(message);
  });

  it('a zip file of something else', async () => {
    const bytes = Buffer.from(await contentOf('npy/stored.npz'));
    // The name of the first member, in the central directory.
    bytes.write('W_enc.txt', bytes.lastIndexOf('W_enc.npy'));
    expect(await messageOf(tensorFileOf(memorySource(bytes, 'x')))).toMatch(
      /^x: it is a zip file, but not one .*; found member W_enc\.txt; expected members that end in \.npy/,
    );
  });

  it('a tensor that is not in it, with those that are', async () => {
    const names = Array.from(
      { length: 10 },
      (_, i) => [`t${i}`, { shape: [1], data: Float32Array.of(i) }] as const,
    );
    const file = await tensorFileOf(memorySource(encodeSafetensors(Object.fromEntries(names)), 'x'));
    expect(await messageOf(file.read('w'))).toBe(
      'x, tensor w: it is not in the file; found t0, t1, t2, t3, t4, t5, t6, t7 and 2 more; expected w',
    );
    expect(await messageOf(file.read('toString'))).toContain('tensor toString: it is not in the file');
  });

  it('a file that is not there, and a folder', async () => {
    const open = (file: string) => openTensorFile(file, async () => undefined);
    expect(await messageOf(open(join(folder, 'none')), 'input.file')).toMatch(
      /none: cannot read it: there is no such file/,
    );
    expect(await messageOf(open(folder), 'input.file')).toMatch(/cannot read it: it is a folder/);
  });
});

it('what is made of the file fails as it failed, and the file is closed', async () => {
  const file = join(folder, 'x.npy');
  await writeFile(file, await contentOf('npy/single.npy'));
  const open = async () => (await readdir('/proc/self/fd').catch(() => [])).length;
  const before = await open();
  const failure = new TypeError('of its own');
  await expect(openTensorFile(file, () => Promise.reject(failure))).rejects.toBe(failure);
  const { read } = await openTensorFile(file, async (tensors) => tensors);
  expect(await messageOf(read('array'), 'input.file')).toMatch(/x\.npy: cannot read it/);
  expect(await open()).toBe(before);
});

describe('damaged files end in a result or in an error that names them', async () => {
  const names = [
    'npy/single.npy',
    'npy/columns-first-half.npy',
    'npy/stored.npz',
    'npy/deflated.npz',
    'npy/zip64.npz',
    'peer.safetensors',
  ];
  const originals = await Promise.all(names.map(async (name) => [name, await contentOf(name)] as const));

  async function readAll(bytes: Uint8Array): Promise<void> {
    try {
      const file = await tensorFileOf(memorySource(bytes, 'damaged file'));
      for (const name of file.tensors.keys()) await file.read(name);
    } catch (error) {
      expect(error).toBeInstanceOf(ReseedError);
      expect((error as Error).message).toContain('damaged file');
    }
  }

  it.each(originals)('%s cut at any byte', async (_, bytes) => {
    for (let length = 0; length < bytes.length; length++) await readAll(bytes.subarray(0, length));
  });

  it.each(originals)('%s with any changes', async (_, bytes) => {
    const change = fc.record({
      at: fc.nat(bytes.length - 1),
      value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)),
      times: fc.constantFrom(1, 1, 2, 4, 8),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const changed = Uint8Array.from(bytes);
        for (const { at, value, times } of changes) changed.fill(value, at, at + times);
        await readAll(changed);
      }),
      { numRuns: 300 },
    );
  });
});

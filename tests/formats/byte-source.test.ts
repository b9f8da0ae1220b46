// Sources of bytes: files, memory and parts of them give what lies at a position, and say where they end.
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ByteSource, memorySource, part } from '../../src/formats/byte-source.js';
import { type FileSource, fileSource } from '../../src/formats/file-source.js';
import { readAhead } from '../../src/formats/read-ahead.js';
import { messageOf } from './message-of.js';

const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) >>> 5);

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-bytes-'));
  file = join(folder, 'x');
  await writeFile(file, bytes);
});
afterAll(async () => {
  await Promise.all(opened.map((source) => source.close()));
  await rm(folder, { recursive: true });
});

/** Closed at the end. */
const opened: FileSource[] = [];
async function openFile(): Promise<FileSource> {
  const source = await fileSource(file);
  opened.push(source);
  return source;
}

const kinds: [string, () => Promise<ByteSource>][] = [
  ['a file', openFile],
  ['memory', async () => memorySource(bytes, file)],
  [
    'a part of a part',
    async () =>
      part(
        part(memorySource(Buffer.concat([Buffer.alloc(9), bytes, Buffer.alloc(9)]), 'all'), 4, 200_014),
        5,
        200_005,
        file,
      ),
  ],
  ['a file read ahead', async () => readAhead(await openFile())],
];

describe.each(kinds)('%s', (_, open) => {
  it('gives the bytes at any position', async () => {
    const source = await open();
    expect(source).toMatchObject({ name: file, size: bytes.length });
    const position = fc.oneof(fc.nat(bytes.length), fc.nat(300));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(position, position), { maxLength: 5 }), async (ranges) => {
        for (const [a, b] of ranges) {
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          const out = new Uint8Array(to - from);
          expect(await source.read(out, from)).toBe(out);
          expect(Buffer.compare(out, bytes.subarray(from, to))).toBe(0);
        }
      }),
    );
  });

  it('has none beyond its end, or before its beginning', async () => {
    const source = await open();
    for (const [length, position] of [
      [2, bytes.length - 1],
      [0, bytes.length + 1],
      [1, -1],
      [1, 2 ** 60],
    ]) {
      expect(await messageOf(source.read(new Uint8Array(length), position))).toBe(
        `${file}: it ends too early; found 200000 bytes; expected ${length} bytes at offset ${position}`,
      );
    }
  });
});

it('a part that is not within its source is refused', () => {
  const source = memorySource(bytes, 'x');
  expect(() => part(source, 0, 200_001)).toThrow('x: it ends too early; found 200000 bytes; expected 200001');
  expect(() => part(source, 5, 4, 'x, member y')).toThrow('x, member y: it ends too early');
});

it('a file that becomes shorter while it is read is refused', async () => {
  const shrinking = join(folder, 'shrinking');
  await writeFile(shrinking, bytes);
  const source = await fileSource(shrinking);
  await truncate(shrinking, 100);
  const message = await messageOf(source.read(new Uint8Array(200), 0));
  await source.close();
  expect(message).toBe(`${shrinking}: the file became shorter while it was read`);
});

it('small reads close behind each other are one', async () => {
  const reads: number[] = [];
  const memory = memorySource(bytes, 'x');
  const source = readAhead({
    ...memory,
    read(out, position) {
      reads.push(position, out.length);
      return memory.read(out, position);
    },
  });
  for (let at = 1000; at < 60_000; at += 100) await source.read(new Uint8Array(46), at);
  expect(reads).toEqual([1000, 2 ** 16]);
  await source.read(new Uint8Array(100_000), 5);
  await source.read(new Uint8Array(5), 199_995);
  expect(reads.slice(2)).toEqual([5, 100_000, 199_995, 5]);
});

// What is dropped on the page is read as the command reads it: every checkpoint of a real package, and files that are none.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 as zlibCrc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { DroppedFile } from '../../explorer/src/data/comparison.js';
import { crc32 } from '../../explorer/src/data/here/crc32.js';
import { openDropped } from '../../explorer/src/data/here/dropped-checkpoint.js';
import { openSae } from '../../src/sae/open-sae.js';

const peers = fileURLToPath(new URL('../fixtures/peers/', import.meta.url));

interface Peer {
  readonly package: string;
  readonly case: string;
  /** Below the fixtures; with #NAME one of several in a file. */
  readonly path: string;
}

const cases: readonly Peer[] = JSON.parse(readFileSync(join(peers, 'index.json'), 'utf8'));

/** As a browser gives them: paths from the folder that was dropped. Of a file, with the settings beside and above it. */
function dropped(path: string): DroppedFile[] {
  const file = (at: string) => ({ path: relative(peers, at), file: new Blob([readFileSync(at)]) });
  const filesIn = (folder: string) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => join(folder, name));
  if (statSync(path).isDirectory()) {
    const inside = readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name));
    return inside.filter((one) => statSync(one).isFile()).map(file);
  }
  const beside = [dirname(path), dirname(dirname(path))].flatMap(filesIn);
  return [path, ...beside.filter((one) => /\.(json|yaml)$/.test(one))].map(file);
}

/** Kept in two files and more, which the page does not join. */
const inSeveralFiles = /clt|shards/;

const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => 'read',
    (error) => error.message as string,
  );

describe('a checkpoint of a real package', () => {
  const whole = cases.filter(({ path }) => !path.includes('#') && !inSeveralFiles.test(path));

  it.each(whole)('$package $case has the decoder that the command reads', async ({ path }) => {
    const at = join(peers, path);
    const [here, there] = await Promise.allSettled([
      openDropped(dropped(at)),
      openSae(at, { weightsOnly: true }),
    ]);
    if (there.status === 'rejected') {
      // What the files leave open is left open here, too.
      expect(here.status === 'rejected' && here.reason.problem).toBe(there.reason.problem);
      return;
    }
    if (here.status === 'rejected') throw here.reason;
    expect(here.value.sae.decoder).toEqual(there.value.sae.decoder);
    expect(here.value.origin.format).toBe(there.value.origin.format);
    expect(here.value.assumptions).toEqual(there.value.assumptions);
  });

  it('in several files is refused', async () => {
    const split = cases.filter(({ path }) => !path.includes('#') && inSeveralFiles.test(path));
    expect(split.length).toBeGreaterThan(2);
    for (const { path } of split) {
      expect(await messageOf(openDropped(dropped(join(peers, path))))).toMatch(
        /which file holds the SAE cannot be told; found 2: .*-of-00002|tensor W_dec_\d: it is not there/,
      );
    }
  });

  it('is read in nearly every case, .pt, .npz and .safetensors among them', async () => {
    const read: string[] = [];
    for (const { path } of whole) {
      const files = dropped(join(peers, path));
      if ((await messageOf(openDropped(files))) === 'read') read.push(...files.map((one) => one.path));
    }
    expect(read.length).toBeGreaterThan(whole.length / 2);
    for (const end of [/\.pt$/, /\.npz$/, /\.safetensors$/]) {
      expect(read.filter((path) => end.test(path)).length).toBeGreaterThan(0);
    }
  });
});

describe('files that are no checkpoint', () => {
  const blob = (path: string, ...parts: BlobPart[]): DroppedFile => ({ path, file: new Blob(parts) });
  const header = (text: string) => {
    const length = new BigUint64Array([BigInt(text.length)]);
    return [length, text] as const;
  };

  it.each<[string, DroppedFile[], RegExp]>([
    [
      'of no bytes',
      [blob('a.safetensors')],
      /^a\.safetensors: it is not a file of tensors.*found an empty file; expected safetensors, \.npy/,
    ],
    [
      'that is cut off',
      [
        blob(
          'a.safetensors',
          ...header('{"W_dec":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}'),
          new Uint8Array(8),
        ),
      ],
      /^a\.safetensors, tensor W_dec: the file ends before its data; found 8 bytes of data; expected at least 16$/,
    ],
    [
      'that is text',
      [blob('a.npz', 'hello, world')],
      /^a\.npz: it is not a file of tensors.*found bytes 104/,
    ],
    [
      'that is a damaged zip file',
      [blob('a.pt', 'PK\u0003\u0004', new Uint8Array(64))],
      /^a\.pt: it is not a sound zip file; found /,
    ],
    [
      'two of weights',
      [blob('a.npz', '1'), blob('b.npz', '2')],
      /^the files: which file holds the SAE cannot be told; found 2: a\.npz, b\.npz; expected one file of weights/,
    ],
    [
      'settings alone',
      [blob('x/cfg.json', '{}')],
      /^x: which file holds the SAE cannot be told; found no file of weights/,
    ],
  ])('%s', async (_, files, message) => {
    expect(await messageOf(openDropped(files))).toMatch(message);
  });

  it('that hold several SAEs are told so', async () => {
    const several = cases.find(({ path }) => path.includes('#'))!;
    const at = join(peers, several.path.split('#')[0]);
    expect(await messageOf(openDropped(dropped(at)))).toMatch(
      /it holds more than one SAE; found \d+: .*; expected a file with one; reseed compare takes one of several/,
    );
  });
});

it('counts CRC-32 as zlib does', () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 37) & 255);
  expect(crc32(bytes)).toBe(zlibCrc32(bytes));
  expect(crc32(bytes.subarray(10), crc32(bytes.subarray(0, 10)))).toBe(zlibCrc32(bytes));
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});

// Atomic writing: the whole file or none of it, and never a temporary file left behind.
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ReseedError } from '../../src/errors.js';
import {
  fileError,
  isTemporary,
  removeTemporaries,
  temporaryName,
  writeFileAtomic,
} from '../../src/formats/atomic-write.js';
import { thisProcess } from '../../src/formats/process-mark.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-atomic-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('writes bytes and text, and replaces what was there', async () => {
  const file = join(folder, 'out.bin');
  await writeFileAtomic(file, Uint8Array.from([1, 2, 255]));
  expect([...(await readFile(file))]).toEqual([1, 2, 255]);
  await writeFileAtomic(file, 'grün');
  expect(await readFile(file, 'utf8')).toBe('grün');
  expect(await readdir(folder)).toEqual(['out.bin']);
});

it('writes a view, not the buffer behind it, from shared memory too', async () => {
  const file = join(folder, 'view');
  const shared = new Uint8Array(new SharedArrayBuffer(4));
  shared.set([1, 2, 3, 4]);
  await writeFileAtomic(file, shared.subarray(1, 3));
  expect([...(await readFile(file))]).toEqual([2, 3]);
});

it('refuses a target that is a folder, and leaves nothing behind', async () => {
  const target = join(folder, 'results.json');
  await mkdir(target);
  const error = await writeFileAtomic(target, 'x').catch((e) => e);
  expect(error).toMatchObject({ name: 'ReseedError', code: 'input.file', exitCode: 3 });
  expect(error.message).toBe(`${target}: cannot write it: it is a folder`);
  expect(await readdir(folder)).toEqual(['results.json']);
});

it('says that the parent is missing, or is a file', async () => {
  const missing = join(folder, 'none', 'file');
  await expect(writeFileAtomic(missing, 'x')).rejects.toThrow(
    `${missing}: cannot write it: its folder does not exist`,
  );
  await writeFile(join(folder, 'plain'), 'kept');
  const under = join(folder, 'plain', 'file');
  await expect(writeFileAtomic(under, 'x')).rejects.toThrow('a part of its path is not a folder');
  expect(await readFile(join(folder, 'plain'), 'utf8')).toBe('kept');
});

it('has words for a full disk', () => {
  const error = fileError('/data/x', 'write', Object.assign(new Error('write'), { code: 'ENOSPC' }));
  expect(error.message).toBe('/data/x: cannot write it: the disk is full');
  expect(error.code).toBe('input.file');
});

it('writes pieces in order, and nothing where making them fails', async () => {
  const file = join(folder, 'pieces');
  async function* pieces(fails: boolean): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(1, 2);
    yield Uint8Array.of(3);
    if (fails) throw new ReseedError('input.shape', 'no more pieces');
  }
  await writeFileAtomic(file, pieces(false));
  expect([...(await readFile(file))]).toEqual([1, 2, 3]);
  await expect(writeFileAtomic(file, pieces(true))).rejects.toMatchObject({ code: 'input.shape' });
  expect([...(await readFile(file))]).toEqual([1, 2, 3]);
  expect(await readdir(folder)).toEqual(['pieces']);
});

it('clears away what killed writers left, in every folder, and nothing else', async () => {
  await mkdir(join(folder, 'figures'));
  const { place } = thisProcess();
  const kept = [
    'figures',
    'figures/scores.svg',
    '.hidden.tmp',
    'notes.12.tmp',
    '.results.json.12',
    // Others are writing these: a live process, one of another machine, an earlier release that is alive.
    `.a.json.${place}.${process.ppid}.00c0ffee.tmp`,
    '.b.json.ffffffff.999999999.00c0ffee.tmp',
    `.c.json.${process.ppid}.tmp`,
  ].sort();
  for (const name of kept) if (name !== 'figures') await writeFile(join(folder, name), 'x');
  const gone = [
    '.results.json.999999999.tmp',
    'figures/.scores.svg.999999998.tmp',
    `.a.json.${place}.999999999.00c0ffee.tmp`,
    `.a.json.${place}.${process.pid}.00c0ffee.tmp`,
    '.b.json.ffffffff.999999999.0badcafe.tmp',
  ];
  for (const name of gone) await writeFile(join(folder, name), 'x');
  const old = Date.now() / 1000 - 8 * 24 * 3600;
  await utimes(join(folder, gone[4]), old, old);
  await removeTemporaries(folder);
  expect((await readdir(folder, { recursive: true })).sort()).toEqual(kept);
});

it('never clears away what this process is writing', async () => {
  const file = join(folder, 'slow');
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(1);
    await removeTemporaries(folder);
    yield Uint8Array.of(2);
  }
  await writeFileAtomic(file, slow());
  expect([...(await readFile(file))]).toEqual([1, 2]);
});

it('has a temporary name of its own for each writer of one file', () => {
  const names = Array.from({ length: 50 }, () => temporaryName(join(folder, 'x.json')));
  expect(new Set(names).size).toBe(50);
  for (const name of names) {
    expect(name).toContain(`/.x.json.${thisProcess().place}.${process.pid}.`);
    expect(isTemporary(name)).toBe(true);
  }
});

// Hashes that are remembered: a file that stays as it is is read once, one that changes in any way is read again.
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, open, readdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, expect, it, vi } from 'vitest';
import { hashOfFile } from '../../src/formats/hash-of-file.js';
import { knownHashes } from '../../src/study/known-hashes.js';

vi.mock('../../src/formats/hash-of-file.js', async (original) => {
  const real = await original<typeof import('../../src/formats/hash-of-file.js')>();
  return { hashOfFile: vi.fn(real.hashOfFile) };
});
const reads = () => vi.mocked(hashOfFile).mock.calls.length;

let file: string;
let folder: string;
beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), 'reseed-hashes-'));
  file = join(root, 'x.npy');
  folder = join(root, 'hashes');
  await writeFile(file, 'one');
  vi.mocked(hashOfFile).mockClear();
});

const sha = (text: string) => createHash('sha256').update(text).digest('hex');

it('reads a file twice while it is new, then no more', async () => {
  const hash = knownHashes({ folder });
  expect(await hash(file)).toBe(sha('one'));
  expect(await readdir(folder).catch(() => [])).toEqual([]);
  await wait(2100);
  expect(await hash(file)).toBe(sha('one'));
  expect(reads()).toBe(2);
  expect(await hash(file)).toBe(sha('one'));
  expect(await knownHashes({ folder })(file)).toBe(sha('one'));
  expect(reads()).toBe(2);

  // Other content of the same size and with the same time of change.
  const { atime, mtime } = await stat(file);
  const handle = await open(file, 'r+');
  await handle.write('two', 0);
  await handle.close();
  await utimes(file, atime, mtime);
  expect(await hash(file)).toBe(sha('two'));
  expect(reads()).toBe(3);
});

it('reads again what was replaced, and where nobody trusts the stamp', async () => {
  await wait(2100);
  const hash = knownHashes({ folder });
  await hash(file);
  await hash(file);
  expect(reads()).toBe(1);
  await writeFile(`${file}.new`, 'two');
  await rename(`${file}.new`, file);
  expect(await hash(file)).toBe(sha('two'));
  await wait(2100);
  await hash(file);
  expect(reads()).toBe(3);
  await knownHashes({ folder, distrust: true })(file);
  expect(reads()).toBe(4);
});

it('keeps nothing where nothing can be kept, or is to be', async () => {
  await wait(2100);
  await knownHashes({ folder, writes: false })(file);
  expect(await readdir(folder).catch(() => 'none')).toBe('none');
  await writeFile(folder, 'a file in its place');
  await chmod(folder, 0o444);
  expect(await knownHashes({ folder })(file)).toBe(sha('one'));
});

it('says which file cannot be read', async () => {
  await expect(knownHashes({ folder })(`${file}.none`)).rejects.toMatchObject({ code: 'input.file' });
});

// Where the output folder puts files, however it and they are named.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStudyFolder } from '../../src/study/folder.js';

let above: string;
const before = process.cwd();
const bytes = new TextEncoder().encode('{}');

beforeAll(async () => {
  above = await mkdtemp(join(tmpdir(), 'reseed-folder-'));
  process.chdir(above);
});
afterAll(async () => {
  process.chdir(before);
  await rm(above, { recursive: true, force: true });
});

it.each(['report', 'results', './report/', 'report/deeper'])('files stay in the folder %s', async (root) => {
  const folder = await openStudyFolder(root);
  for (const name of ['report.html', 'results.json', 'report/figures.svg']) await folder.write(name, bytes);
  await folder.write(join(folder.parts, 'part.json'), bytes);
  const files = (await readdir(join(above, root), { recursive: true })).filter((name) =>
    /\w\.\w+$/.test(name),
  );
  expect(files.filter((name) => !name.startsWith('deeper')).sort()).toEqual([
    '.work/parts/part.json',
    'report.html',
    'report/figures.svg',
    'results.json',
  ]);
  expect((await readdir(above)).filter((name) => name.includes('.'))).toEqual([]);
});

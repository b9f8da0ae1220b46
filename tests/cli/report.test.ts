// `reseed report`: the pages and figures that a run writes, from results.json alone; and what it refuses.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { reportCommand } from '../../src/cli/report.js';
import { renderReport } from '../../src/report/render.js';
import { serializeResults } from '../../src/report/serialize-results.js';
import { weightsOnly } from '../report/fixture.js';

const results = weightsOnly();
let folder: string;
let said: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-report-'));
  said = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const report = (...args: string[]) => reportCommand().exitOverride().parseAsync(args, { from: 'user' });
const filesIn = async (of: string) =>
  (await readdir(of, { recursive: true, withFileTypes: true })).flatMap((one) =>
    one.isFile() ? [join(one.parentPath, one.name).slice(of.length + 1)] : [],
  );

it('writes what the report of these results is, byte by byte, and leaves results.json as it is', async () => {
  const text = serializeResults(results);
  await writeFile(join(folder, 'results.json'), text);
  await writeFile(join(folder, 'report.html'), 'of an earlier release');
  await report(folder);
  expect(said).toBe(`Report: ${join(folder, 'report.html')}\n`);
  const expected = await renderReport(results);
  expect((await filesIn(folder)).sort()).toEqual(
    ['results.json', ...expected.map(({ path }) => path)].sort(),
  );
  for (const { path, bytes } of expected)
    expect(Buffer.compare(await readFile(join(folder, path)), bytes), path).toBe(0);
  expect(await readFile(join(folder, 'results.json'), 'utf8')).toBe(text);
});

it('takes the file itself, and writes elsewhere when told', async () => {
  await writeFile(join(folder, 'results.json'), serializeResults({ ...results, groups: [] }));
  const elsewhere = join(folder, 'new');
  await report(join(folder, 'results.json'), '--to', elsewhere);
  expect((await readdir(elsewhere)).sort()).toEqual(['report.html', 'report.md']);
  expect((await readdir(folder)).sort()).toEqual(['new', 'results.json']);
});

it('refuses a folder without results, and results of another version, and writes nothing', async () => {
  await expect(report(folder)).rejects.toThrow(/results\.json/);
  await mkdir(join(folder, 'later'));
  await writeFile(join(folder, 'later', 'results.json'), '{ "schema": "reseed/results/2" }');
  await expect(report(join(folder, 'later'))).rejects.toThrow(/results of another version/);
  expect(await readdir(join(folder, 'later'))).toEqual(['results.json']);
});

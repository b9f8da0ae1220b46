// Folders that are not as they should be, and names that are no names: one clear message, and nothing that runs.
import { rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Explorer, explore } from '../../src/server/explore.js';
import { writeSingleFile } from '../../src/server/single-file.js';
import { exploredFolder } from '../server/folder.js';
import { chromiumPath, launch } from './chromium.js';
import { axeProblems, openPage, shown } from './page.js';

describe.runIf(chromiumPath)('a folder', () => {
  let folder: string;
  let browser: Browser;
  let explorer: Explorer;
  const kept = new Map<string, Buffer>();
  const files = ['results.json', 'features.parquet'];
  const alert = (page: Awaited<ReturnType<typeof openPage>>['page']) => page.getByRole('alert').textContent();

  beforeAll(async () => {
    folder = await exploredFolder();
    for (const name of files) kept.set(name, await readFile(join(folder, name)));
    browser = await launch();
    explorer = await explore(folder);
  });
  afterEach(async () => {
    for (const [name, bytes] of kept) await writeFile(join(folder, name), bytes);
  });
  afterAll(async () => {
    await browser?.close();
    await explorer?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const spoil = async (name: string, change: (text: string) => string) =>
    writeFile(join(folder, name), change(kept.get(name)!.toString('latin1')), 'latin1');

  it('with results of another version says so', async () => {
    await spoil('results.json', (text) => text.replace('reseed/results/1', 'reseed/results/2'));
    const { page, faults } = await openPage(browser, explorer.url);
    expect(await alert(page)).toMatch(
      /results\.json, schema: results of another version; found "reseed\/results\/2"/,
    );
    expect([await page.getByRole('alert').count(), faults]).toEqual([1, []]);
    await page.context().close();
  });

  it('with a table that is cut off shows the verdict, and says so', async () => {
    await spoil('features.parquet', (text) => text.slice(0, text.length / 2));
    const { page, faults } = await openPage(browser, explorer.url);
    expect(await alert(page)).toMatch(/features\.parquet cannot be read: it is no whole Parquet file/);
    await page.getByRole('heading', { name: 'These data cannot tell' }).waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('with a table that is damaged within does so, too', async () => {
    await spoil(
      'features.parquet',
      (text) => `PAR1${'\xff'.repeat(text.length / 2)}${text.slice(4 + text.length / 2)}`,
    );
    const { page } = await openPage(browser, explorer.url);
    expect(await alert(page)).toMatch(/features\.parquet cannot be read/);
    await page.context().close();
  });

  it('with HTML in its names shows it as text', async () => {
    const name = '<img src=x onerror=document.title=1>';
    await spoil('results.json', (text) => {
      const results = JSON.parse(Buffer.from(text, 'latin1').toString());
      results.study.name = name;
      results.groups[0].verdict = `${name}<script>document.title=1</script>`;
      return Buffer.from(JSON.stringify(results)).toString('latin1');
    });
    const { page, faults } = await openPage(browser, explorer.url);
    await shown(page);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(name);
    expect(await page.locator('img, .told script').count()).toBe(0);
    expect(await page.title()).toBe(`${name} · reseed explorer`);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('is one message and no fault to axe, too', async () => {
    await spoil('results.json', () => '{}');
    const { page } = await openPage(browser, explorer.url, { bypassCSP: true });
    await alert(page);
    expect(await axeProblems(page)).toEqual([]);
    await page.context().close();
  });

  it('as one file opens from disk, with every view, and asks for nothing', async () => {
    const file = join(folder, 'one.html');
    const note = '</script><script>document.title=1</script>';
    const entry = { sae: 'layer0.plus.seed42', feature: 3, note, at: '2026-01-01T00:00:00.000Z' };
    await writeFile(
      join(folder, 'collections.json'),
      JSON.stringify({
        schema: 'reseed/collections/1',
        collections: [{ name: 'starred', entries: [entry] }],
      }),
    );
    await writeSingleFile(folder, file);
    const { page, faults } = await openPage(browser, `file://${file}#filter=feature<3&open=collections`);
    expect(await shown(page, /240$/)).toBe('shown 60 of 240');
    await page.locator('.grid tbody td').first().waitFor();
    expect(await page.getByLabel(/Note on seed42/).inputValue()).toBe(note);
    await page.locator('#jump').fill('seed42:3');
    await page.locator('#jump').press('Enter');
    await page.getByRole('heading', { name: 'Feature seed42 · 3' }).waitFor();
    expect(await page.title()).toMatch(/reseed explorer$/);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});

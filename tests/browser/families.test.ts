// Families in the explorer: found by their support, a family's members side by side, and collections beside each other.
import { rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Families } from '../../src/features/families/families.js';
import { encodeFeatures } from '../../src/report/feature-table.js';
import { type Explorer, explore } from '../../src/server/explore.js';
import { exploredFolder, saes, stability } from '../server/folder.js';
import { chromiumPath, launch } from './chromium.js';
import { axeProblems, drag, openPage, shown } from './page.js';

/** Feature 5 in four SAEs, feature 7 in two. */
const families: Families = {
  by: 'directions',
  cosine: 0.7,
  saes,
  scored: saes.map(() => 12),
  families: [
    { feature: 5, of: [0, 1, 2, 4] },
    { feature: 7, of: [1, 3] },
  ].map(({ feature, of }) => ({
    members: of.map((sae) => ({ sae, feature, sign: 1, agreement: 0.9 }) as const),
    ...{ agreement: 0.9, leastCosine: 0.8, chance: 0.001, q: 0.01 },
  })),
  optimum: { value: 1, upperBound: 1, components: 2, proven: 2 },
  copies: [],
  dropped: 0,
};

describe.runIf(chromiumPath)('a folder with families', () => {
  let folder: string;
  let browser: Browser;
  let explorer: Explorer;

  beforeAll(async () => {
    folder = await exploredFolder();
    const groups = [{ group: 'layer0.plus', stability: stability(), families }];
    await writeFile(join(folder, 'features.parquet'), encodeFeatures(groups));
    browser = await launch();
    explorer = await explore(folder);
  });
  afterAll(async () => {
    await browser?.close();
    await explorer?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows those of a support, and the members of one side by side', async () => {
    const { page, faults } = await openPage(browser, explorer.url, { bypassCSP: true });
    await page.locator('[data-whole=true]').waitFor();
    await page.getByRole('button', { name: 'support>=3' }).click();
    // Four features, each in four rows.
    await shown(page, /shown 16 of/);
    await page.locator('.grid tbody tr[data-rownumber="0"] td').nth(1).click();
    const family = page.getByRole('region', { name: 'Its family' });
    await family.getByRole('heading', { name: 'Family 0, in 4 of 5 SAEs' }).waitFor();
    expect(await family.locator('tbody tr').allInnerTexts()).toEqual([
      expect.stringMatching(/^seed42\s+5\s+itself\s/),
      expect.stringMatching(/^seed123\s+5\s+0\.462\s/),
      expect.stringMatching(/^seed456\s+5\s+0\.462\s/),
      expect.stringMatching(/^seed1011\s+5\s+0\.462\s/),
    ]);
    expect(await axeProblems(page)).toEqual([]);
    await page.locator('#filter').fill('cosine>0');
    await family.getByRole('button', { name: 'Its rows in the table' }).click();
    await shown(page, /shown 16 of/);
    expect(await page.locator('#filter').inputValue()).toBe('cosine>0 family=0');
    await family.getByRole('button', { name: '5', exact: true }).nth(1).click();
    await page.getByRole('heading', { name: 'Feature seed123 · 5' }).waitFor();
    await page.locator('#filter').fill('support=1');
    await shown(page, /shown 216 of/);
    await page.locator('.grid tbody tr[data-rownumber="0"] td').nth(1).click();
    await page.getByText('It is in no family').waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('keeps several collections, and moves stars from one to the other', async () => {
    const { page, faults } = await openPage(
      browser,
      `${explorer.url}#feature=5@layer0.plus.seed42&open=collections`,
      { bypassCSP: true },
    );
    await page.getByRole('heading', { name: 'Feature seed42 · 5' }).waitFor();
    await page.keyboard.press('x');
    const first = page.getByRole('region', { name: 'Collection starred' });
    await first.getByLabel('Note on seed42 · 5').waitFor();
    await page.getByLabel('Name of a new collection').fill('odd ones');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const second = page.getByRole('region', { name: 'Collection odd ones' });
    await second.getByText('Nothing in it.').waitFor();
    // What is starred now goes into the new one.
    await page.locator('.partner-head .star').first().click();
    await second.getByLabel('Note on seed42 · 5 with seed123 · 5').waitFor();
    await page.getByLabel('Collection of seed42 · 5', { exact: true }).selectOption('odd ones');
    await first.getByText('Nothing in it.').waitFor();
    expect(await axeProblems(page)).toEqual([]);
    await page.getByLabel('Name of the collection odd ones').fill('split');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Collection split' }).waitFor();
    await page.getByRole('button', { name: 'Take the empty collection starred away' }).click();
    await expect
      .poll(async () => {
        const { collections } = JSON.parse(await readFile(join(folder, 'collections.json'), 'utf8'));
        return collections.map((one: { name: string; entries: unknown[] }) => [one.name, one.entries.length]);
      })
      .toEqual([['split', 2]]);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('has columns made wider by mouse and by keys, and fits them again', async () => {
    const { page, faults } = await openPage(browser, explorer.url);
    await page.locator('.grid tbody td').first().waitFor();
    const head = page.locator('.grid thead th').filter({ hasText: /^cosine/ });
    const width = async () => Math.round((await head.boundingBox())?.width ?? 0);
    await head.scrollIntoViewIfNeeded();
    const fit = await width();
    const handle = await head.locator('.width-handle').boundingBox();
    const [x, y] = [handle!.x + handle!.width / 2, handle!.y + handle!.height / 2];
    await drag(page, [x, y], [x + 40, y]);
    await expect.poll(width).toBe(fit + 40);
    await head.focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await expect.poll(width).toBe(fit + 24);
    await expect.poll(() => page.url()).toContain(`widths=cosine%3A${fit + 24}`);
    expect(page.url()).not.toContain('sort=');
    await page.reload();
    await page.locator('.grid tbody td').first().waitFor();
    await expect.poll(width).toBe(fit + 24);
    await head.focus();
    await page.keyboard.press('Shift+Home');
    await expect.poll(width).toBe(fit);
    expect(await head.evaluate((one) => document.activeElement === one)).toBe(true);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});

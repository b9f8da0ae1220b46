// The explorer, walked through in a browser: a run while it runs, then every view over what came out of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { startCli } from '../cli/cli.js';
import { chromiumPath, launch, withoutChromium } from './chromium.js';
import {
  axeProblems,
  downloaded,
  drag,
  explorerOf,
  hashOf,
  type Opened,
  openPage,
  settledHash,
  shown,
} from './page.js';
import { examplesFile } from './tokens.js';

test('a browser is there, or it is said that pages are not tried', () => {
  if (chromiumPath === undefined) console.warn(`tests/browser ${withoutChromium}`);
  expect(chromiumPath ?? withoutChromium).toMatch(/chrom|left out/i);
});

describe.runIf(chromiumPath)('the explorer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reseed-browser-'));
  const seed = (n: number) => `layer1.equals.seed${n}`;
  let run: ReturnType<typeof startCli>;
  let browser: Browser;
  let opened: Opened;
  let page: Page;

  beforeAll(async () => {
    run = startCli(['run', 'examples/layer-0-anomaly.yaml', '--quick', '--explore', '--out', folder]);
    const url = await explorerOf(run);
    browser = await launch();
    opened = await openPage(browser, url, {
      acceptDownloads: true,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    page = opened.page;
  });

  afterAll(async () => {
    await browser?.close();
    run?.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const hash = () => hashOf(page);
  const row = (n: number) => page.locator(`.grid tbody tr[data-rownumber="${n}"]`);
  const filterBy = async (text: string) => page.locator('#filter').fill(text);
  const jumpTo = async (sae: string, feature: number) => {
    await page.locator('#jump').fill(`${sae}:${feature}`);
    await page.locator('#jump').press('Enter');
    await page.getByRole('heading', { name: `Feature ${sae} · ${feature}` }).waitFor();
  };

  it('shows a run while it runs: stages, losses of every seed, dead features', async () => {
    await page.getByRole('heading', { name: 'Running' }).waitFor();
    const losses = page.locator('.losses').first();
    await losses.waitFor({ timeout: 240_000 });
    expect(await losses.locator('polyline').count()).toBeGreaterThan(1);
    expect(await losses.locator('.seed-list').textContent()).toMatch(/\d+ of 1,024 dead/);
    expect(await page.locator('.stages').textContent()).toMatch(/activations.*training/);
  });

  it('goes on to the verdict when it has ended', async () => {
    await page.locator('#verdict').waitFor({ timeout: 240_000 });
    await shown(page, 'shown 20,480 of 20,480');
    await page.getByRole('heading', { name: 'Running' }).waitFor({ state: 'detached' });
    expect(opened.faults).toEqual([]);
  });

  it('leads from the verdict to its evidence, and from there to the features', async () => {
    await page.getByRole('button', { name: /Many features never fire/ }).click();
    const evidence = page.locator('article.evidence');
    expect(await evidence.textContent()).toContain('usage.dead-by-firing');
    await evidence.getByRole('button', { name: /Show these features/ }).click();
    expect(hash().get('filter')).toBe('rate=0');
    await shown(page, /shown 1\d,\d{3} of 20,480/);
    await page.goBack();
    await shown(page, 'shown 20,480 of 20,480');
  });

  it('moves the headline when an artefact is taken out', async () => {
    const value = page.locator('[data-metric="activation.max"] .score-value strong');
    const before = await value.textContent();
    await page.getByRole('checkbox', { name: /features never fire/ }).check();
    expect(Number(await value.textContent())).toBeGreaterThan(3 * Number(before));
    await page.getByRole('checkbox', { name: /features never fire/ }).uncheck();
    expect(await value.textContent()).toBe(before);
  });

  it('changes the group, and back changes it back', async () => {
    await page.getByRole('button', { name: /layer 1 · equals/ }).click();
    expect(hash().get('group')).toBe('layer1.equals');
    await page.getByText(/Do the features come back\? At layer 1 · equals/).waitFor();
    await page.goBack();
    await page.getByText(/At layer 0 · plus/).waitFor();
    await page.goForward();
    await page.getByText(/At layer 1 · equals/).waitFor();
  });

  it('opens a pair from the map, walks on it by arrows, pins a baseline', async () => {
    await page.getByRole('button', { name: /^seed42 in seed123/ }).click();
    await shown(page, 'shown 1,024 of 20,480');
    expect(hash().get('filter')).toBe(`sae:${seed(42)} other:${seed(123)}`);
    // The cell of an SAE with itself is stepped over.
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await shown(page, 'shown 1,024');
    expect(hash().get('filter')).toBe(`sae:${seed(456)} other:${seed(123)}`);
    await page.getByLabel('Shown on the map').selectOption('decoder.max');
    const cell = page.getByRole('button', { name: /^seed456 in seed789/ });
    const plain = await cell.textContent();
    await page.getByRole('button', { name: 'seed42', exact: true }).first().click();
    expect(await cell.textContent()).not.toBe(plain);
    expect(await cell.textContent()).toMatch(/^[+−]?0\.0\d\d$/);
    await page.getByRole('button', { name: 'seed42', exact: true }).first().click();
    expect(await cell.textContent()).toBe(plain);
    await filterBy('');
    await shown(page, 'shown 20,480 of 20,480');
  });

  it('moves the cut by mouse, by keys and to its marks; counts and table follow', async () => {
    const counts = () => page.locator('.cut-counts').first().textContent();
    const before = await counts();
    const grip = await page.locator('.cut .grip').boundingBox();
    const [x, y] = [grip!.x + grip!.width / 2, grip!.y + 120];
    await drag(page, [x, y], [x - 180, y]);
    const cut = Number((await settledHash(page)).get('cut'));
    expect(cut).toBeLessThan(0.5);
    await page.locator(`[data-shown$="@ ${cut}"]`).waitFor();
    expect(await counts()).not.toBe(before);
    await page.getByRole('slider', { name: /Cut/ }).press('ArrowRight');
    expect(Number((await settledHash(page)).get('cut'))).toBeCloseTo(cut + 0.01, 9);
    await page.getByRole('button', { name: '0.9', exact: true }).click();
    await filterBy('partner:none');
    await page.locator('[data-shown="partner:none @ 0.9"]').waitFor();
    const many = await shown(page);
    for (let i = 0; i < 6; i++) await page.getByRole('slider', { name: /Cut/ }).press('PageDown');
    await page.locator('[data-shown="partner:none @ 0.3"]').waitFor();
    expect(await shown(page)).not.toBe(many);
    await filterBy('');
    await page.getByRole('button', { name: 'ECDF' }).click();
    expect(hash().get('chart')).toBe('share');
    await page.goBack();
    expect(hash().has('chart')).toBe(false);
  });

  it('filters by what is typed, says what it does not understand, sorts, explains its heads', async () => {
    await filterBy('abs<0.5 rate>1e-3 partner:none');
    await shown(page, /shown [\d,]+ of 20,480/);
    await filterBy('colour:red');
    await page.getByText('There is no column “colour”.').waitFor();
    await filterBy('');
    const head = page.locator('.grid thead th').filter({ hasText: /^cosine/ });
    expect(await head.locator('.column-head').getAttribute('title')).toBe('cosine = ûᵢ·v̂ⱼ*, signed');
    await head.click();
    expect(hash().get('sort')).toBe('cosine');
    await head.click();
    expect(hash().get('sort')).toBe('cosine:down');
    await row(0).waitFor();
  });

  it('exports what is shown as CSV, JSON and Parquet', async () => {
    await filterBy('feature<2 sae:seed42');
    await shown(page, 'shown 8 of 20,480');
    const lines = (await downloaded(page, 'CSV')).toString().trimEnd().split('\n');
    expect(lines).toHaveLength(9);
    const json = JSON.parse((await downloaded(page, 'JSON')).toString()) as { cosine: number }[];
    expect(json.map(({ cosine }) => cosine)).toEqual(
      [...json].map((one) => one.cosine).sort((p, q) => q - p),
    );
    const parquet = await downloaded(page, 'Parquet');
    const rows = await parquetReadObjects({
      file: parquet.buffer.slice(parquet.byteOffset, parquet.byteOffset + parquet.length) as ArrayBuffer,
    });
    expect(rows.map(({ cosine }) => cosine)).toEqual(json.map(({ cosine }) => cosine));
    await filterBy('');
  });

  it('selects by a brush on the density, and by one on the histogram; all views follow', async () => {
    const density = page.locator('.panel-density svg[role=img]');
    await density.scrollIntoViewIfNeeded();
    const box = (await density.boundingBox())!;
    const map = () => page.locator('.map').textContent();
    await page.getByLabel('Shown on the map').selectOption('cut');
    const before = await map();
    const at = (across: number, down: number) =>
      [box.x + across * box.width, box.y + down * box.height] as const;
    await drag(page, at(0.5, 0.2), at(0.9, 0.7));
    expect((await settledHash(page)).get('filter')).toMatch(/^rate>=\S+ rate<=\S+ abs>=0\.\d+ abs<=0\.\d+$/);
    await page.locator('[data-shown^="rate>="]').waitFor();
    expect(await shown(page)).not.toMatch('shown 20,480');
    expect(await map()).not.toBe(before);
    await page.mouse.click(...at(0.7, 0.1));
    await shown(page, 'shown 20,480 of 20,480');
    await page.locator('.panel-threshold svg').scrollIntoViewIfNeeded();
    const chart = (await page.locator('.panel-threshold svg').boundingBox())!;
    const x = (share: number) => chart.x + share * chart.width;
    await drag(page, [x(0.2), chart.y + 100], [x(0.4), chart.y + 110]);
    expect((await settledHash(page)).get('filter')).toMatch(/^abs>=0\.\d+ abs<=0\.\d+$/);
    await filterBy('');
  });

  it('fills the screen with a panel, and Esc leaves it', async () => {
    await page.getByRole('button', { name: /Where a partner counts: full screen/ }).click();
    const box = (await page.locator('.panel-threshold').boundingBox())!;
    expect([box.x, box.y, box.width]).toEqual([0, 0, 1280]);
    await page.keyboard.press('Escape');
    expect(hash().has('full')).toBe(false);
  });

  it('copies figures as SVG and PNG, the link and the command', async () => {
    await page.getByRole('button', { name: 'Copy threshold as SVG' }).click();
    await page.getByText('SVG copied').waitFor();
    const svg = await clipboard();
    expect(svg).toMatch(/^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).not.toMatch(/var\(--|class=/);
    await page.getByRole('button', { name: 'Copy density as PNG' }).click();
    await page.getByText('PNG copied').waitFor();
    await page.getByRole('button', { name: 'Copy link' }).click();
    expect(await clipboard()).toBe(page.url());
    await page.getByRole('button', { name: 'Copy command' }).click();
    expect(await clipboard()).toBe(`reseed explore ${folder}`);
  });

  it('opens a feature beside its partners, by the weights in the folder', async () => {
    await jumpTo('seed42', 17);
    const cards = page.locator('.partners li');
    await cards.getByText('encoders').first().waitFor();
    expect(await cards.count()).toBe(4);
    for (const word of [
      'best',
      'second',
      'margin',
      'mutual',
      'one-to-one',
      'its rate',
      'its norm',
      'its start',
    ]) {
      expect(await cards.first().textContent()).toContain(word);
    }
    expect(await page.locator('.feature').textContent()).toMatch(/In its own SAE.*Nearest decoder rows/);
    await page.locator('.grid tr:has(.open)').first().waitFor();
    await page.getByText('No tokens were given').waitFor();
  });

  it('goes on by keys: next, previous, star, filter, by chance', async () => {
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('r');
    await expect.poll(() => hash().get('feature')).not.toBe(`17@${seed(42)}`);
    await jumpTo('seed42', 17);
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('j');
    await expect.poll(() => hash().get('feature')).not.toBe(`17@${seed(42)}`);
    const next = hash().get('feature');
    await page.keyboard.press('j');
    await expect.poll(() => hash().get('feature')).not.toBe(next);
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('filter');
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('write a filter').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('lets who types a filter go on, while the row of the open feature is brought into view', async () => {
    await jumpTo('seed42', 17);
    const typed = 'cosine>0.1 rate<0.9 feature>3';
    await page.locator('#filter').fill('');
    await page.locator('#filter').pressSequentially(typed, { delay: 60 });
    expect(await page.locator('#filter').inputValue()).toBe(typed);
    await expect.poll(() => hash().get('filter')).toBe(typed);
    await filterBy('');
    await shown(page, 'shown 20,480 of 20,480');
    // Keys are for the page again.
    await page.getByRole('heading', { level: 1 }).click();
  });

  it('stars a feature and a pair, keeps notes in the folder, and has them after a reload', async () => {
    await page.goto(new URL('#group=layer1.equals&feature=17@layer1.equals.seed42', page.url()).href);
    await page.getByRole('heading', { name: 'Feature seed42 · 17' }).waitFor();
    await page.keyboard.press('x');
    await page.getByRole('button', { name: /^Star the pair with seed123/ }).click();
    await page.getByRole('button', { name: 'Collections (2)' }).click();
    const note = '<img src=x onerror="document.title=1">';
    await page.getByLabel('Note on seed42 · 17', { exact: true }).fill(note);
    await page.getByRole('heading', { name: 'Starred' }).click();
    await expect
      .poll(() => readFile(join(folder, 'collections.json'), 'utf8').catch(() => ''))
      .toContain('onerror');
    await page.reload();
    expect(await page.getByLabel('Note on seed42 · 17', { exact: true }).inputValue()).toBe(note);
    const exported = JSON.parse((await downloaded(page, 'Export')).toString());
    expect(exported).toEqual(JSON.parse(await readFile(join(folder, 'collections.json'), 'utf8')));
    await page.getByRole('button', { name: 'Take the star of seed42 · 17 away' }).first().click();
    await page.getByRole('button', { name: 'Collections (1)' }).waitFor();
    await page.locator('input[type=file]').setInputFiles({
      name: 'collections.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(exported)),
    });
    await page.getByRole('button', { name: 'Collections (2)' }).click();
  });

  it('copies a feature as a card that holds no script and asks for nothing', async () => {
    await page.getByRole('button', { name: /Copy as a card/ }).click();
    const card = await clipboard();
    expect(card).toMatch(/^<figure .*Feature 17 of seed42.*<\/figure>$/s);
    expect(card).not.toMatch(/<script|src=|href=|onerror/);
  });

  it('shows tokens of both features on the same texts', async () => {
    const { others } = (await page.evaluate(async (sae) => {
      const answer = await fetch(
        `api/feature/${sae}/17?others=${encodeURIComponent('layer1.equals.seed123')}`,
      );
      return answer.json();
    }, seed(42))) as { others: { nearest: { feature: number }[] }[] };
    const partner = others[0].nearest[0].feature;
    const text = (sae: string, feature: number, row: number, most: number) => ({
      ...{ sae, feature, kind: 'top' as const, row },
      tokens: ['3', '+', '<script>alert(1)</script>', '='],
      codes: [0, most / 2, most, 0],
    });
    const rows = [text(seed(42), 17, 0, 2), text(seed(42), 17, 1, 1), text(seed(123), partner, 0, 4)];
    await writeFile(join(folder, 'examples.parquet'), examplesFile(rows));
    await page.reload();
    await page.locator('.texts li').first().waitFor();
    const lines = page.locator('.texts li').first().locator('.tokens');
    expect(await lines.count()).toBe(2);
    expect(await lines.first().textContent()).toContain('<script>alert(1)</script>');
    // One scale: the half of one is a quarter of the other's most.
    const colours = await lines
      .locator('.token:nth-of-type(4)')
      .evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
    expect(new Set(colours).size).toBe(2);
    expect(await page.locator('.texts li').nth(1).textContent()).toContain('not recorded on this text');
    expect(await page.locator('.legend').last().textContent()).toContain(
      '0 to 4, the same for both features',
    );
  });

  it.each([
    [420, 'light'],
    [1280, 'dark'],
    [2560, 'light'],
  ] as const)('has nothing that axe finds wrong at %i px, %s, and nothing beside the screen', async (width, colorScheme) => {
    const url = new URL(
      '#group=layer1.equals&feature=17@layer1.equals.seed42&finding=training.unfinished',
      page.url(),
    ).href;
    const { page: other, faults } = await openPage(browser, url, {
      viewport: { width, height: 1000 },
      colorScheme,
      bypassCSP: true,
    });
    await shown(other);
    await other.locator('.partners li').first().waitFor();
    await other.locator('.grid tbody td').first().waitFor();
    expect(await axeProblems(other)).toEqual([]);
    expect(await other.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    // The page ends where what is on it ends.
    const ends = await other.evaluate(() => {
      const main = document.querySelector('main') as HTMLElement;
      return [document.documentElement.scrollHeight, main.getBoundingClientRect().bottom + window.scrollY];
    });
    expect(Math.abs(ends[0] - ends[1])).toBeLessThan(2);
    expect(faults).toEqual([]);
    await other.context().close();
  });

  it('did nothing wrong on the way', () => {
    expect(opened.faults).toEqual([]);
  });

  it('ends at once when it is interrupted', async () => {
    const asked = performance.now();
    run.child.kill('SIGINT');
    const { code } = await run.finished;
    expect(code).toBe(0);
    expect(performance.now() - asked).toBeLessThan(5000);
  });
});

// Two checkpoints dropped on the page are compared there: the numbers are those of `compare`, and hostile files are one clear line.
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Comparison, compare } from '../../src/compare/compare.js';
import { selectKernel } from '../../src/kernel/select.js';
import { encodeSaelens, saelensFiles } from '../../src/sae/sources/saelens-write.js';
import { type Explorer, explore } from '../../src/server/explore.js';
import { exploredFolder } from '../server/folder.js';
import { plantedSae } from '../study/planted-saes.js';
import { chromiumPath, launch } from './chromium.js';
import { axeProblems, openPage } from './page.js';

/** As many multiply-adds as a screen that was asked for takes. */
const shape = { d: 32, features: 200, shared: 90 };

describe.runIf(chromiumPath)('two files on the page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reseed-here-'));
  const file = (name: string) => join(folder, name);
  const saes = [plantedSae(0, shape), plantedSae(1, { ...shape, features: 210 })];
  let whole: Comparison;
  let explorer: Explorer;
  let browser: Browser;

  beforeAll(async () => {
    for (const [i, sae] of saes.entries()) {
      await mkdir(file(`s${i}`));
      const { weights, config } = encodeSaelens(sae, undefined, {});
      await writeFile(file(`s${i}/${saelensFiles.weights}`), weights);
      await writeFile(file(`s${i}/${saelensFiles.config}`), config);
    }
    const kernel = selectKernel();
    const ids = ['sae_weights.safetensors (first)', 'sae_weights.safetensors (second)'];
    whole = await compare(
      saes.map((sae, i) => ({ id: ids[i], sae })),
      { kernel, draws: 2 },
    );
    await kernel.close();
    explorer = await explore(undefined);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await explorer?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const given = (n: number) =>
    [saelensFiles.weights, saelensFiles.config].map((name) => file(`s${n}/${name}`));
  const choose = async (page: Page, a: readonly string[], b: readonly string[]) => {
    await page.getByLabel('Files of the first SAE').setInputFiles(a);
    await page.getByLabel('Files of the second SAE').setInputFiles(b);
  };
  const go = (page: Page) => page.getByRole('button', { name: 'Compare', exact: true }).click();
  const compared = (page: Page) => page.locator('#compared').waitFor({ timeout: 120_000 });

  /** [value, null, corrected] of each score, with all digits. */
  const scoresOn = (page: Page) =>
    page.locator('[data-metric]').evaluateAll((rows) =>
      rows.map((row) => {
        const { value, null: chance, corrected } = (row.querySelector('[data-value]') as HTMLElement).dataset;
        return [(row as HTMLElement).dataset['metric'], Number(value), Number(chance), Number(corrected)];
      }),
    );

  const expected = () =>
    (['decoder.max', 'decoder.matched', 'decoder.matched.abs'] as const).map((id) => {
      const metric = whole.results.groups[0].metrics[id];
      return [id, metric?.mean, metric?.null?.mean, metric?.corrected];
    });

  /** Every row of the export, as numbers. */
  async function exported(page: Page): Promise<string[][]> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');
    return text
      .trim()
      .split('\n')
      .map((line) => line.split(','));
  }

  function expectedRows(): string[][] {
    const { features } = whole;
    return (features?.matches ?? []).flatMap((table) => {
      const norm = features?.summaries.find(({ sae }) => sae === table.sae)?.norm ?? [];
      return Array.from(table.features, (feature, i) => [
        ...[table.sae, feature, table.other, table.partner[i]].map(String),
        String(table.cosine[i]),
        String(table.margin[i]),
        String(table.mutual[i] === 1),
        String(norm[feature]),
        table.assigned[i] < 0 ? '' : String(table.assigned[i]),
        table.assigned[i] < 0 ? '' : String(table.assignedCosine[i]),
      ]);
    });
  }

  it('have the scores and partners of compare, and are sent nowhere', async () => {
    const { page, faults } = await openPage(browser, explorer.url, { acceptDownloads: true });
    const asked: string[] = [];
    await choose(page, given(0), given(1));
    page.on('request', (request) => asked.push(`${request.method()} ${request.url()}`));
    await go(page);
    await compared(page);
    expect(await scoresOn(page)).toEqual(expected());
    const [head, ...rows] = await exported(page);
    const at = [
      'sae',
      'feature',
      'other',
      'partner',
      'cosine',
      'margin',
      'mutual',
      'norm',
      'assigned',
      'assigned_cosine',
    ].map((name) => head.indexOf(name));
    expect(rows.map((row) => at.map((column) => row[column]))).toEqual(expectedRows());
    expect(await page.locator('.comparison').textContent()).toMatch(
      /Computed by JavaScript on (one|\d+) thread/,
    );
    // Scripts of its own threads, and nothing that is put.
    expect(
      asked.filter((one) => !/^GET http:\/\/127\.0\.0\.1:\d+\/assets\/[\w-]+\.js$|^GET blob:/.test(one)),
    ).toEqual([]);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('are a table that is sorted, of one side or the other', async () => {
    const { page } = await openPage(browser, explorer.url);
    await choose(page, given(0), given(1));
    await go(page);
    await compared(page);
    const cell = (row: number, column: number) =>
      page.locator(`.grid tbody tr[data-rownumber="${row}"] td`).nth(column);
    expect(await cell(0, 0).textContent()).toBe('0');
    await page.locator('.grid thead [data-column="cosine"]').click();
    await page.locator('.grid th[aria-sort="ascending"]').waitFor();
    const table = whole.features?.matches.find(({ sae }) => sae.endsWith('(first)'));
    const least = Math.min(...(table?.cosine ?? []));
    await expect.poll(() => cell(0, 2).textContent()).toBe(least.toFixed(3).replace('-', '−'));
    await page.getByRole('button', { name: 'sae_weights.safetensors (second)' }).click();
    await page.getByText('210 features.', { exact: false }).first().waitFor();
    await page.context().close();
  });

  it('are computed by WebGPU where it is asked for, to the same digits', async () => {
    const gpu = await chromium.launch({
      executablePath: chromiumPath as string,
      args: ['--headless=new', '--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
    });
    try {
      const { page, faults } = await openPage(gpu, explorer.url, { acceptDownloads: true });
      await choose(page, given(0), given(1));
      await page.getByRole('button', { name: 'WebGPU' }).click();
      await go(page);
      await compared(page);
      expect(await page.locator('.comparison').textContent()).toMatch(
        /Computed by WebGPU on .*SwiftShader.*, which computes on the CPU, settled by JavaScript/i,
      );
      expect(await scoresOn(page)).toEqual(expected());
      expect((await exported(page)).length).toBe(1 + 200 + 210);
      // By itself the page leaves a GPU alone that is none, and says so.
      await page.getByRole('button', { name: 'Automatic' }).click();
      await go(page);
      await compared(page);
      expect(await page.locator('.compared-line').textContent()).toMatch(
        /WebGPU finds only .*; JavaScript on/,
      );
      expect(await scoresOn(page)).toEqual(expected());
      expect(faults).toEqual([]);
    } finally {
      await gpu.close();
    }
  });

  it('say that there is no WebGPU, and are compared all the same', async () => {
    const { page } = await openPage(browser, explorer.url);
    await choose(page, given(0), given(1));
    await page.getByRole('button', { name: 'WebGPU' }).click();
    await go(page);
    await compared(page);
    expect(await page.locator('.compared-line').textContent()).toMatch(
      /(no WebGPU|finds no adapter).*; JavaScript on .* computes instead\./,
    );
    expect(await scoresOn(page)).toEqual(expected());
    await page.context().close();
  });

  it('can be cancelled, and begun again', async () => {
    const { page } = await openPage(browser, explorer.url);
    await choose(page, given(0), given(1));
    await page.evaluate(() => {
      // Both clicks come before any answer.
      const button = (name: string) =>
        Array.from(document.querySelectorAll('button')).find((one) => one.textContent === name);
      button('Compare')?.click();
      setTimeout(() => button('Cancel')?.click());
    });
    await page.getByText('Cancelled.').waitFor();
    expect(await page.locator('#compared, progress').count()).toBe(0);
    await go(page);
    await compared(page);
    await page.context().close();
  });

  describe('that are hostile', () => {
    const html = '<img src=x onerror=document.title=1>.safetensors';
    beforeAll(async () => {
      const weights = await readFile(file(`s0/${saelensFiles.weights}`));
      await writeFile(file('cut.safetensors'), weights.subarray(0, weights.length / 2));
      await writeFile(file('empty.safetensors'), '');
      await writeFile(file(html), weights);
      const bad = structuredClone(plantedSae(1, shape));
      bad.decoder.data[5 * shape.d + 3] = Number.NaN;
      await writeFile(file('nan.safetensors'), encodeSaelens(bad, undefined, {}).weights);
      const wide = plantedSae(1, { ...shape, d: 33 });
      await writeFile(file('wide.safetensors'), encodeSaelens(wide, undefined, {}).weights);
      await writeFile(file('text.npz'), 'hello');
    });

    it.each([
      [
        'cut off',
        'cut.safetensors',
        /cut\.safetensors, tensor \w+: the file ends before its data; found \d+ bytes of data; expected/,
      ],
      [
        'of no bytes',
        'empty.safetensors',
        /empty\.safetensors: it is not a file of tensors.*found an empty file; expected safetensors/,
      ],
      [
        'of NaN',
        'nan.safetensors',
        /nan\.safetensors, feature 5, coordinate 3: a weight of the decoder is not finite; found NaN/,
      ],
      [
        'of another width',
        'wide.safetensors',
        /wide\.safetensors: SAEs of different input width cannot be compared; found d = 33; expected d = 32/,
      ],
      ['of another kind', 'text.npz', /text\.npz: it is not a file of tensors/],
    ])('%s are told in one line', async (_, name, message) => {
      const { page, faults } = await openPage(browser, explorer.url);
      await choose(page, given(0), [file(name)]);
      await go(page);
      expect(await page.getByRole('alert').textContent({ timeout: 60_000 })).toMatch(message);
      expect([
        await page.getByRole('alert').count(),
        await page.locator('#compared').count(),
        faults,
      ]).toEqual([1, 0, []]);
      await page.context().close();
    });

    it('by a name of HTML show it as text', async () => {
      const { page, faults } = await openPage(browser, explorer.url);
      await choose(page, [file(html)], given(1));
      await go(page);
      await compared(page);
      expect(await page.locator('#compared').textContent()).toContain(html);
      expect([await page.locator('main img').count(), await page.title(), faults]).toEqual([
        0,
        'reseed explorer',
        [],
      ]);
      await page.context().close();
    });
  });

  it.each([
    'light',
    'dark',
  ] as const)('are no fault to axe in %s, and fit into 420 pixels', async (colorScheme) => {
    const { page } = await openPage(browser, explorer.url, {
      bypassCSP: true,
      colorScheme,
      viewport: { width: 420, height: 900 },
    });
    expect(await axeProblems(page)).toEqual([]);
    await choose(page, given(0), given(1));
    await go(page);
    await compared(page);
    await page.locator('.grid tbody td').first().waitFor();
    expect(await axeProblems(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(420);
    await page.context().close();
  });

  it('are compared in the page of a folder, too, and back leads to it', async () => {
    const path = await exploredFolder();
    const over = await explore(path);
    const { page, faults } = await openPage(browser, over.url);
    await page.getByRole('button', { name: 'Compare two files' }).click();
    await choose(page, given(0), given(1));
    await go(page);
    await compared(page);
    await page.getByRole('button', { name: 'Back to the folder' }).click();
    await page.locator('#verdict').waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
    await over.close();
    rmSync(path, { recursive: true, force: true });
  });

  it('may be dropped', async () => {
    const { page } = await openPage(browser, explorer.url);
    const drop = async (zone: number, path: string) => {
      const bytes = (await readFile(path)).toString('base64');
      await page
        .locator('.drop-zone')
        .nth(zone)
        .evaluate((target, base64) => {
          const data = new DataTransfer();
          data.items.add(
            new File([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))], 'dropped.safetensors'),
          );
          target.dispatchEvent(
            new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }),
          );
        }, bytes);
    };
    await drop(0, given(0)[0]);
    await drop(1, given(1)[0]);
    await page.getByText('dropped.safetensors').nth(1).waitFor();
    await go(page);
    await compared(page);
    await page.context().close();
  });
});

// The explorer in a browser: opened, with what went wrong on the page gathered, and what a reader does on it.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { startCli } from '../cli/cli.js';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export interface Opened {
  readonly page: Page;
  /** Errors of scripts and of the console, and requests that were not answered by the server of the page. */
  readonly faults: string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('request', (request) => {
    const other = !/^(data|blob):/.test(request.url()) && !request.url().startsWith(new URL('.', url).href);
    if (other) faults.push(`asks for ${request.url()}`);
  });
  await page.goto(url);
  return { page, faults };
}

/** The address of the explorer that a command has begun, once it says it. */
export function explorerOf({ child, finished }: ReturnType<typeof startCli>): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (piece) => {
      text += piece;
      const found = /explorer: (http:\S+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    void finished.then(({ stderr }) => reject(new Error(stderr)));
  });
}

/** What the address says of the page. */
export function hashOf(page: Page): URLSearchParams {
  return new URLSearchParams(new URL(page.url()).hash.slice(1));
}

/** What the address says, once what was moved is written into it. */
export async function settledHash(page: Page): Promise<URLSearchParams> {
  await page.waitForTimeout(200);
  return hashOf(page);
}

type Place = readonly [x: number, y: number];

export async function drag({ mouse }: Page, from: Place, to: Place): Promise<void> {
  await mouse.move(...from);
  await mouse.down();
  await mouse.move(...to, { steps: 6 });
  await mouse.up();
}

/** The file that a button gives. */
export async function downloaded(page: Page, name: string): Promise<Buffer> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name }).click(),
  ]);
  return readFile(await download.path());
}

/** Until the rows that are asked for are on the screen. */
export async function shown(page: Page, text?: string | RegExp): Promise<string> {
  const status = page.locator('[data-whole]');
  await status.waitFor();
  if (text !== undefined) await status.filter({ hasText: text }).waitFor();
  return (await status.textContent()) ?? '';
}

/** What axe says is wrong, as "rule: element". */
export async function axeProblems(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axe }).catch(() => undefined);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<AxeResults> } };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  });
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

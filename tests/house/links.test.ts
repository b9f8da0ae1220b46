// Pages link only to files that are packed with them, and to headings that are there.
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';
import { pack, root } from './packed.js';

interface Link {
  readonly page: string;
  readonly link: string;
  /** Path from the root. */
  readonly to: string;
  readonly anchor?: string;
}

const { files } = pack('--dry-run');
const packed = new Set(files.flatMap((file) => [file, ...foldersOf(file)]));
const pages = files.filter((file) => file.endsWith('.md') && !file.startsWith('dist/'));
const links = pages.flatMap((page) => linksIn(page));

/** Targets of links and pictures in Markdown, without those on the web. */
function linksIn(page: string): Link[] {
  return [...readPage(page).matchAll(/\]\(([^)\s]+)[^)]*\)|(?:src|href)="([^"]+)"/g)]
    .map(([, link, attribute]) => link ?? attribute)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path, anchor] = link.split('#');
      const to = path === '' ? page : normalize(join(dirname(page), path)).replace(/\/$/, '');
      return { page, link, to, ...(anchor === undefined ? {} : { anchor }) };
    });
}

function readPage(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** The anchors that GitHub gives the headings of a page: letters, digits and hyphens, in small letters. */
function anchorsOf(page: string): string[] {
  const headings = [...readPage(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function foldersOf(file: string): string[] {
  const folder = dirname(file);
  return folder === '.' ? [] : [folder, ...foldersOf(folder)];
}

it('relative links of packed pages lead to packed files or folders', () => {
  expect(links.some(({ to }) => to === 'docs/images/scores.svg')).toBe(true);
  expect(links.some(({ page }) => page.startsWith('docs/studies/'))).toBe(true);
  expect(links.filter(({ to }) => !packed.has(to))).toEqual([]);
});

it('links to a heading lead to one', () => {
  const anchored = links.filter(({ anchor }) => anchor !== undefined);
  expect(anchored.length).toBeGreaterThan(10);
  expect(anchored.filter(({ to, anchor }) => !anchorsOf(to).includes(anchor as string))).toEqual([]);
});

it('README leads to every page of docs', () => {
  const fromReadme = links.filter(({ page }) => page === 'README.md').map(({ to }) => to);
  const shown = pages.filter((page) => page.startsWith('docs/'));
  expect(shown.filter((page) => !fromReadme.includes(page))).toEqual([]);
});

it('scripts of examples that pages run are packed', () => {
  const scripts = pages.flatMap((page) => readPage(page).match(/examples\/[\w-]+\.(?:mjs|yaml)/g) ?? []);
  expect(scripts).toContain('examples/make-saes.mjs');
  expect(scripts.filter((script) => !packed.has(script))).toEqual([]);
});

// Pages of the packed package link only to files that are packed with them.
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';
import { pack, root } from './packed.js';

/** Targets of links and pictures in Markdown, without those on the web and those within a page. */
function linksIn(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)[^)]*\)|(?:src|href)="([^"]+)"/g)]
    .map(([, link, attribute]) => (link ?? attribute).replace(/#.*/, ''))
    .filter((link) => link !== '' && !/^[a-z]+:/.test(link));
}

it('relative links of packed pages lead to packed files or folders', () => {
  const { files } = pack('--dry-run');
  const packed = new Set(files.flatMap((file) => [file, ...foldersOf(file)]));
  const links = files
    .filter((file) => file.endsWith('.md') && !file.startsWith('dist/'))
    .flatMap((page) =>
      linksIn(readFileSync(join(root, page), 'utf8')).map((link) => ({
        page,
        link,
        to: normalize(join(dirname(page), link)).replace(/\/$/, ''),
      })),
    );
  expect(links.some(({ to }) => to === 'docs/images/report.png')).toBe(true);
  expect(links.some(({ page }) => page.startsWith('docs/studies/'))).toBe(true);
  expect(links.filter(({ to }) => !packed.has(to))).toEqual([]);
});

function foldersOf(file: string): string[] {
  const folder = dirname(file);
  return folder === '.' ? [] : [folder, ...foldersOf(folder)];
}

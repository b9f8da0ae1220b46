// The pictures that are committed show what the code writes now.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { root, textOf } from './page.js';
import { pictures, sourceFile } from './pictures.js';

test.each(pictures(textOf(sourceFile)))('$file is as `npm run pictures` draws it', ({ file, text }) => {
  expect(textOf(file)).toBe(text);
});

/** What the code and the study can write: their text with strings that are put together made one. */
function sourcesOf(study: string): string {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /^(report|metrics|stats|diagnosis)\/.*\.ts$/.test(name))
    .map((name) => textOf(join('src', name)));
  return [...files, textOf(`examples/${study}.yaml`)].join('\n').replace(/['`] \+\s+['`]/g, '');
}

/** Runs of words in the texts of a figure, without what is filled in: numbers, and the axis behind “along” or “by”. */
function wordsIn(svg: string): string[] {
  const { document } = parseHTML(svg);
  const texts = [...document.querySelectorAll('text')].map((text) => text.textContent ?? '');
  const runs = texts.flatMap((text) => text.split(/[^\p{L}| ]+|(?<=\b(?:along|by)) (?:the )?/u));
  return [...new Set(runs.map((run) => run.trim()))].filter((run) => /\p{L}{3}/u.test(run));
}

const figures = readdirSync(join(root, 'docs/studies/figures'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.svg'))
  .map((name) => ({ name, study: name.split('/')[0] }));

// Their studies take minutes, so their numbers are not drawn again here.
test.each(figures)('the words of docs/studies/figures/$name are still written', ({ name, study }) => {
  const sources = sourcesOf(study);
  const words = wordsIn(textOf(join('docs/studies/figures', name)));
  expect(words.length).toBeGreaterThan(5);
  expect(words.filter((run) => !sources.includes(run))).toEqual([]);
});

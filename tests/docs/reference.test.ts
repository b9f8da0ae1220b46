// Pages that list what the code has, list all of it.
import { expect, test } from 'vitest';
import { tokenColumns } from '../../src/activations/tokens.js';
import { nullModels } from '../../src/metrics/nulls/registry.js';
import { metricIds } from '../../src/metrics/registry.js';
import { familyColumns } from '../../src/report/consensus/families-table.js';
import { exampleColumns } from '../../src/report/example-table.js';
import { featureColumns } from '../../src/report/feature-table.js';
import { textOf } from './page.js';

/** The cells of every row of the page's tables. */
function rowsOf(page: string): string[][] {
  return textOf(page)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(2, -2)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

function idsIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, id]) => id);
}

test('docs/tables.md has every column of features.parquet and examples.parquet with its type, in order', () => {
  const rows = rowsOf('docs/tables.md').flatMap(([name, type]) =>
    name.startsWith('`') ? [[name, type]] : [],
  );
  const columns = [...featureColumns, ...exampleColumns];
  expect(rows).toEqual(columns.map(({ name, type }) => [`\`${name}\``, type]));
});

test('docs/activations.md has every column of tokens, in order', () => {
  const names = rowsOf('docs/activations.md').flatMap(([name]) => (name.startsWith('`') ? [name] : []));
  expect(names).toEqual(tokenColumns.map(({ name }) => `\`${name}\``));
});

test('docs/consensus.md has every column of families.parquet with its type, in order', () => {
  const rows = rowsOf('docs/consensus.md').filter((cells) => cells.length === 4 && cells[0].startsWith('`'));
  expect(rows.map(([name, type]) => [name, type])).toEqual(
    familyColumns.map(({ name, type }) => [`\`${name}\``, type]),
  );
});

test('docs/glossary.md has every score and every null once', () => {
  const ids = rowsOf('docs/glossary.md').flatMap((cells) => (cells.length === 3 ? idsIn(cells[1]) : []));
  for (const id of [...metricIds, ...nullModels.map(({ kind }) => kind)]) {
    expect(ids.filter((one) => one === id)).toEqual([id]);
  }
});

test('docs/glossary.md has each term once', () => {
  const terms = rowsOf('docs/glossary.md').map(([term]) => term);
  const twice = terms.filter((term, i) => terms.indexOf(term) !== i);
  // Headings of the four tables, and "the same …" of the score above.
  expect(new Set(twice)).toEqual(new Set(['term', '---', 'the same of live features']));
});

test('docs/reading-a-report.md explains every score', () => {
  const ids = rowsOf('docs/reading-a-report.md').flatMap(([cell]) => idsIn(cell));
  expect(metricIds.filter((id) => !ids.includes(id))).toEqual([]);
});

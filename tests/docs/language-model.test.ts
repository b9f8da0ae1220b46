// The page on a language model says what its study has measured: its tables are made of the committed numbers, and its sentences use them.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadStudy } from '../../src/study/config.js';
import { planStudy } from '../../src/study/plan.js';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const page = await readFile(at('docs/studies/language-model.md'), 'utf8');
const numbers = JSON.parse(await readFile(at('docs/studies/language-model.json'), 'utf8'));
const { tablesOf, withTables } = await import(at('examples/language-model/tables.mjs'));

it('has the tables that its numbers make', () => {
  expect(withTables(page, tablesOf(numbers))).toBe(page);
});

it('has no decimal in a sentence that stands in no table', () => {
  const tables = Object.values(tablesOf(numbers)).join('\n');
  const told = page.replace(/<!-- language-model:(\w+) -->[\s\S]*?<!-- \/language-model:\1 -->/g, '');
  const published = told.match(/^\*\*Beside what was published\.\*\*[\s\S]*?(?=^\*\*)/m)?.[0] ?? '';
  const decimals = told.replace(published, '').match(/\d+\.\d+/g) ?? [];
  expect(decimals.length).toBeGreaterThan(10);
  expect(decimals.filter((one) => !tables.includes(one))).toEqual([]);
});

it('was measured on the groups that the study has now', async () => {
  const { groups } = planStudy(await loadStudy(at('examples/language-model.yaml')), false);
  const measured = Object.entries(numbers.heldOut) as [string, { saes: number; features: number }][];
  expect(measured.map(([name]) => `layer15.resid_post.${name}`).sort()).toEqual(
    groups.map(({ id }) => id).sort(),
  );
  for (const [name, { saes, features }] of measured) {
    const group = groups.find(({ id }) => id.endsWith(`.${name}`))!;
    expect(saes).toBe(group.saes.length);
    expect(features).toBe(saes * group.settings.dSae);
  }
  expect(page).toContain(
    `${groups[0].settings.steps!.toLocaleString('en')} steps of ${groups[0].settings.batchSize} rows`,
  );
});

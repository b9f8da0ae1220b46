// The report as files: one self-contained page, Markdown with the claims, figures; the same bytes every time.
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { figuresOf } from '../../src/report/figures/index.js';
import { renderHtml } from '../../src/report/html/page.js';
import { html } from '../../src/report/html/template.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { renderReport } from '../../src/report/render.js';
import type { Results } from '../../src/results/results.js';
import { fixtureResults, smaller, weightsOnly } from './fixture.js';

const results = fixtureResults();
const page = renderHtml(results, figuresOf(results));
const { document } = parseHTML(page);

test('the page needs nothing from anywhere', () => {
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:|javascript:|\son\w+=/i);
  expect(page).toContain('prefers-color-scheme: dark');
});

test('ids are unique, links within the page lead somewhere, headings do not skip a level', () => {
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const a of document.querySelectorAll('a[href]'))
    expect(ids).toContain(a.getAttribute('href')!.slice(1));
  for (const e of document.querySelectorAll('[aria-labelledby]'))
    expect(ids).toContain(e.getAttribute('aria-labelledby'));
  const levels = [...document.querySelectorAll('h1,h2,h3,h4')].map((h) => Number(h.tagName[1]));
  expect(levels[0]).toBe(1);
  for (let i = 1; i < levels.length; i++) expect(levels[i]).toBeLessThanOrEqual(levels[i - 1] + 1);
});

test('tables have captions and headers of columns and rows, of equal length', () => {
  const tables = [...document.querySelectorAll('table')];
  expect(tables).toHaveLength(2 + results.groups.length);
  for (const table of tables) {
    expect(table.querySelector('caption')!.textContent).not.toBe('');
    const columns = table.querySelectorAll('thead th[scope=col]').length;
    for (const row of table.querySelectorAll('tbody tr:not(.section)')) {
      expect(row.children.length).toBe(columns);
      expect(row.children[0].getAttribute('scope')).toBe('row');
    }
  }
});

test('the answer comes first, then claims, figures, groups, SAEs, method', () => {
  const order = [...document.querySelectorAll('h2')].map((h) => h.textContent);
  expect(order).toEqual([
    'The answer',
    'Claims',
    'Figures',
    'Layer 0 · plus',
    'Layer 0 · equals',
    'Layer 1 · plus',
    'Layer 1 · equals',
    'SAEs',
    'Method',
    'Provenance',
  ]);
});

test('supported findings are open, gravest first; refuted ones are folded away', () => {
  const section = [...document.querySelectorAll('section')].find(
    (s) => s.getAttribute('aria-labelledby') === 'group-1',
  )!;
  const open = [...section.querySelectorAll('section > ul.findings > li')].map((li) => li.className);
  const gravity = ['fail', 'warn', 'info'];
  expect(open).toEqual([...open].sort((a, b) => gravity.indexOf(a) - gravity.indexOf(b)));
  expect(open[0]).toBe('fail');
  const refuted = results.groups[0].findings.filter((f) => f.verdict === 'refuted');
  expect(section.querySelectorAll('details li')).toHaveLength(refuted.length);
});

test('text is never read as markup', () => {
  const nasty = '<b onclick="x">&\'"</b>';
  const changed: Results = {
    ...results,
    study: { name: nasty, description: nasty, quick: true, config: { key: nasty } },
    groups: results.groups.map((g) => ({ ...g, site: nasty, label: nasty })),
    saes: results.saes.map((s) => ({ ...s, format: nasty })),
    claims: [{ id: 'c', text: nasty, published: nasty, verdict: 'refuted', group: nasty }],
  };
  const text = renderHtml(changed, figuresOf(changed));
  expect(text).not.toContain('<b ');
  expect(text).toContain('&lt;b onclick=&quot;x&quot;&gt;');
  expect(text).toContain('A quick run');
  expect(renderMarkdown(changed)).not.toContain('<b ');
  expect(html`<p>${'<'}${[html`<i>${'&'}</i>`]}${false}${undefined}${0}</p>`.text).toBe(
    '<p>&lt;<i>&amp;</i>0</p>',
  );
});

test('the Markdown has the answer, the claims table and every score', () => {
  const text = renderMarkdown(results);
  expect(text.indexOf('**Do the features come back?**')).toBeLessThan(text.indexOf('## Claims'));
  expect(text).toContain('| Claim | Published | Measured | Same number | Verdict on the claim | Why |');
  expect(text).toContain(
    '| Decoder-based PWMCC at layer 0<br>layer 0 · plus | 0.3086 | 0.3094 | yes<br>within 0.008 | **supported** |',
  );
  for (const group of results.groups) {
    for (const metric of Object.values(group.metrics)) expect(text).toContain(metric.mean.toFixed(4));
  }
  for (const line of text.split('\n').filter((l) => l.startsWith('| --')))
    expect(line).toMatch(/^(\| ---:? )+\|$/);
});

test('without study, claims and activations the report still stands', () => {
  const bare = weightsOnly();
  const text = renderHtml(bare, figuresOf(bare));
  expect(text).toContain('Comparison of 3 SAEs');
  expect(text).toContain('Could not be checked');
  expect(text).not.toMatch(/undefined|>NaN/);
  expect(renderMarkdown(bare)).not.toMatch(/undefined|\| NaN|## Claims/);
});

test('the files of a report are the same every time', async () => {
  const [first, second] = [await renderReport(smaller(1, 3)), await renderReport(smaller(1, 3))];
  expect(first.map((f) => f.path)).toEqual([
    'report.html',
    'report.md',
    ...figuresOf(smaller(1, 3)).flatMap(({ id }) => [`figures/${id}.svg`, `figures/${id}.png`]),
  ]);
  first.forEach((file, i) => {
    expect(Buffer.compare(file.bytes, second[i].bytes)).toBe(0);
    if (file.path.endsWith('.png')) expect(Buffer.from(file.bytes.slice(1, 4)).toString()).toBe('PNG');
  });
});

test('scores stand under their family, and the file of features is explained where it was written', () => {
  const [group] = results.groups;
  const stability = group.saes.map((sae) => ({
    sae,
    scored: 1024,
    inEvery: 256,
    inNone: 512,
    inEvery07: 128,
    inEvery09: 0,
  }));
  const withFeatures: Results = { ...results, groups: [{ ...group, stability }, ...results.groups.slice(1)] };
  const text = renderHtml(withFeatures, []);
  const { document: whole } = parseHTML(text);
  const families = [...whole.querySelectorAll('tr.section')].map((row) => row.textContent);
  expect(families.slice(0, 3)).toEqual([
    'Decoder directions: what features write',
    'Codes: when features fire',
    'Displacement: what training changed',
  ]);
  const caption = [...whole.querySelectorAll('caption')].find((c) =>
    c.textContent?.startsWith('Features that'),
  );
  const [first] = caption!.parentElement!.querySelectorAll('tbody tr');
  expect([...first.children].map((cell) => cell.textContent)).toEqual([
    group.saes[0],
    '1,024',
    '25625%',
    '12813%',
    '00%',
    '51250%',
  ]);
  expect([...whole.querySelectorAll('h2')].map((h) => h.textContent)).toContain('Feature by feature');
  expect([...whole.querySelectorAll('dt code')].map((c) => c.textContent)).toContain('stability_07');
  const markdown = renderMarkdown(withFeatures, []);
  expect(markdown).toContain('pd.read_parquet("features.parquet")');
  expect(markdown).toContain('| *Codes: when features fire* |');
  for (const text of [page, renderMarkdown(results, [])]) expect(text).not.toContain('features.parquet');
});

test('of many groups, the details are folded away under what was concluded of each', () => {
  const many: Results = {
    ...results,
    groups: Array.from({ length: 7 }, (_, i) => ({ ...results.groups[0], id: `group-${i}` })),
  };
  const figures = figuresOf(many);
  const { document } = parseHTML(renderHtml(many, figures));
  const folded = [...document.querySelectorAll('details')];
  const details = folded.filter(
    ({ firstChild }) => firstChild?.textContent === 'Scores, causes and findings',
  );
  expect(details.map((one) => one.querySelectorAll('table').length > 0)).toEqual(Array(7).fill(true));
  for (const one of details) expect(one.parentElement?.querySelector('.verdict')).not.toBeNull();
  const byGroup = figures.filter((figure) => figure.byGroup).map(({ id }) => `figure-${id}`);
  const away = folded.find((one) => one.textContent?.startsWith('Group by group'));
  expect([...(away?.querySelectorAll('figure') ?? [])].map(({ id }) => id)).toEqual(byGroup);
  // Nothing is folded where there are few.
  expect(page).not.toContain('Scores, causes and findings');
});

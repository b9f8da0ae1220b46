// A study along an axis: names of groups, the table of settings, and the figure of scores along the axis.
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { alongAxisFigure } from '../../src/report/figures/along-axis.js';
import { figuresOf } from '../../src/report/figures/index.js';
import { renderHtml } from '../../src/report/html/page.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { settingsTable } from '../../src/report/settings-table.js';
import { axesOf, labelOf, settingsText } from '../../src/report/settings-text.js';
import { groupName } from '../../src/report/wording.js';
import type { GroupResult, GroupSettings, Results } from '../../src/results/results.js';
import { fixtureResults } from './fixture.js';

const common: GroupSettings = {
  architecture: 'topk',
  dSae: 1024,
  k: 32,
  recipe: 'plain',
  epochs: 50,
  steps: 2500,
  batchSize: 256,
  learningRate: 3e-4,
};

/** The groups of the fixture, each as often as there are settings; scores of live features grow with their place. */
function along(settings: readonly Partial<GroupSettings>[], sites = 2): Results {
  const results = fixtureResults();
  const all = settings.map((own) => ({ ...common, ...own }));
  const axes = axesOf(all);
  const groups = results.groups.slice(0, sites).flatMap((group) =>
    all.map((own, i): GroupResult => {
      const label = labelOf(own, axes);
      const copy = structuredClone(group) as GroupResult & {
        metrics: Record<string, { mean: number; corrected: number }>;
      };
      for (const id of ['decoder.max.live', 'activation.max.live']) {
        copy.metrics[id].mean = 0.4 + 0.1 * i;
        copy.metrics[id].corrected = (id.startsWith('d') ? 0.1 : 0.2) + 0.1 * i;
      }
      return { ...copy, id: `${group.id}.${i}`, ...(label === '' ? {} : { label }), settings: own };
    }),
  );
  return { ...results, groups };
}

const byK = along([{ k: 4 }, { k: 16 }, { k: 64 }]);

test('an axis is what settings differ in; variants stand for all that differs between them', () => {
  const axes = (settings: Partial<GroupSettings>[]) =>
    axesOf(settings.map((own) => ({ ...common, ...own }))).map(({ id }) => id);
  expect(axes([{}, {}])).toEqual([]);
  expect(axes([{ k: 8 }, { k: 4 }])).toEqual(['k']);
  expect(axes([{ recipe: 'plain' }, { recipe: 'openai' }, { recipe: 'plain', dSae: 64 }])).toEqual([
    'dSae',
    'recipe',
  ]);
  // Numbers first, and of those the one with most values; steps follow from the epochs.
  expect(axes([{ k: 1 }, { k: 2 }, { k: 3, dSae: 64 }, { epochs: 1, steps: 50 }])).toEqual([
    'k',
    'dSae',
    'epochs',
  ]);
  expect(
    axes([
      { variant: 'a', k: 4 },
      { variant: 'b', k: 8, dSae: 64 },
    ]),
  ).toEqual(['variant']);
  expect(
    axes([
      { variant: 'a', k: 4 },
      { variant: 'b', k: 4 },
      { variant: 'b', k: 8 },
    ]),
  ).toEqual(['k', 'variant']);
  expect(
    axesOf([
      { ...common, k: 16 },
      { ...common, k: 4 },
    ])[0].values,
  ).toEqual([4, 16]);
});

test('groups are named by their place on the axes, and settings are told in words', () => {
  expect(byK.groups.map(groupName)).toEqual([
    'layer 0 · plus · k 4',
    'layer 0 · plus · k 16',
    'layer 0 · plus · k 64',
    'layer 0 · equals · k 4',
    'layer 0 · equals · k 16',
    'layer 0 · equals · k 64',
  ]);
  expect(groupName({ id: 'activations.k4', label: 'k 4' })).toBe('k 4');
  expect(settingsText(common)).toBe('topk, 1,024 features, k 32, plain, 50 epochs');
});

test('the table has a row a group, with its settings, and none where all are alike', () => {
  const table = settingsTable(byK)!;
  const names = table.columns.map(({ name }) => name);
  expect(names).toContain('k');
  expect(names).not.toContain('Sparsity');
  expect(table.rows.map((row) => row[names.indexOf('k')].text)).toEqual(['4', '16', '64', '4', '16', '64']);
  expect(table.rows[1][names.indexOf('decoder, live')]).toMatchObject({ text: '0.200' });
  expect(settingsTable(along([{}, {}]))).toBeUndefined();
  expect(settingsTable(fixtureResults())).toBeUndefined();
  expect(renderMarkdown(byK)).toMatch(/## Settings\n\n\| Group \|/);
  expect(renderHtml(byK, [])).toContain('<h2 id="settings">Settings</h2>');
});

test('the figure has a row of three panels a site, and its points stand at their values', () => {
  const { svg, caption, title, alt } = alongAxisFigure(byK)!;
  expect(title).toBe('Scores along k');
  const { document } = parseHTML(`<body>${svg}</body>`);
  const texts = [...document.querySelectorAll('text')].map((t) => t.textContent);
  for (const panel of ['Decoder directions', 'Codes', 'Corrected'])
    expect(texts.filter((t) => t === panel)).toHaveLength(2);
  expect(texts.filter((t) => t === 'layer 0 · plus')).toHaveLength(3);
  // On a log scale 4, 16 and 64 are evenly apart; scores 0.4, 0.5 and 0.6 too.
  const points = [...document.querySelectorAll('circle[r="3.6"]')].slice(0, 3);
  const at = (name: string) => points.map((p) => Number(p.getAttribute(name)));
  const [x, y] = [at('cx'), at('cy')];
  expect(x[1] - x[0]).toBeCloseTo(x[2] - x[1], 6);
  expect(y[0] - y[1]).toBeCloseTo(y[1] - y[2], 6);
  expect(y[0]).toBeGreaterThan(y[1]);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  expect(caption).toContain('At layer 0 · plus, corrected for chance');
  expect(caption).toMatch(/0\.100 at k 4 and 0\.300 at k 64/);
  expect(alt).toContain('decoder, live 0.400 at k 4');
});

test.each([
  ['names', along([{ recipe: 'plain' }, { recipe: 'openai' }]), 'Scores by recipe'],
  [
    'long names',
    along([
      { variant: 'dictionary-learning-warm' },
      { variant: 'saelens-with-decay' },
      { variant: 'openai' },
    ]),
    'Scores by variant',
  ],
  [
    'two axes',
    along([{ k: 4 }, { k: 8 }, { k: 4, dSae: 64 }, { k: 8, dSae: 64 }]),
    'Scores along the number of features',
  ],
  ['axes without a line', along([{ k: 4 }, { k: 8, dSae: 64 }]), undefined],
  ['one setting', along([{}]), undefined],
])('with %s it is drawn, or left out', (_, results, title) => {
  const figure = alongAxisFigure(results);
  expect(figure?.title).toBe(title);
  expect(figure?.svg ?? '').not.toMatch(/NaN|undefined|Infinity/);
});

test('it stands first, and groups without scores do not stop it', () => {
  expect(figuresOf(byK)[0].id).toBe('along-axis');
  const lost = structuredClone(byK);
  (lost.groups[2] as { metrics: object }).metrics = {};
  expect(alongAxisFigure(lost)!.svg).not.toMatch(/NaN|undefined/);
  const none = { ...lost, groups: lost.groups.map((group) => ({ ...group, metrics: {} })) };
  expect(alongAxisFigure(none)).toBeUndefined();
});

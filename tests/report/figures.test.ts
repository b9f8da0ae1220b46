// Figures hold the numbers, work for few and many groups, and their PNGs have their text drawn.
import { Resvg } from '@resvg/resvg-js';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { figuresOf } from '../../src/report/figures/index.js';
import { fontFiles, toPng } from '../../src/report/figures/raster.js';
import { standalone } from '../../src/report/figures/theme.js';
import { fixtureResults, smaller, twelveGroups, weightsOnly } from './fixture.js';

const results = fixtureResults();
const figures = figuresOf(results);
const textsOf = (svg: string) =>
  [...parseHTML(`<body>${svg}</body>`).document.querySelectorAll('text')].map((t) => t.textContent ?? '');
const byId = (id: string) => figures.find((f) => f.id === id)!;

test('a full study gives figures with title, n, caption and alternative text', () => {
  const ids = figures.map((f) => f.id);
  expect(ids).toEqual(expect.arrayContaining(['scores', 'live-dead', 'init-cosine', 'pairs']));
  expect(new Set(ids).size).toBe(ids.length);
  for (const { title, caption, alt, svg } of figures) {
    const texts = textsOf(svg).join(' ');
    expect(texts).toContain(title);
    expect(texts).toMatch(/n = [\d,]+/);
    expect(caption).toMatch(/^[A-Z].*\.$/);
    expect(alt.length).toBeGreaterThan(40);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  }
});

test('the numbers in the figures are those of the results', () => {
  const scores = textsOf(byId('scores').svg);
  const pairs = textsOf(byId('pairs').svg);
  for (const group of results.groups) {
    for (const id of ['activation.max', 'activation.max.live', 'decoder.max', 'decoder.max.live'] as const) {
      const metric = group.metrics[id]!;
      expect(scores).toContain(metric.mean.toFixed(3));
      expect(scores).toContain(`chance ${metric.null!.mean.toFixed(3)}`);
    }
    for (const pair of group.metrics['decoder.max']!.pairs) expect(pairs).toContain(pair.value.toFixed(3));
  }
  const split = results.groups[0].liveSplit!['decoder.max']!;
  const dead = (split.deadShare * split.deadScore!).toFixed(3);
  expect(textsOf(byId('live-dead').svg).some((t) => t.includes(`${dead} from dead`))).toBe(true);
  expect(textsOf(byId('init-cosine').svg)).toContain('median 0.990');
});

test('rows that are copies up to noise are not counted as distinct', () => {
  const [group] = results.groups;
  const noisy = { ...group, activations: { ...group.activations!, distinctRows: 12769, clusters: 121.6 } };
  const scores = figuresOf({ ...results, groups: [noisy] }).find((f) => f.id === 'scores')!;
  expect(textsOf(scores.svg)).toContain('5 SAEs, about 122 distinct rows of 12,769, up to noise');
});

test('a point stands where its score is: position grows linearly with the mean', () => {
  const { document } = parseHTML(`<body>${byId('scores').svg}</body>`);
  const means = [...document.querySelectorAll('circle[r="3.5"]')].map((c) => Number(c.getAttribute('cx')));
  const own = means.slice(-4 * 4).filter((x) => x > 20);
  const [all, live, decoder] = ['activation.max', 'activation.max.live', 'decoder.max'].map(
    (id) => results.groups[0].metrics[id as 'decoder.max']!.mean,
  );
  const [a, l, d] = own;
  expect((l - a) / (d - a)).toBeCloseTo((live - all) / (decoder - all), 6);
});

test('captions say what the data say', () => {
  expect(byId('scores').caption).toContain(
    'At layer 0 · plus and layer 1 · plus, the activation-based score more than doubles',
  );
  const healthy = figuresOf({ ...results, groups: [results.groups[3]] });
  expect(healthy.map((f) => f.caption).join(' ')).not.toMatch(/never fire|more than doubles/);
  const odd = structuredClone(results);
  const pair = odd.groups[3].metrics['activation.max.live']!.pairs[2];
  (pair as { value: number }).value = 0.2;
  expect(figuresOf(odd).find((f) => f.id === 'pairs')!.caption).toContain(`${pair.a} with ${pair.b}`);
});

test.each([
  ['one group', smaller(1, 5), ['scores', 'live-dead', 'init-cosine', 'pairs']],
  ['two SAEs', smaller(2, 2), ['scores', 'live-dead', 'init-cosine', 'pairs']],
  ['twelve groups', twelveGroups(), ['scores', 'live-dead', 'init-cosine', 'pairs']],
  ['weights only', weightsOnly(), ['scores', 'pairs']],
  ['no groups', { ...results, groups: [] }, []],
])('%s', (_, value, expected) => {
  const made = figuresOf(value);
  const known = ['scores', 'live-dead', 'init-cosine', 'pairs'];
  expect(made.map(({ id }) => id).filter((id) => known.includes(id))).toEqual(expected);
  if (value.groups.length === 0) expect(made).toEqual([]);
  for (const { svg } of made) expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});

test('a file of its own has no variables left and names its font', () => {
  for (const { svg } of figures) {
    const file = standalone(svg);
    expect(svg).toContain('var(--fig-');
    expect(file).not.toContain('var(');
    expect(file).toContain('font-family="DejaVu Sans"');
    expect(file).not.toMatch(/<style|<script|href=/);
  }
});

/** Number of pixels of a PNG that are dark, as ink is on white paper. */
function inkOf(png: Uint8Array): number {
  const width = new DataView(png.buffer).getUint32(16);
  const height = new DataView(png.buffer).getUint32(20);
  const data = Buffer.from(png).toString('base64');
  const { pixels } = new Resvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><image width="${width}" height="${height}" href="data:image/png;base64,${data}"/></svg>`,
  ).render();
  let dark = 0;
  for (let at = 0; at < pixels.length; at += 4)
    if (pixels[at] + pixels[at + 1] + pixels[at + 2] < 300) dark++;
  return dark;
}

test('PNGs have their text drawn: without the font far less ink is left', async () => {
  const file = standalone(figuresOf(smaller(1, 3)).find((f) => f.id === 'scores')!.svg);
  const [withFont, without] = [inkOf(await toPng(file)), inkOf(await toPng(file, []))];
  expect(fontFiles().every((path) => path.endsWith('.ttf'))).toBe(true);
  expect(without).toBeGreaterThan(100);
  expect(withFont).toBeGreaterThan(2 * without);
});

// Results of studies: their figures and words hold the numbers, and the value comes back from its JSON.
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { figuresOf } from '../../src/report/figures/index.js';
import { renderHtml } from '../../src/report/html/page.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { recoveryOf } from '../../src/report/recovery.js';
import { serializeResults } from '../../src/report/serialize-results.js';
import { describeTrajectory } from '../../src/report/wording/trajectory-words.js';
import { describeVariance } from '../../src/report/wording/variance-words.js';
import { parseResults } from '../../src/results/read-results.js';
import type { Results } from '../../src/results/results.js';
import { fixtureResults } from './fixture.js';
import { crossedResults, followedResults, plantedResults } from './study-fixture.js';

const followed = followedResults();
const crossed = crossedResults();
const planted = plantedResults();
const figureOf = (results: Results, id: string) => figuresOf(results).find((f) => f.id === id);
const textsOf = (svg: string) =>
  [...parseHTML(`<body>${svg}</body>`).document.querySelectorAll('text')].map((t) => t.textContent ?? '');

test.each([
  ['trajectory', followed],
  ['variance', crossed],
  ['recovery', planted],
])('%s: has title, n, caption and alternative text; absent elsewhere', (id, results) => {
  const { title, caption, alt, svg } = figureOf(results, id)!;
  const texts = textsOf(svg).join(' ');
  expect(texts).toContain(title);
  expect(texts).toMatch(/n = \d+/);
  expect(caption).toMatch(/^[A-Z].*\.$/);
  expect(alt.length).toBeGreaterThan(40);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  expect(figureOf(fixtureResults(), id)).toBeUndefined();
  expect(figureOf({ ...results, groups: [] }, id)).toBeUndefined();
});

test.each([
  ['followed', followed],
  ['crossed', crossed],
  ['planted', planted],
])('results of a %s study are the same after JSON, to the byte', (_, results) => {
  const text = serializeResults(results);
  const back = parseResults(JSON.parse(text));
  for (const part of ['trajectory', 'variance', 'truth'] as const) {
    expect(back.groups[0][part]).toEqual(results.groups[0][part]);
  }
  expect(serializeResults(back)).toBe(text);
});

describe('trajectory', () => {
  test('says of each score whether more training would help', () => {
    const [plus, equals] = followed.groups.map((g) => g.trajectory!.judgements);
    const verdicts = (of: typeof plus) => Object.fromEntries(of.map((j) => [j.metric, j.verdict]));
    expect(verdicts(plus)).toEqual({
      'decoder.max': 'never',
      'decoder.max.live': 'settled',
      'decoder.matched': 'never',
      'activation.max.live': 'settled',
    });
    expect(new Set(Object.values(verdicts(equals)))).toEqual(new Set(['unfinished']));
    expect(describeTrajectory(plus[2])).toContain('would not leave chance with more training');
    const { caption, svg } = figureOf(followed, 'trajectory')!;
    expect(caption).toContain('3 still rising at the end');
    expect(caption).toContain('2 at chance and flat');
    expect(textsOf(svg).filter((t) => t === 'not finished')).toHaveLength(3);
  });

  test('a point stands where its corrected score is', () => {
    const { document } = parseHTML(`<body>${figureOf(followed, 'trajectory')!.svg}</body>`);
    const heights = [...document.querySelectorAll('circle[r="2"]')].map((c) => Number(c.getAttribute('cy')));
    const points = followed.groups[0].trajectory!.points;
    const values = (
      ['decoder.max', 'decoder.max.live', 'decoder.matched', 'activation.max.live'] as const
    ).flatMap((id) => points.map(({ metrics }) => metrics[id]!.corrected!));
    const [a, b, c] = [3, 25, 59];
    expect((heights[b] - heights[a]) / (heights[c] - heights[a])).toBeCloseTo(
      (values[b] - values[a]) / (values[c] - values[a]),
      5,
    );
  });

  test('one snapshot makes no figure, and steps need not be powers of two', () => {
    const cut = (keep: (step: number) => boolean): Results => ({
      ...followed,
      groups: followed.groups.map((g) => ({
        ...g,
        trajectory: { ...g.trajectory!, points: g.trajectory!.points.filter(({ step }) => keep(step)) },
      })),
    });
    expect(
      figureOf(
        cut((step) => step === 8),
        'trajectory',
      ),
    ).toBeUndefined();
    const { svg } = figureOf(
      cut((step) => step >= 64),
      'trajectory',
    )!;
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('variance', () => {
  test('tells what each seed explains, with its interval', () => {
    const [first, second] = crossed.groups.map((g) => g.variance!['decoder.matched']!);
    expect(first.shares.init.value).toBeCloseTo(0.6, 1);
    const text = describeVariance('decoder.matched', first);
    expect(text).toMatch(/init explains \d+% \(95% interval \d+% to \d+%\) of the disagreement/);
    expect(text).toContain('Most of it goes away when SAEs start from the same weights.');
    expect(describeVariance('decoder.matched', second)).toContain(
      'Keeping one of the two the same does little',
    );
    const { caption, svg } = figureOf(crossed, 'variance')!;
    expect(caption).toContain('At layer 0 · plus, the initial weights explain most');
    expect(caption).toContain('At layer 0 · equals, neither seed explains most');
    const texts = textsOf(svg);
    for (const { kinds } of [first, second]) {
      const order = kinds.order.disagreement.toFixed(3);
      expect(texts.some((t) => t.includes(`order alone ${order}`))).toBe(true);
    }
  });
});

describe('recovery', () => {
  test('by hand: errors, order and what rises', () => {
    const { conditions, scores } = recoveryOf(planted)!;
    expect(conditions.map(({ label, groups }) => [label, groups.map((g) => g.truth.overlap)])).toEqual([
      ['noise 0.05', [0, 0.25, 0.5, 0.75, 1]],
      ['noise 0.3', [0, 0.25, 0.5, 0.75, 1]],
    ]);
    expect(scores.map(([id]) => id)).toEqual([
      'decoder.max',
      'decoder.matched',
      'activation.max.live',
      'activation.matched.live',
    ]);
    const of = Object.fromEntries(scores);
    const off = planted.groups.map((g) => g.metrics['decoder.matched']!.corrected! - g.truth!.overlap);
    const square = off.reduce((s, e) => s + e * e, 0) / 10;
    expect(of['decoder.matched'].error).toBeCloseTo(Math.sqrt(square), 12);
    expect(scores.map(([, { rises }]) => rises)).toEqual([true, true, true, false]);
  });

  test('the caption names the best and what does not rise', () => {
    const { caption, svg } = figureOf(planted, 'recovery')!;
    expect(caption).toContain('The decoder-based score of all features gives the planted overlap back best');
    expect(caption).toContain(
      'Not rising with the overlap throughout: the one-to-one activation-based score of live features.',
    );
    expect(textsOf(svg)).toContain('off by 0.404, does not rise throughout'.replace('0.404', errorOf()));
  });

  test('a condition rises by itself or not at all', () => {
    // Falls in each of two conditions; on average over them it would seem to rise.
    const groups = planted.groups.flatMap((group, i) => {
      const level = [2, 3, 6, 7].indexOf(i);
      const metric = group.metrics['decoder.matched']!;
      const corrected = [0.3, 0.2, 0.9, 0.8][level];
      return level < 0 ? [] : [{ ...group, metrics: { 'decoder.matched': { ...metric, corrected } } }];
    });
    expect(recoveryOf({ ...planted, groups })!.scores[0][1].rises).toBe(false);
  });

  test('one overlap, or a score that some group lacks, tells nothing', () => {
    const one = planted.groups.filter(({ truth }) => truth!.overlap === 1);
    expect(recoveryOf({ ...planted, groups: one })).toBeUndefined();
    const [first, ...rest] = planted.groups;
    const { 'decoder.max': _, ...metrics } = first.metrics;
    const { scores } = recoveryOf({ ...planted, groups: [{ ...first, metrics }, ...rest] })!;
    expect(scores.map(([id]) => id)).not.toContain('decoder.max');
  });

  function errorOf(): string {
    return recoveryOf(planted)!.scores.at(-1)![1].error.toFixed(3);
  }
});

test('the page and the Markdown tell it', () => {
  for (const [results, title, term] of [
    [followed, 'Over training', 'Not finished: the corrected score rises'],
    [crossed, 'Init against order', 'From a full cross of init and order seeds'],
    [planted, 'Against the truth', 'Share of true features that the worlds'],
  ] as const) {
    const page = renderHtml(results, figuresOf(results));
    const text = renderMarkdown(results);
    expect(page).toContain(`<h3>${title}</h3>`);
    expect(text).toContain(`### ${title}`);
    for (const whole of [page, text]) expect(whole).toContain(term);
  }
});

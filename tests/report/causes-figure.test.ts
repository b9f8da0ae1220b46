// The figure of causes: each stands where its scores are, and the caption names the first of each group.
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { causesFigure } from '../../src/report/figures/causes.js';
import type { CauseResult, Results } from '../../src/results/results.js';
import { fixtureResults } from './fixture.js';

const cause = (rank: number, own: Partial<CauseResult>): CauseResult => ({
  rank,
  finding: 'usage.dead-by-firing',
  metric: 'activation.max',
  does: 'hides',
  score: 0.1,
  corrected: 0.1,
  without: 0.5,
  correctedWithout: 0.5,
  reference: 0.7,
  correctedReference: 0.7,
  explained: 0.667,
  scale: 'corrected',
  explainedRaw: 0.667,
  ...own,
});
const fixture = fixtureResults();
const withCauses = (...causes: CauseResult[][]): Results => ({
  ...fixture,
  groups: causes.map((one, i) => ({ ...fixture.groups[i], cause: one })),
});
const two = [
  cause(1, {}),
  cause(2, { finding: 'training.unfinished', correctedWithout: 0.3, explained: 0.333 }),
];

test('both scores and what all of it comes to stand on one axis, a row for each artefact', () => {
  const { document } = parseHTML(`<body>${causesFigure(withCauses(two))!.svg}</body>`);
  const panel = document.querySelector('svg svg')!;
  const x = [...panel.querySelectorAll('circle')].map((one) => Number(one.getAttribute('cx')));
  expect(x).toHaveLength(4);
  const [measured, again, first, second] = x;
  expect(again).toBe(measured);
  expect((first - measured) / (second - measured)).toBeCloseTo((0.5 - 0.1) / (0.3 - 0.1), 6);
  const texts = [...panel.querySelectorAll('text')].map((one) => one.textContent);
  expect(texts).toEqual(
    expect.arrayContaining([
      '1. features that never fire',
      'activation, all: 0.100 to 0.500, explains 67%',
      '2. training that was not finished',
      'activation, all: 0.100 to 0.300, explains 33%',
    ]),
  );
});

test('the axis takes in scores below chance', () => {
  const { svg } = causesFigure(withCauses([cause(1, { corrected: -0.4 })]))!;
  const { document } = parseHTML(`<body>${svg}</body>`);
  const [dot] = [...document.querySelectorAll('svg svg circle')].map((one) => Number(one.getAttribute('cx')));
  expect(dot).toBeCloseTo(12, 6);
});

test('the caption names the first artefact of each group once, with what it explains there', () => {
  const other = [cause(1, { explained: 0.9 })];
  expect(causesFigure(withCauses(two, other))!.caption).toBe(
    'In all 2 groups, most is explained by features that never fire: 67% to 90% of what taking out every artefact changes.',
  );
  const apart = causesFigure(withCauses(two, [], [cause(1, { finding: 'data.mean', explained: 1 })]))!;
  expect(apart.caption).toMatch(/^At layer 0 · \w+, most is explained by features that never fire: 67% of/);
  expect(apart.caption).toMatch(/\. At .*, most is explained by a large mean of the activations: 100% of/);
  expect(apart.alt).toContain(
    'without training that was not finished the activation-based score of all features goes from',
  );
});

test('no group with causes, no figure', () => {
  expect(causesFigure(withCauses([], []))).toBeUndefined();
});

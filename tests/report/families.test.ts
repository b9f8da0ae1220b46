// Families in figures and words: what is shown of them, and what is not where there are none.
import { expect, test } from 'vitest';
import { figureOfFamilies } from '../../src/report/figures/families.js';
import { restFigure } from '../../src/report/figures/rest.js';
import { serializeResults } from '../../src/report/serialize-results.js';
import {
  describeFamilies,
  describeGrowth,
  describeOptimum,
  describeRest,
} from '../../src/report/wording/family-words.js';
import type { FamiliesResult } from '../../src/results/families-result.js';
import { parseResults } from '../../src/results/read-results.js';
import { returningFeatures } from '../../src/stats/returning.js';
import { weightsOnly } from './fixture.js';

const supports = [0, 40, 12, 7, 9, 20];
const families: FamiliesResult = {
  by: 'directions',
  cosine: 0.7,
  supports,
  dropped: 1,
  optimum: { value: 10, upperBound: 10.1, components: 48, proven: 47 },
  growth: returningFeatures(supports)!,
};

test('words count families by support, and say how sure the grouping is', () => {
  expect(describeFamilies(families)).toBe(
    '48 families: 20 in all 5 SAEs, 9 in 4, 7 in 3, 12 in 2. 40 features are in none. 1 group more could be by accident, and was dropped.',
  );
  expect(describeFamilies({ ...families, copies: [['a', 'b']] })).toContain('a and b have the same features');
  expect(describeOptimum(families)).toMatch(/best for 47 of the 48 parts .* at least 99% of the agreement/);
  expect(describeOptimum({ ...families, optimum: { ...families.optimum, proven: 48 } })).toMatch(/proven\.$/);
  expect(describeGrowth(families.growth!, 5)).toMatch(
    /^With 5 SAEs you have seen about \d+% of the features/,
  );
  const unbounded = { ...families.growth!, unseen: { value: 3, low: 0 } };
  expect(describeGrowth(unbounded, 5)).toContain('3 (0 to any number)');
});

test('the figure has a bar for each support and a line up to twice as many SAEs', () => {
  const figure = figureOfFamilies([{ name: 'five', families }])!;
  // One bar for each of 2 to 5 SAEs: rects beside those of the legend.
  expect(figure.svg.match(/<rect/g)!.length).toBe(4 + 1);
  for (const tick of [2, 5, 10]) expect(figure.svg).toContain(`>${tick}<`);
  expect(figure.alt).toContain('48 families');
  expect(
    figureOfFamilies([{ name: 'none', families: { ...families, supports: [0, 5, 0] } }]),
  ).toBeUndefined();
});

test('the rest is a bar beside what it is by chance, and nothing where all have a family', () => {
  const rest = {
    features: 100,
    without: 40,
    shares: [
      { kind: 'rare' as const, features: 40, share: 0.5, chance: 0.05 },
      { kind: 'composed' as const, features: 40, share: 0.1, chance: 0.05 },
    ],
  };
  expect(describeRest({ rest })).toBe(
    '40 of 100 features (40%) have no family: 50% rare (5% by chance), 10% composed (5% by chance).',
  );
  expect(restFigure({ rest })!.svg).toContain('composed');
  expect(restFigure({ rest: { ...rest, shares: [] } })).toBeUndefined();
  expect(describeRest({ rest: { features: 3, without: 0, shares: [] } })).toBe('Every feature has a family.');
});

test('results keep families as they were, and copies with them', () => {
  const results = weightsOnly();
  const [group] = results.groups;
  const told = {
    ...results,
    groups: [{ ...group, families: { ...families, copies: [['a', 'b'] as const] } }],
  };
  const read = parseResults(JSON.parse(serializeResults(told)));
  expect(read.groups[0].families).toEqual({ ...families, copies: [['a', 'b']] });
});

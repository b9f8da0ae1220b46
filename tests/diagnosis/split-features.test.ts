// features.split: said where widths differ, with the two SAEs by name.
import { expect, test } from 'vitest';
import type { Finding, FindingId } from '../../src/diagnosis/index.js';
import { describeFinding } from '../../src/report/wording.js';
import { evidence, finding, member, outcome, score } from './hand.js';

const splitting = (split: number) => [{ narrow: 'b', wide: 'c', features: 60, split, parts: 3 * split }];

test('more than a third of the features warns; SAEs of one width have none', () => {
  expect(outcome('features.split', { splitting: splitting(21) })).toBe('supported warn');
  expect(outcome('features.split', { splitting: splitting(20) })).toBe('refuted info');
  expect(outcome('features.split', {})).toBe('refuted info');
  expect(outcome('features.split', { members: [member('a')] })).toBe('inconclusive info');
});

test('it says which SAE splits the features of which, and what one-to-one scores miss', () => {
  const { metrics } = evidence();
  const found = finding('features.split', {
    splitting: splitting(30),
    metrics: { ...metrics, 'decoder.matched': score('decoder.matched', 0.5, 0.2) },
  });
  const group = { id: 'g', saes: ['one', 'small', 'large'], metrics: {}, liveSplit: {} };
  const { summary } = describeFinding(found as Finding<FindingId>, group);
  expect(summary).toContain('30 of 60 features of small (50%) are several of large, which is wider: 3 each');
  expect(summary).toContain('it is 0.500, where best matches have 0.900');
});

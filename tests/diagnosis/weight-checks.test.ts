// Checks of the weights themselves, just inside and outside their thresholds.
import { expect, test } from 'vitest';
import type { Finding, FindingId } from '../../src/diagnosis/index.js';
import { describeFinding } from '../../src/report/wording.js';
import { finding, member, members, outcome } from './hand.js';

test('weights.degenerate: repeated, tiny and giant rows, a flat decoder, an encoder along one line', () => {
  const share = (change: Parameters<typeof members>[0]) =>
    outcome('weights.degenerate', { members: members(change) });
  // Fewer are features.duplicated.
  expect(share({ parallelFeatures: 100, repeatedFeatures: 50 })).toBe('refuted info');
  expect(share({ parallelFeatures: 52, repeatedFeatures: 51 })).toBe('supported fail');
  expect(share({ tinyFeatures: 6 })).toBe('supported warn');
  // Short rows among short rows are a convention.
  expect(share({ usage: { live: 100, deadByFiring: 0, deadByNorm: 100 } })).toBe('refuted info');
  expect(share({ giantFeatures: 1 })).toBe('supported warn');
  expect(share({ encoderLeading: 0.49 })).toBe('refuted info');
  expect(share({ encoderLeading: 0.51 })).toBe('supported fail');
  const decoder = { mean: 1, std: 0, normMean: 1, normStd: 0, normMin: 1, normMax: 1 };
  expect(share({ weights: { decoder, encoder: { mean: 0, std: 1 } } })).toBe('supported fail');
});

test('weights.degenerate: of one SAE of five, which one', () => {
  const five = ['a', 'b', 'c', 'd', 'e'].map((id) => member(id, id === 'd' ? { encoderLeading: 0.6 } : {}));
  const found = finding('weights.degenerate', { members: five });
  expect(found).toMatchObject({ severity: 'warn', evidence: { spoilt: 1, worst: 4, worstLeading: 0.6 } });
  expect(found.evidence['degenerateShare']).toBeCloseTo(0.2, 12);
  const group = { id: 'g', saes: ['run-1', 'run-2', 'run-3', 'run-4', 'run-5'], metrics: {}, liveSplit: {} };
  const { summary } = describeFinding(found as Finding<FindingId>, group);
  expect(summary).toContain('They are of run-4 alone, one of 5 SAEs.');
  expect(summary).toContain(
    'The features of run-4 read mostly the same: 60% of the squared length of its encoder',
  );
  expect(summary).not.toContain('twin');
});

test('weights.degenerate: of two SAEs of three, how many; of all, nothing of which', () => {
  const saes = ['run-1', 'run-2', 'run-3'];
  const of = (spoilt: number) =>
    describeFinding(
      finding('weights.degenerate', {
        members: saes.map((_, i) => member('abc'[i], i < spoilt ? { encoderLeading: 0.6 } : {})),
      }) as Finding<FindingId>,
      { id: 'g', saes, metrics: {}, liveSplit: {} },
    ).summary;
  expect(of(2)).toContain('They are of 2 of 3 SAEs, most of run-1.');
  expect(of(3)).not.toContain('They are of');
});

test('numerics.non-finite: one value is enough', () => {
  const bad = (nan: number, inf: number) => ({
    members: [member('a', { numerics: { nan, inf, zeroFeatures: 0 } }), member('b'), member('c')],
  });
  expect(outcome('numerics.non-finite', bad(0, 0))).toBe('refuted info');
  expect(outcome('numerics.non-finite', bad(1, 0))).toBe('supported fail');
  expect(finding('numerics.non-finite', bad(2, 3)).evidence).toEqual({
    nan: 2,
    inf: 3,
    saes: 3,
    excluded: 1,
  });
});

test('numerics.zero-features: any warns, most fails', () => {
  const zero = (zeroFeatures: number) =>
    outcome('numerics.zero-features', { members: members({ numerics: { nan: 0, inf: 0, zeroFeatures } }) });
  expect(zero(0)).toBe('refuted info');
  expect(zero(1)).toBe('supported warn');
  expect(zero(51)).toBe('supported fail');
});

// members.odd-one-out: by how much one SAE has to stand apart, and where another finding says it already.
import { expect, test } from 'vitest';
import { diagnose, type Evidence, type Finding, type FindingId } from '../../src/diagnosis/index.js';
import { describeFinding } from '../../src/report/wording.js';
import { evidence, finding, independent, member, outcome, score } from './hand.js';

const ids = ['a', 'b', 'c', 'd'];
const allPairs = ids.flatMap((a, i) => ids.slice(i + 1).map((b) => [a, b] as const));

/** Four SAEs of which c agrees with the others by `own` (± scatter), and they with each other by `others`. */
function four(own: number, scatter = 0, others = 0.8, chance = 0.2): Partial<Evidence> {
  const pairs = allPairs.map(([a, b], i) => {
    const value = a === 'c' || b === 'c' ? own + scatter * ((i % 3) - 1) : others;
    return { a, b, value, aToB: value, bToA: value };
  });
  const mean = pairs.reduce((sum, { value }) => sum + value, 0) / pairs.length;
  const { metrics } = evidence();
  return {
    members: ids.map((id) => member(id)),
    dependence: allPairs.map(([a, b]) => independent(a, b)),
    metrics: { ...metrics, 'activation.max.live': { ...score('activation.max.live', mean, chance), pairs } },
  };
}

test('15 % of the way from chance, and beyond what pairs scatter', () => {
  // The null is 0.2: that is 0.12.
  expect(outcome('members.odd-one-out', four(0.69))).toBe('refuted info');
  expect(outcome('members.odd-one-out', four(0.67))).toBe('supported warn');
  expect(outcome('members.odd-one-out', four(0.6, 0.05))).toBe('supported warn');
  expect(outcome('members.odd-one-out', four(0.6, 0.08))).toBe('refuted info');
});

test('just so far apart is enough', () => {
  // Pairs of c are a·c, b·c and c·d, by 0.375, 0.5 and 0.625: an SD of 0.125, and three times that from 0.875.
  const value = (i: number) => [0, 0.375, 0, 0.5, 0, 0.625][i] || 0.875;
  const { metrics, ...rest } = four(0.5, 0, 0.875, 0);
  const live = metrics!['activation.max.live']!;
  const apart = (by: number) =>
    outcome('members.odd-one-out', {
      ...rest,
      metrics: {
        'activation.max.live': {
          ...live,
          pairs: live.pairs.map((pair, i) => ({ ...pair, value: value(i) + (value(i) > 0.8 ? by : 0) })),
        },
      },
    });
  expect(apart(0)).toBe('supported warn');
  expect(apart(-0.01)).toBe('refuted info');
  const pairs = [
    { a: 'a', b: 'b', value: 0.15 },
    { a: 'a', b: 'c', value: 0 },
    { a: 'b', b: 'c', value: 0 },
  ].map((pair) => ({ ...pair, aToB: pair.value, bToA: pair.value }));
  const three = { metrics: { 'activation.max.live': { ...score('activation.max.live', 0.05, 0), pairs } } };
  expect(outcome('members.odd-one-out', three)).toBe('supported warn');
});

test('of three SAEs the pairs of the odd one may scatter, too', () => {
  const among = (ac: number, bc: number) => {
    const pairs = [
      { a: 'a', b: 'b', value: 0.8 },
      { a: 'a', b: 'c', value: ac },
      { a: 'b', b: 'c', value: bc },
    ].map((pair) => ({ ...pair, aToB: pair.value, bToA: pair.value }));
    return outcome('members.odd-one-out', {
      metrics: { 'activation.max.live': { ...score('activation.max.live', 0.6, 0.2), pairs } },
    });
  };
  expect(among(0.5, 0.5)).toBe('supported warn');
  expect(among(0.3, 0.7)).toBe('refuted info');
});

test('it is called by its name, and the score without it stands beside', () => {
  const found = finding('members.odd-one-out', four(0.5));
  expect(found).toMatchObject({
    evidence: { worst: 3, own: 0.5 },
    effect: { without: expect.closeTo(0.8, 12) },
  });
  const group = { id: 'g', saes: ['w', 'x', 'seed 7', 'z'], metrics: {}, liveSplit: {} };
  const { summary, advice } = describeFinding(found as Finding<FindingId>, group);
  expect(summary).toContain('Pairs with seed 7 score 0.500 on average, pairs without it 0.800');
  expect(advice).toContain('seed 7');
});

test('of two SAEs, of other widths, of copies or beside an SAE of other data there is none', () => {
  const group = four(0.5);
  expect(outcome('members.odd-one-out', { ...group, members: ['a', 'c'].map((id) => member(id)) })).toBe(
    'refuted info',
  );
  expect(outcome('members.odd-one-out', { members: [member('a')] })).toBe('inconclusive info');
  const wider = ids.map((id) => member(id, id === 'c' ? { features: 200 } : {}));
  expect(outcome('members.odd-one-out', { ...group, members: wider })).toBe('refuted info');
  const copies = allPairs.map(([a, b]) => ({
    ...independent(a, b),
    sameFeatures: a === 'a' && b === 'b' ? 1 : 0,
  }));
  expect(outcome('members.odd-one-out', { ...group, dependence: copies })).toBe('refuted info');
  const strange = ids.map((id) =>
    member(id, id === 'c' ? { fit: { mse: 2, explainedVariance: -1, l0: 4 } } : {}),
  );
  expect(outcome('members.odd-one-out', { ...group, members: strange })).toBe('refuted info');
});

test('what it hides is explained by it', () => {
  const group = four(0.3);
  const live = group.metrics!['activation.max.live']!;
  const metrics = { ...group.metrics, 'activation.max': { ...live, id: 'activation.max' as const } };
  expect(diagnose(evidence({ ...group, metrics })).cause[0]).toMatchObject({
    finding: 'members.odd-one-out',
    does: 'hides',
    without: expect.closeTo(0.8, 12),
  });
});

test('the verdict is that of the others, and says whose pairs it leaves out', () => {
  const group = four(0.22);
  const { metrics } = group;
  const live = metrics!['activation.max.live']!;
  // Over all pairs the interval reaches down to chance.
  const wide = { ...live, interval: { low: 0.1, high: 1, level: 0.95, method: 'hand' } };
  const { verdict } = diagnose(evidence({ ...group, metrics: { 'activation.max.live': wide } }));
  expect(verdict).toMatchObject({
    verdict: 'reproducible',
    apart: 'c',
    deciding: { score: expect.closeTo(0.8, 12) },
  });
  // Of three, one pair would be left, of which nobody knows how much it scatters.
  const three = ['a', 'b', 'c'];
  const of = <T extends { readonly a: string; readonly b: string }>(pairs: readonly T[]) =>
    pairs.filter(({ a, b }) => three.includes(a) && three.includes(b));
  const left = {
    members: three.map((id) => member(id)),
    dependence: of(group.dependence!),
    metrics: { 'activation.max.live': { ...wide, pairs: of(live.pairs) } },
  };
  expect(outcome('members.odd-one-out', left)).toBe('supported warn');
  expect(diagnose(evidence(left)).verdict).toEqual({
    verdict: 'not-beyond-chance',
    deciding: expect.objectContaining({ metric: 'activation.max.live' }),
  });
});

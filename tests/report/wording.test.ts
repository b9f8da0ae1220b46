// Every finding has words for every verdict, with its numbers in them; groups and studies get an answer.
import { expect, test } from 'vitest';
import { type FindingId, findingIds } from '../../src/diagnosis/checks/registry.js';
import type { Finding } from '../../src/diagnosis/finding.js';
import { groupVerdicts } from '../../src/diagnosis/verdict.js';
import { nullKinds } from '../../src/metrics/nulls/registry.js';
import { metricIds } from '../../src/metrics/registry.js';
import { fill } from '../../src/report/wording/template.js';
import {
  artefactName,
  describeCause,
  describeFinding,
  describeGroup,
  describeResults,
  metricWords,
  nullWords,
} from '../../src/report/wording.js';
import { fixtureResults, smaller, twelveGroups, weightsOnly } from './fixture.js';

const results = fixtureResults();
const [plus, equals] = results.groups;

const verdicts = ['supported', 'refuted', 'inconclusive'] as const;
const every = findingIds.flatMap((id) => verdicts.map((verdict) => ({ id, verdict })));

test.each(every)('$id, $verdict: title, summary and advice, with or without numbers', ({ id, verdict }) => {
  const bare: Finding<FindingId> = { id, verdict, severity: 'info', evidence: {} };
  const known = results.groups.flatMap((g) => g.findings).find((f) => f.id === id)!;
  for (const finding of [bare, { ...bare, evidence: known.evidence }]) {
    const { title, summary, advice } = describeFinding(finding, plus);
    expect(title).toMatch(/^[A-Z].*[a-zN]$/);
    expect(summary).toMatch(/^\S.*\.$/);
    expect(advice).toMatch(/^[A-Z].*\.$/);
    expect(`${summary} ${advice}`).not.toMatch(/[{}]|undefined|NaN(?! or| and|,| values)/);
  }
});

test('every number that a check gives for these sentences is told', () => {
  const summaryOf = (id: string, group = plus) =>
    describeFinding(group.findings.find((f) => f.id === id)!, group).summary;
  expect(summaryOf('data.distinct-rows')).toContain('Of 12,769 activations only 113 are distinct.');
  expect(summaryOf('data.distinct-rows', equals)).toContain('12,769 of 12,769');
  expect(summaryOf('usage.dead-by-firing')).toMatch(/92\.\d% .* \d+ to \d+ of 1,024 are live per SAE/);
  expect(summaryOf('usage.norm-is-not-usage')).toMatch(
    /9\d\d(\.\d)? of 1,024 features are dead by firing and 0 by decoder norm/,
  );
  expect(summaryOf('training.init-drift')).toContain('For dead features it is 0.990, for live ones 0.480.');
  expect(summaryOf('metric.wrong-null')).toMatch(
    /directions have 0\.299.*is above chance; held against 0\.299 it would seem below chance/,
  );
  expect(summaryOf('metric.dead-dilution')).toMatch(
    /Activation-based it is 0\.0\d\d, over live features 0\.7\d\d\./,
  );
  expect(summaryOf('metric.disagreement')).toMatch(/agree by 0\.4\d\d in their codes and by −0\.00\d/);
  expect(summaryOf('weights.degenerate')).toContain('0 of 1,024 decoder rows');
  expect(summaryOf('data.effective-rank')).toContain('24.3 in 128 dimensions');
});

test('an inconclusive finding says what is missing', () => {
  const finding: Finding<FindingId> = {
    id: 'usage.dead-by-firing',
    verdict: 'inconclusive',
    severity: 'info',
    evidence: {},
    needs: ['activations', 'another SAE'],
  };
  expect(describeFinding(finding, plus).summary).toBe(
    'This check needs activations and a second SAE, which were not given.',
  );
});

test('a sentence whose number is missing is left out, not shown with a gap', () => {
  expect(fill(['{a:count} of {b:count}.', 'Share {c:percent}.'], { a: 3, b: 1024 })).toBe('3 of 1,024.');
});

test('metrics, nulls and artefacts all have names', () => {
  for (const id of metricIds) expect(metricWords[id].definition.length).toBeGreaterThan(20);
  for (const kind of nullKinds) expect(nullWords[kind].definition.length).toBeGreaterThan(20);
  for (const id of findingIds) expect(artefactName(id)).toMatch(/^\S/);
});

test('a cause names the artefact, both scores, its share and what is behind it', () => {
  const [first] = plus.cause;
  const text = describeCause(first);
  expect(text).toContain(artefactName(first.finding));
  expect(text).toContain(first.without.toFixed(3));
  expect(text).toContain('100% of the way');
  expect(text).toContain(artefactName('data.distinct-rows'));
  expect(describeCause({ ...first, scale: 'raw' })).toContain('of the score itself');
});

test.each(groupVerdicts)('a group that is %s gets one sentence', (verdict) => {
  const deciding = {
    metric: 'activation.max.live',
    score: 0.7,
    null: 0.1,
    nullKind: 'row-permutation',
    corrected: 2 / 3,
  } as const;
  const text = describeGroup({ ...equals, conclusion: { verdict, deciding } });
  expect(text).toMatch(/^[A-Z].*0\.700 against 0\.100 by chance.*\.$/);
  expect(text.includes('67% of the way')).toBe(verdict === 'reproducible' || verdict === 'partly');
});

test('the sentence on a group says what was left out, and up to which number features can be told apart', () => {
  const deciding = {
    metric: 'activation.max.live',
    score: 0.711,
    null: 0.501,
    nullKind: 'untrained',
    corrected: 0.42,
  } as const;
  const few = describeGroup({ ...equals, conclusion: { verdict: 'partly', deciding, upTo: 119 } });
  expect(few).toContain('in part, and these activations cannot tell more than about 119 features apart (');
  const activations = { ...equals.activations!, rows: 190_500, massiveRows: 143, massiveShare: 0.93 };
  const conclusion = { verdict: 'partly', deciding, without: 'data.massive-rows' } as const;
  expect(describeGroup({ ...equals, activations, conclusion })).toContain(
    ', without 143 of 190,500 activations, which hold 93% of the variance',
  );
  expect(
    describeGroup({ ...equals, conclusion: { verdict: 'partly', deciding, apart: 'seed 7' } }),
  ).toContain(', without seed 7, which stands apart from the others');
  const at = { ...equals, conclusion: { verdict: 'partly' as const, deciding, upTo: 119 } };
  expect(describeResults({ ...results, groups: [at] })[0].answer).toContain('about 119 features apart.');
});

test('a cause that only the null is about keeps its score; one that only copies made leaves chance', () => {
  const [first] = plus.cause;
  const easy = {
    ...first,
    finding: 'metric.wrong-null',
    does: 'feigns',
    score: 0.25,
    without: 0.25,
  } as const;
  expect(describeCause(easy)).toMatch(
    /^Held against the strictest null that fits it, .* stays at 0\.250 but goes/,
  );
  expect(describeCause({ ...easy, finding: 'data.effective-rank' })).toContain(
    'allows for the low effective rank',
  );
  const copies = { ...first, finding: 'seeds.not-applied', does: 'feigns', correctedWithout: 0 } as const;
  expect(describeCause(copies)).toContain('no pair of runs is left');
});

test('causes that cannot be told apart are said to be so; a share that is gone after the others is told', () => {
  const [first] = plus.cause;
  const text = describeCause({ ...first, afterOthers: 0.02, tiedWith: ['data.distinct-rows'] });
  expect(text).toContain('2% of it still after the others');
  expect(text).toMatch(/the data cannot tell features that never fire and that apart/);
});

test('a verdict names the null that decided it', () => {
  const decidedBy = (nullKind: (typeof nullKinds)[number]) =>
    describeGroup({
      ...equals,
      conclusion: {
        verdict: 'not-beyond-chance',
        deciding: { metric: 'activation.max.live', score: 0.25, null: 0.28, nullKind, corrected: -0.04 },
      },
    });
  expect(decidedBy('untrained')).toContain('0.250 against 0.280 for the same SAEs before training');
  expect(decidedBy('covariance-matched')).toContain('that crowd into the same dimensions');
  for (const kind of nullKinds) expect(decidedBy(kind)).not.toContain('undefined');
});

test('the answer follows the data: what comes back, what to trust, what misled', () => {
  const [back, trust, misled] = describeResults(results).map((a) => a.answer);
  expect(back).toMatch(/^In part at layer 0 · equals and layer 1 · equals \(\d+–\d+% of the way/);
  expect(back).toContain('cannot tell at layer 0 · plus and layer 1 · plus');
  expect(trust).toContain('activation.max.live');
  expect(misled).toMatch(/^At layer 0 · plus and layer 1 · plus, the activation-based score of all features/);
  expect(misled).toContain('features that never fire; behind that, the small number of distinct activations');
});

test('a score to trust is named with the null that decided, not with an easier one', () => {
  const decided = (group: (typeof results.groups)[number], nullKind: (typeof nullKinds)[number]) => {
    const deciding = {
      metric: 'decoder.max.live' as const,
      score: 0.4,
      null: 0.3,
      nullKind,
      corrected: 0.14,
    };
    return { ...group, conclusion: { verdict: 'partly' as const, deciding } };
  };
  const trusted = (groups: typeof results.groups) => describeResults({ ...results, groups })[1].answer;
  expect(trusted([decided(equals, 'covariance-matched')])).toContain(
    'held against random directions that crowd into the same dimensions.',
  );
  for (const kind of nullKinds) {
    expect(trusted([decided(equals, kind)])).toMatch(/held against (the|random|permuted) /);
  }
  // One sentence for each null, though the score is the same.
  const both = [decided(equals, 'random-directions'), decided(results.groups[3], 'covariance-matched')];
  expect(trusted(both).match(/held against/g)).toHaveLength(2);
});

test('with nothing wrong, nothing is blamed; with nothing given, that is said', () => {
  const healthy = { ...results, groups: [results.groups[3]] };
  expect(describeResults(healthy)[2].answer).toMatch(/^Nothing/);
  const bare = describeResults(weightsOnly()).map((a) => a.answer);
  expect(bare[1]).toContain('cannot be seen without activations');
  expect(bare[2]).toMatch(/checks could not be made/);
  for (const { answer } of describeResults(smaller(1, 2))) expect(answer).toMatch(/^[A-Z].*\.$/);
});

test('many groups are named by the first few', () => {
  const [back] = describeResults(twelveGroups());
  expect(back.answer).toContain('and 3 more');
});

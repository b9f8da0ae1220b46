// All checks together: one for each finding, silent on a healthy group, and clear about what they lack.
import { expect, test } from 'vitest';
import { checks, findingIds } from '../../src/diagnosis/index.js';
import { evidence, finding, member, weightsOnly } from './hand.js';

test('there is one check for each finding, and a healthy group raises none', () => {
  const found = checks.map(({ check }) => check(evidence()));
  expect(found.map((f) => f.id).sort()).toEqual([...findingIds].sort());
  expect(found.filter((f) => f.verdict !== 'refuted' || f.severity !== 'info')).toEqual([]);
});

test('without activations and init, what cannot be checked says what it needs', () => {
  const found = checks.map(({ check }) => check(weightsOnly()));
  const needs = Object.fromEntries(
    found.filter((f) => f.verdict === 'inconclusive').map((f) => [f.id, f.needs]),
  );
  const activations = ['activations'];
  expect(needs).toEqual({
    'data.misfit': activations,
    'data.massive-rows': activations,
    'data.position': activations,
    'data.mean': activations,
    'data.heavy-dimensions': activations,
    'data.distinct-rows': activations,
    'data.effective-rank': activations,
    'identifiability.width': activations,
    'usage.dead-by-firing': activations,
    'usage.always-on': activations,
    'usage.norm-is-not-usage': activations,
    'training.init-drift': ['init'],
    'training.unfinished': ['training'],
    'metric.dead-dilution': activations,
    'metric.wrong-null': activations,
    'metric.disagreement': activations,
  });
  expect(found.filter((f) => f.severity !== 'info')).toEqual([]);
});

test('a single SAE needs another', () => {
  const { dependence: _, ...alone } = evidence({ members: [member('a')], metrics: {} });
  const pairwise = ['seeds.not-applied', 'seeds.same-init', 'members.odd-one-out'] as const;
  const scored = ['metric.dead-dilution', 'metric.wrong-null', 'metric.disagreement'] as const;
  for (const id of [...pairwise, ...scored]) {
    expect(finding(id, alone)).toMatchObject({ verdict: 'inconclusive', needs: ['another SAE'] });
  }
});

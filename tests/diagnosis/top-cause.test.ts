// The one finding that a diagnosis comes down to.
import { expect, test } from 'vitest';
import { type Cause, diagnose, type Finding, type FindingId, topCause } from '../../src/diagnosis/index.js';
import { evidence, members } from './hand.js';

const found = (id: FindingId, severity: Finding['severity'] = 'warn'): Finding<FindingId> => ({
  id,
  verdict: 'supported',
  severity,
  evidence: {},
});
const cause = (finding: FindingId) => [{ finding } as Cause];
const of = (findings: readonly Finding<FindingId>[], ranked: readonly Cause[] = []) =>
  topCause({ findings, cause: ranked });

test('of a healthy group there is none', () => {
  expect(topCause(diagnose(evidence()))).toBeUndefined();
});

test('the first ranked cause, whatever else was found', () => {
  const findings = [found('data.distinct-rows', 'fail'), found('usage.dead-by-firing')];
  expect(of(findings, cause('usage.dead-by-firing'))).toBe('usage.dead-by-firing');
});

test('that a null was too easy is the cause where nothing else is known', () => {
  const easy = found('metric.wrong-null', 'fail');
  expect(of([easy], cause('metric.wrong-null'))).toBe('metric.wrong-null');
  expect(of([found('data.distinct-rows'), easy], cause('metric.wrong-null'))).toBe('data.distinct-rows');
  // What is only worth knowing is no cause that is known.
  expect(of([found('data.mean', 'info'), easy], cause('metric.wrong-null'))).toBe('metric.wrong-null');
  const others = [found('metric.disagreement', 'fail'), easy];
  expect(of(others, cause('metric.wrong-null'))).toBe('metric.wrong-null');
});

test('broken weights come before any cause; those that only warn do not', () => {
  const ranked = cause('usage.dead-by-firing');
  expect(of([found('weights.degenerate', 'fail')], ranked)).toBe('weights.degenerate');
  expect(of([found('weights.degenerate')], ranked)).toBe('usage.dead-by-firing');
  expect(topCause(diagnose(evidence({ members: members({ encoderLeading: 0.9 }) })))).toBe(
    'weights.degenerate',
  );
});

test('values that are not finite, too; and massive rows before any cause but that of the runs themselves', () => {
  expect(of([found('numerics.non-finite', 'fail')], cause('data.mean'))).toBe('numerics.non-finite');
  const massive = [found('usage.always-on', 'fail'), found('data.massive-rows')];
  expect(of(massive)).toBe('data.massive-rows');
  expect(of(massive, cause('usage.always-on'))).toBe('data.massive-rows');
  for (const id of ['seeds.not-applied', 'seeds.same-init', 'data.misfit'] as const) {
    expect(of(massive, cause(id))).toBe(id);
  }
});

test('without causes the gravest finding, the first of them; findings about scores after those about SAEs', () => {
  expect(of([found('usage.always-on'), found('training.unfinished', 'fail')])).toBe('training.unfinished');
  expect(of([found('usage.always-on'), found('training.unfinished')])).toBe('usage.always-on');
  expect(of([found('metric.disagreement', 'fail'), found('training.unfinished')])).toBe(
    'training.unfinished',
  );
  expect(of([found('metric.wrong-null', 'info')])).toBe('metric.wrong-null');
  expect(of([{ ...found('data.misfit'), verdict: 'refuted', severity: 'info' }])).toBeUndefined();
});

// A sample of the zoo, one seed of each kind; and each check taken out of the registry makes its case wrong.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  checks,
  type Evidence,
  type FindingId,
  findingIds,
  groupVerdict,
  rankCauses,
} from '../../src/diagnosis/index.js';
import { selectKernel } from '../../src/kernel/select.js';
import { caseOf, Workshop, type ZooCase } from './case.js';
import { kinds } from './kinds.js';
import { causeIsRight, measured, missing, type Outcome, said, verdictIsRight } from './outcome.js';

/** An even one, on which thresholds may be chosen: those that are reported stay unseen. */
const seed = 10;

/** The case that each check is needed for. */
const neededFor: Readonly<Record<FindingId, string>> = {
  'numerics.non-finite': 'nan-in-one-file',
  'seeds.not-applied': 'permuted-copies',
  'seeds.same-init': 'same-init',
  'data.misfit': 'layers-swapped',
  'members.odd-one-out': 'one-stopped-early',
  'data.massive-rows': 'massive-rows',
  'data.position': 'uneven-padding',
  'data.mean': 'large-mean',
  'data.heavy-dimensions': 'heavy-dimension',
  'data.distinct-rows': 'padding-rows',
  'data.effective-rank': 'few-directions',
  'identifiability.width': 'too-wide',
  'usage.dead-by-firing': 'mostly-dead',
  'usage.always-on': 'fires-on-everything',
  'usage.norm-is-not-usage': 'tiny-rows',
  'training.init-drift': 'undertrained',
  'training.unfinished': 'still-falling',
  'weights.degenerate': 'collapsed-decoder',
  'features.split': 'feature-splitting',
  'features.duplicated': 'duplicated-features',
  'numerics.zero-features': 'zero-rows',
  'metric.dead-dilution': 'mostly-dead',
  'metric.wrong-null': 'wrong-null',
  'metric.disagreement': 'rotated-basis',
};

const kernel = selectKernel({ threads: 1 });
const sample = new Map<string, { zooCase: ZooCase; evidence: Evidence }>();

beforeAll(async () => {
  const workshop = new Workshop(kernel, seed);
  for (const kind of kinds) {
    const zooCase = await caseOf(kind, workshop);
    sample.set(kind.name, { zooCase, evidence: await measured(zooCase, workshop) });
  }
});
afterAll(() => kernel.close());

/** What is said of a case with some of the checks. */
function saidWith(kind: string, keep: (id: FindingId) => boolean): Outcome {
  const { zooCase, evidence } = sample.get(kind)!;
  const findings = checks.filter(({ id }) => keep(id)).map(({ check }) => check(evidence));
  const cause = rankCauses(evidence, findings);
  return said(zooCase, { findings, cause, verdict: groupVerdict(evidence, findings) });
}

const isRight = (outcome: Outcome) => causeIsRight(outcome) && missing(outcome).length === 0;

test('there are enough kinds, each of its own name', () => {
  expect(new Set(kinds.map(({ name }) => name)).size).toBe(kinds.length);
  expect(kinds.filter(({ truth }) => !truth.healthy).length).toBeGreaterThanOrEqual(24);
  expect(kinds.filter(({ truth }) => truth.healthy).length).toBeGreaterThanOrEqual(8);
});

test.each(kinds.map(({ name }) => name))('%s', (kind) => {
  const outcome = saidWith(kind, () => true);
  const { top, raised, verdict, truth } = outcome;
  expect(
    { right: isRight(outcome), verdict: verdictIsRight(outcome) },
    JSON.stringify({ top, raised, verdict, truth }),
  ).toEqual({
    right: true,
    verdict: true,
  });
});

describe('without its check', () => {
  test.each(findingIds)('%s is missed', (id) => {
    const kind = neededFor[id];
    expect(isRight(saidWith(kind, () => true))).toBe(true);
    expect(isRight(saidWith(kind, (other) => other !== id))).toBe(false);
  });
});

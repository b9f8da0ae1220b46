// From evidence to findings, causes and a verdict; nothing is measured here.

import type { Evidence } from '../evidence/evidence.js';
import { type Cause, rankCauses } from './cause.js';
import { checks, type FindingId } from './checks/registry.js';
import type { Finding } from './finding.js';
import { type GroupVerdict, groupVerdict } from './verdict.js';

export interface Diagnosis {
  readonly findings: readonly Finding<FindingId>[];
  /** Ranked, the first cause first. */
  readonly cause: readonly Cause[];
  readonly verdict: GroupVerdict;
}

export function diagnose(evidence: Evidence): Diagnosis {
  const findings = checks.map(({ check }) => check(evidence));
  return {
    findings,
    cause: rankCauses(evidence, findings),
    verdict: groupVerdict(evidence, findings),
  };
}

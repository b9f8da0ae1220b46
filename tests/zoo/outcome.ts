// What the diagnosis says about a case, beside what is true of it.
import {
  type Diagnosis,
  diagnose,
  type Evidence,
  examine,
  type FindingId,
  type GroupVerdict,
} from '../../src/diagnosis/index.js';
import { topCause } from '../../src/diagnosis/top-cause.js';
import type { Kernel } from '../../src/kernel/interface.js';
import type { Named, Truth, ZooCase } from './case.js';

export interface Outcome {
  readonly kind: string;
  readonly seed: number;
  readonly truth: Truth;
  readonly top?: FindingId;
  /** Findings that warn or fail. */
  readonly raised: readonly FindingId[];
  readonly verdict: GroupVerdict['verdict'];
}

/** Measures a case as a user would; few draws per null keep it quick. */
export function measured({ group }: ZooCase, kernel: Kernel): Promise<Evidence> {
  return examine(group, { kernel, seed: 1, draws: 6 });
}

export async function outcomeOf(zooCase: ZooCase, kernel: Kernel): Promise<Outcome> {
  return said(zooCase, diagnose(await measured(zooCase, kernel)));
}

export function said({ kind, seed, truth }: ZooCase, diagnosis: Diagnosis): Outcome {
  const top = topCause(diagnosis);
  const raised = diagnosis.findings.filter(({ severity }) => severity !== 'info').map(({ id }) => id);
  return { kind, seed, truth, ...(top ? { top } : {}), raised, verdict: diagnosis.verdict.verdict };
}

/** Whether the top cause is one that a careful person would name; for healthy cases, whether nothing is raised. */
export function causeIsRight({ truth, top, raised }: Outcome): boolean {
  if (truth.healthy) return raised.length === 0;
  return top !== undefined && (truth.cause ?? []).includes(top);
}

/** Findings that must be raised and are not. */
export function missing({ truth, raised }: Outcome): Named[] {
  return (truth.also ?? []).filter((id) => !raised.includes(id as FindingId));
}

/** True too where the truth leaves the verdict open. */
export function verdictIsRight({ truth, verdict }: Outcome): boolean {
  return truth.verdict === undefined || truth.verdict.includes(verdict);
}

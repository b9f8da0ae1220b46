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
import { type Keep, keyText } from '../../src/keep.js';
import type { Truth, Workshop, ZooCase } from './case.js';

export interface Outcome {
  readonly kind: string;
  readonly seed: number;
  readonly truth: Truth;
  readonly top?: FindingId;
  /** Findings that are there, those that only inform among them. */
  readonly found: readonly FindingId[];
  /** Findings that warn or fail. */
  readonly raised: readonly FindingId[];
  readonly verdict: GroupVerdict['verdict'];
}

/** Measures a case as a user would; few draws per null keep it quick, and nulls of the same shape are drawn once. */
export function measured({ group }: ZooCase, workshop: Workshop): Promise<Evidence> {
  const keep: Keep = (key, compute) =>
    key[0] === 'shape' ? workshop.once(keyText(key), compute) : compute();
  return examine(group, { kernel: workshop.kernel, seed: 1, draws: 6, keep });
}

export async function outcomeOf(zooCase: ZooCase, workshop: Workshop): Promise<Outcome> {
  return said(zooCase, diagnose(await measured(zooCase, workshop)));
}

export function said({ kind, seed, truth }: ZooCase, diagnosis: Diagnosis): Outcome {
  const top = topCause(diagnosis);
  const { findings, verdict } = diagnosis;
  return {
    kind,
    seed,
    truth,
    ...(top ? { top } : {}),
    found: findings.filter((finding) => finding.verdict === 'supported').map(({ id }) => id),
    raised: findings.filter(({ severity }) => severity !== 'info').map(({ id }) => id),
    verdict: verdict.verdict,
  };
}

/** Whether the top cause is one that a careful person would name; for healthy cases, whether nothing is raised. */
export function causeIsRight({ truth, top, raised }: Outcome): boolean {
  if (truth.healthy) return raised.length === 0;
  return top !== undefined && (truth.cause ?? []).includes(top);
}

/** Findings that must be raised and are not. */
export function missing({ truth, raised }: Outcome): FindingId[] {
  return (truth.also ?? []).filter((id) => !raised.includes(id));
}

/** True too where the truth leaves the verdict open. */
export function verdictIsRight({ truth, verdict }: Outcome): boolean {
  return truth.verdict === undefined || truth.verdict.includes(verdict);
}

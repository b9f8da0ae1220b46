// Puts what a study measured and found into the value that the report is made from.
import type { Diagnosis } from '../diagnosis/diagnose.js';
import type { Evidence } from '../diagnosis/evidence.js';
import { type GroupResult, type Results, resultsVersion, type SaeResult } from '../report/results.js';
import { describeDiagnosis, type GroupContext } from '../report/wording.js';
import { judgeClaims } from './claims.js';
import type { Study } from './config.js';
import type { Plan, PlannedGroup } from './plan.js';
import type { TrainedSae } from './train-stage.js';

export interface GroupOutcome {
  readonly group: PlannedGroup;
  readonly trained: readonly TrainedSae[];
  readonly evidence: Evidence;
  readonly diagnosis: Diagnosis;
}

export interface Assembly {
  readonly study: Study;
  readonly plan: Plan;
  readonly outcomes: readonly GroupOutcome[];
  readonly reseed: Results['reseed'];
  /** ISO 8601 time at which the results were made. */
  readonly createdAt: string;
}

export function assemble({ study, plan, outcomes, reseed, createdAt }: Assembly): Results {
  const saes = outcomes.flatMap(saeResults);
  const groups = outcomes.map((outcome) => groupResult(study.sae.architecture, outcome));
  const { claims, ...config } = study;
  return {
    schema: resultsVersion,
    createdAt,
    reseed,
    study: {
      name: study.name,
      ...(study.description === undefined ? {} : { description: study.description }),
      ...(plan.shortened === undefined ? {} : { quick: true, note: plan.shortened }),
      config,
    },
    saes,
    groups,
    ...(claims.length > 0
      ? { claims: judgeClaims(claims, { saes, groups }, plan.shortened !== undefined) }
      : {}),
  };
}

function saeResults({ group, trained, evidence }: GroupOutcome): SaeResult[] {
  return trained.map(({ id, initSeed, orderSeed, sae }) => {
    const member = evidence.members.find((m) => m.id === id) as Evidence['members'][number];
    const { usage, weights, numerics, fit, init } = member;
    return {
      id,
      path: `saes/${id}`,
      format: 'saelens',
      architecture: sae.architecture,
      dModel: sae.decoder.cols,
      dSae: sae.decoder.rows,
      k: sae.k,
      initSeed,
      orderSeed,
      layer: group.layer,
      site: group.site,
      usage,
      ...(weights ? { weights } : {}),
      numerics,
      ...(fit ? { fit } : {}),
      ...(init ? { init } : {}),
    };
  });
}

function groupResult(
  architecture: string,
  { group, trained, evidence, diagnosis }: GroupOutcome,
): GroupResult {
  const context: GroupContext = {
    id: group.id,
    layer: group.layer,
    site: group.site,
    architecture,
    saes: trained.map(({ id }) => id),
    ...(evidence.activations ? { activations: evidence.activations } : {}),
    metrics: Object.fromEntries(
      Object.entries(evidence.metrics).map(([id, { id: _, ...metric }]) => [id, metric]),
    ),
    liveSplit: evidence.splits,
  };
  return describeDiagnosis(context, diagnosis);
}

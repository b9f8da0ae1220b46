// What was measured and found about one group, as results: the entry of each of its SAEs, and its own.
import { defined } from '../defined.js';
import type { Diagnosis } from '../diagnosis/diagnose.js';
import type { Evidence } from '../evidence/evidence.js';
import { metricIds } from '../metrics/registry.js';
import { dModel, dSae, kOf, type Sae } from '../sae/sae.js';
import type { SaeOrigin } from '../sae/source.js';
import type { FamiliesResult } from './families-result.js';
import type { FiringBandResult, GroupResult, SaeResult, StabilityResult } from './results.js';

export interface KnownSae {
  readonly id: string;
  readonly sae: Sae;
  readonly origin: SaeOrigin;
}

/** One group after measuring. */
export interface MeasuredGroup {
  readonly saes: readonly KnownSae[];
  readonly evidence: Evidence;
  readonly diagnosis: Diagnosis;
  /** Absent where there are no two SAEs whose features can be matched. */
  readonly stability?: readonly StabilityResult[];
  /** Absent where it is not known how often features fire, too. */
  readonly byFiring?: readonly FiringBandResult[];
  /** Absent where there are no two SAEs whose features can be matched. */
  readonly families?: FamiliesResult;
}

export function saeResults({ saes, evidence }: MeasuredGroup): SaeResult[] {
  return saes.map(({ id, sae, origin }) => {
    const member = evidence.members.find((m) => m.id === id) as Evidence['members'][number];
    const { usage, weights, numerics, fit, init, training } = member;
    const k = kOf(sae);
    return {
      id,
      ...origin,
      architecture: sae.architecture,
      dModel: dModel(sae),
      dSae: dSae(sae),
      ...defined({ k }),
      usage,
      ...(weights ? { weights } : {}),
      numerics,
      ...defined({ divergedAt: training?.divergedAt }),
      ...(fit ? { fit } : {}),
      ...(init ? { init } : {}),
    };
  });
}

/** What a group has besides its scores: where it is, what was set, and what only some studies measure. */
type AboutGroup = Pick<
  GroupResult,
  'layer' | 'site' | 'label' | 'settings' | 'trajectory' | 'variance' | 'truth'
>;

export function groupResult(
  { saes, evidence, diagnosis, stability, byFiring, families }: MeasuredGroup,
  about: Partial<AboutGroup> = {},
): GroupResult {
  const architectures = [...new Set(saes.map(({ sae }) => sae.architecture))];
  const { findings, cause, verdict: conclusion } = diagnosis;
  return {
    id: evidence.id,
    ...about,
    architecture: architectures.join(', '),
    saes: saes.map(({ id }) => id),
    ...(evidence.activations ? { activations: evidence.activations } : {}),
    metrics: Object.fromEntries(
      metricIds.flatMap((id) => {
        const measured = evidence.metrics[id];
        if (!measured) return [];
        const { id: _, ...metric } = measured;
        return [[id, metric]];
      }),
    ),
    liveSplit: evidence.splits,
    ...(stability ? { stability } : {}),
    ...(byFiring ? { byFiring } : {}),
    ...(families ? { families } : {}),
    findings,
    cause,
    conclusion,
  };
}

// Which scores of a group were misled, and by what: causes that explain most of a gap, then other findings.
import type { Cause } from '../../diagnosis/cause.js';
import type { FindingId } from '../../diagnosis/checks/registry.js';
import type { Finding } from '../../diagnosis/finding.js';
import { leastAgreement } from '../../diagnosis/judgement.js';
import type { MetricId } from '../../metrics/registry.js';

export interface Misled {
  readonly metric: MetricId;
  readonly because: FindingId;
  readonly behind?: FindingId;
  /** Share of the gap explained, where the cause was ranked. */
  readonly explained?: number;
}

/** A cause that closes less of the gap than this is not what misled the score. */
const most = 0.5;

/** At most one entry per score: its first cause, or a supported finding that has an effect on it. */
export function misledScores(group: {
  readonly findings: readonly Finding<FindingId>[];
  readonly cause: readonly Cause[];
}): Misled[] {
  const found = new Map<MetricId, Misled>();
  for (const cause of [...group.cause].sort((a, b) => a.rank - b.rank)) {
    const { metric, finding, explained, behind } = cause;
    if (explained < most || found.has(metric) || staysBeyond(cause)) continue;
    found.set(metric, { metric, because: finding, explained, ...(behind ? { behind } : {}) });
  }
  for (const { id, severity, effect } of group.findings) {
    if (severity === 'info' || !effect || found.has(effect.metric)) continue;
    found.set(effect.metric, { metric: effect.metric, because: id });
  }
  return [...found.values()];
}

/** Against its strictest null the score is lower, and still says the same. */
function staysBeyond({ score, without, correctedReference }: Cause): boolean {
  return score === without && correctedReference >= leastAgreement;
}

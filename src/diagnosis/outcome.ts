// The three ways a check can end, as findings; numbers that were not measured get no key.
import type { Effect, Finding, FindingId, Need } from './finding.js';

type Numbers = Readonly<Record<string, number | undefined>>;

export function supported(
  id: FindingId,
  severity: Finding['severity'],
  numbers: Numbers,
  effect?: Effect,
): Finding {
  return { id, verdict: 'supported', severity, evidence: known(numbers), ...(effect ? { effect } : {}) };
}

export function refuted(id: FindingId, numbers: Numbers): Finding {
  return { id, verdict: 'refuted', severity: 'info', evidence: known(numbers) };
}

export function inconclusive(id: FindingId, needs: readonly Need[], numbers: Numbers = {}): Finding {
  return {
    id,
    verdict: 'inconclusive',
    severity: 'info',
    evidence: known(numbers),
    ...(needs.length > 0 ? { needs } : {}),
  };
}

function known(numbers: Numbers): Record<string, number> {
  return Object.fromEntries(
    Object.entries(numbers).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}

// The three ways a check can end, as findings; numbers that were not measured get no key.
import type { Effect, Finding, Need } from './finding.js';

type Numbers = Readonly<Record<string, number | undefined>>;

export function supported<Id extends string>(
  id: Id,
  severity: Finding['severity'],
  numbers: Numbers,
  effect?: Effect,
): Finding<Id> {
  return { id, verdict: 'supported', severity, evidence: known(numbers), ...(effect ? { effect } : {}) };
}

export function refuted<Id extends string>(id: Id, numbers: Numbers): Finding<Id> {
  return { id, verdict: 'refuted', severity: 'info', evidence: known(numbers) };
}

export function inconclusive<Id extends string>(
  id: Id,
  needs: readonly Need[],
  numbers: Numbers = {},
): Finding<Id> {
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

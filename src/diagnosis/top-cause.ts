// The one finding that a diagnosis comes down to.

import { isAboutRuns } from './cause.js';
import type { FindingId } from './checks/registry.js';
import type { Diagnosis } from './diagnose.js';
import type { Finding, Severity } from './finding.js';

/** Weights that are broken: what they score needs no explanation, and has none. */
const broken: readonly FindingId[] = ['numerics.non-finite', 'weights.degenerate'];

const gravity: readonly Severity[] = ['fail', 'warn', 'info'];

/**
 * Weights that fail on their own; else massive rows, or rows of a position or token that are unlike all others, unless the runs
 * themselves are wrong; else the first of the ranked causes, where that is more than the choice of null; else the gravest finding,
 * the first reported of those, where findings about scores only come after those about what is scored. Undefined where nothing was
 * found.
 */
export function topCause({ findings, cause }: Pick<Diagnosis, 'findings' | 'cause'>): FindingId | undefined {
  const found = findings.filter(({ verdict }) => verdict === 'supported');
  const failed = found.find(({ id, severity }) => severity === 'fail' && broken.includes(id));
  if (failed) return failed.id;
  const symptom = ({ id, severity }: Finding) => (id.startsWith('metric.') || severity === 'info' ? 1 : 0);
  // What all is measured on: nothing else can be told before, but that the runs are not what they are taken for.
  const rows = ['data.massive-rows', 'data.position'].flatMap(
    (one) => found.find(({ id, severity }) => id === one && severity !== 'info') ?? [],
  );
  if (rows.length > 0 && !(cause[0] && isAboutRuns(cause[0].finding))) return rows[0].id;
  // A null that is too easy is a way to be misled, not what makes SAEs agree: where that is known too, it is the cause.
  const known = found.some((finding) => symptom(finding) === 0);
  if (cause.length > 0 && !(known && cause[0].finding === 'metric.wrong-null')) return cause[0].finding;
  const weight = ({ severity }: Finding) => gravity.indexOf(severity);
  return [...found].sort((a, b) => symptom(a) - symptom(b) || weight(a) - weight(b))[0]?.id;
}

// The one finding that a diagnosis comes down to.
import type { Diagnosis } from './diagnose.js';
import type { FindingId } from './finding.js';

/** The first ranked cause; where none is ranked, the first finding that fails, or else that warns; else nothing. */
export function topCause({ cause, findings }: Diagnosis): FindingId | undefined {
  const worst = (severity: 'fail' | 'warn') => findings.find((finding) => finding.severity === severity)?.id;
  return cause[0]?.finding ?? worst('fail') ?? worst('warn');
}

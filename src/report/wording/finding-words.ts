// What each finding says, for each verdict: title, summary with its numbers, advice to act on.
import type { FindingId } from '../../diagnosis/finding.js';
import { dataFindings } from './data-findings.js';
import type { FindingWording } from './finding-wording.js';
import { metricFindings } from './metric-findings.js';
import { runFindings } from './run-findings.js';

export const findingWords: Record<FindingId, FindingWording> = {
  ...runFindings,
  ...dataFindings,
  ...metricFindings,
};

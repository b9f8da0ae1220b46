// All checks, in the order in which their findings are reported.
import type { Evidence } from '../evidence.js';
import type { Finding } from '../finding.js';
import { checkDeadByFiring } from './dead-by-firing.js';
import { checkDeadDilution } from './dead-dilution.js';
import { checkDegenerateWeights } from './degenerate-weights.js';
import { checkDisagreement } from './disagreement.js';
import { checkDistinctRows } from './distinct-rows.js';
import { checkEffectiveRank } from './effective-rank.js';
import { checkInitDrift } from './init-drift.js';
import { checkNonFinite } from './non-finite.js';
import { checkNormIsNotUsage } from './norm-is-not-usage.js';
import { checkWrongNull } from './wrong-null.js';
import { checkZeroFeatures } from './zero-features.js';

export type Check = (evidence: Evidence) => Finding;

export const checks: readonly Check[] = [
  checkDistinctRows,
  checkEffectiveRank,
  checkDeadByFiring,
  checkNormIsNotUsage,
  checkInitDrift,
  checkDegenerateWeights,
  checkNonFinite,
  checkZeroFeatures,
  checkDeadDilution,
  checkWrongNull,
  checkDisagreement,
];

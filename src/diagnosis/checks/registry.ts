// All checks, in the order in which their findings are reported.
import type { Evidence } from '../../evidence/evidence.js';
import type { Finding } from '../finding.js';
import { checkAlwaysOn } from './always-on.js';
import { checkDeadByFiring } from './dead-by-firing.js';
import { checkDeadDilution } from './dead-dilution.js';
import { checkDegenerateWeights } from './degenerate-weights.js';
import { checkDisagreement } from './disagreement.js';
import { checkDistinctRows } from './distinct-rows.js';
import { checkEffectiveRank } from './effective-rank.js';
import { checkIdentifiabilityWidth } from './identifiability-width.js';
import { checkInitDrift } from './init-drift.js';
import { checkMisfit } from './misfit.js';
import { checkNonFinite } from './non-finite.js';
import { checkNormIsNotUsage } from './norm-is-not-usage.js';
import { checkSameInit } from './same-init.js';
import { checkSeedsNotApplied } from './seeds-not-applied.js';
import { checkUnfinished } from './unfinished.js';
import { checkWrongNull } from './wrong-null.js';
import { checkZeroFeatures } from './zero-features.js';

export type Check = (evidence: Evidence) => Finding;

export const checks: readonly Check[] = [
  checkNonFinite,
  checkSeedsNotApplied,
  checkSameInit,
  checkMisfit,
  checkDistinctRows,
  checkEffectiveRank,
  checkIdentifiabilityWidth,
  checkDeadByFiring,
  checkAlwaysOn,
  checkNormIsNotUsage,
  checkInitDrift,
  checkUnfinished,
  checkDegenerateWeights,
  checkZeroFeatures,
  checkDeadDilution,
  checkWrongNull,
  checkDisagreement,
];

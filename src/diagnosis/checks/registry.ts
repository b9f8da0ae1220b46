// Every check, in the order in which findings are reported: a new one is a file and a line here.
import type { Check } from '../check.js';
import { check as alwaysOn } from './always-on.js';
import { check as deadByFiring } from './dead-by-firing.js';
import { check as deadDilution } from './dead-dilution.js';
import { check as degenerateWeights } from './degenerate-weights.js';
import { check as disagreement } from './disagreement.js';
import { check as distinctRows } from './distinct-rows.js';
import { check as duplicatedFeatures } from './duplicated-features.js';
import { check as effectiveRank } from './effective-rank.js';
import { check as heavyDimensions } from './heavy-dimensions.js';
import { check as identifiabilityWidth } from './identifiability-width.js';
import { check as initDrift } from './init-drift.js';
import { check as largeMean } from './large-mean.js';
import { check as massiveRows } from './massive-rows.js';
import { check as misfit } from './misfit.js';
import { check as nonFinite } from './non-finite.js';
import { check as normIsNotUsage } from './norm-is-not-usage.js';
import { check as oddOneOut } from './odd-one-out.js';
import { check as position } from './position.js';
import { check as sameInit } from './same-init.js';
import { check as seedsNotApplied } from './seeds-not-applied.js';
import { check as splitFeatures } from './split-features.js';
import { check as unfinished } from './unfinished.js';
import { check as wrongNull } from './wrong-null.js';
import { check as zeroFeatures } from './zero-features.js';

export const checks = [
  nonFinite,
  seedsNotApplied,
  sameInit,
  misfit,
  oddOneOut,
  massiveRows,
  position,
  distinctRows,
  effectiveRank,
  largeMean,
  heavyDimensions,
  identifiabilityWidth,
  deadByFiring,
  alwaysOn,
  normIsNotUsage,
  initDrift,
  unfinished,
  degenerateWeights,
  duplicatedFeatures,
  splitFeatures,
  zeroFeatures,
  deadDilution,
  wrongNull,
  disagreement,
] as const;

export type FindingId = (typeof checks)[number]['id'];

export const findingIds = checks.map(({ id }) => id) as readonly FindingId[] as readonly [
  FindingId,
  ...FindingId[],
];

const byId = new Map<string, Check<FindingId>>(checks.map((check) => [check.id, check]));

/** The check that this finding is of. */
export function checkOf(id: FindingId): Check<FindingId> {
  return byId.get(id) as Check<FindingId>;
}

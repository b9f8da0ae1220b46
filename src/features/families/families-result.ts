// Families as the results have them.
import type { FamiliesResult } from '../../results/families-result.js';
import { returningFeatures } from '../../stats/returning.js';
import type { Families } from './families.js';
import { supportsOf } from './supports.js';

export function familiesResult(families: Families): FamiliesResult {
  const supports = supportsOf(families);
  const growth = returningFeatures(supports);
  const { by, cosine, dropped, optimum, copies } = families;
  return {
    by,
    cosine,
    supports,
    dropped,
    optimum,
    ...(copies.length > 0 ? { copies } : {}),
    ...(growth ? { growth } : {}),
  };
}

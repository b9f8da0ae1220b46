// Which pairs of a group are not independent: copies of one SAE, or runs that shared their start.
import type { Evidence, PairDependence } from './evidence.js';

/** Two runs never end with 99 of 100 directions the same to four digits. */
const copied = 0.99;

/**
 * Mean cosine at the same index, beyond other indices: independent runs have 0, give or take the next bound; two runs
 * that have each turned by 60° from one start still have a quarter.
 */
const alignedBy = 0.25;

/** SDs of the mean cosine under shifts of the index. */
const alignedBySds = 8;

export function isCopy({ sameFeatures }: PairDependence): boolean {
  return sameFeatures >= copied;
}

/** By the initial weights where they are known, else by features that agree index by index. Copies are copies. */
export function sharesStart(pair: PairDependence): boolean {
  if (isCopy(pair)) return false;
  const { sameInit, atIndex } = pair;
  if (sameInit !== undefined || !atIndex) return sameInit ?? false;
  const beyond = atIndex.mean - atIndex.shifted;
  return beyond >= alignedBy && beyond >= alignedBySds * atIndex.shiftedSd;
}

/** Whether these two are known to be copies or to share their start. */
export function areDependent(
  { dependence = [] }: Pick<Evidence, 'dependence'>,
  a: string,
  b: string,
): boolean {
  const pair = dependence.find((k) => (k.a === a && k.b === b) || (k.a === b && k.b === a));
  return pair !== undefined && (isCopy(pair) || sharesStart(pair));
}

export function areCopies({ dependence = [] }: Pick<Evidence, 'dependence'>, a: string, b: string): boolean {
  return dependence.some((k) => isCopy(k) && ((k.a === a && k.b === b) || (k.a === b && k.b === a)));
}

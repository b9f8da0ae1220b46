// How many features are in how many SAEs.
import type { Families } from './families.js';

/** [n + 1] families by their support, at index 1 the features without a family; none is in 0. */
export function supportsOf({ families, scored }: Pick<Families, 'families' | 'scored'>): number[] {
  const counts = new Array<number>(scored.length + 1).fill(0);
  let inFamilies = 0;
  for (const { members } of families) {
    counts[members.length]++;
    inFamilies += members.length;
  }
  counts[1] = scored.reduce((sum, features) => sum + features, 0) - inFamilies;
  return counts;
}

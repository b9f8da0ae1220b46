// Whether some rows hold so much of the variance, or are so unlike the others, that what is said of all rows is said of them.
import type { Evidence } from './evidence.js';

/** A fifth of the variance in some rows: explained variance and rank are no longer those of the others. */
export const much = 0.2;

type Activations = NonNullable<Evidence['activations']>;

/** A few rows that are far from the others and hold a good part of the variance. */
export function massiveRowsMatter({ activations }: Pick<Evidence, 'activations'>): boolean {
  return (activations?.massiveShare ?? 0) >= much;
}

/** Rows that are set apart by where they stand: a position or a token. */
export function placesMatter({ activations }: Pick<Evidence, 'activations'>): boolean {
  return activations?.places?.apart !== undefined;
}

/** The effective rank of the rows, without massive ones that matter and those that are set apart. */
export function rankOf(activations: Activations): number {
  const { effectiveRank, ordinaryRank = effectiveRank, places } = activations;
  if (places?.apart) return places.apart.effectiveRank;
  return massiveRowsMatter({ activations }) ? ordinaryRank : effectiveRank;
}

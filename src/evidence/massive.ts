// Whether a few rows hold so much of the variance that what is said of all rows is said of them.
import type { Evidence } from './evidence.js';

/** A fifth of the variance in a few rows: explained variance and rank are no longer those of the others. */
const much = 0.2;

type Activations = NonNullable<Evidence['activations']>;

/** A few rows that are far from the others and hold a good part of the variance. */
export function massiveRowsMatter({ activations }: Pick<Evidence, 'activations'>): boolean {
  return (activations?.massiveShare ?? 0) >= much;
}

/** The effective rank of the rows, without massive ones that matter. */
export function rankOf(activations: Activations): number {
  const { effectiveRank, ordinaryRank = effectiveRank } = activations;
  return massiveRowsMatter({ activations }) ? ordinaryRank : effectiveRank;
}

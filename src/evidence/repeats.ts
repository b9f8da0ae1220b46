// Whether the rows of the activations repeat: copies of a few, exactly or up to noise, or one row of padding.
import { type Evidence, widestDictionary } from './evidence.js';

/** Below this share of distinct rows the count of rows misleads: N rows carry the information of N/20. */
const fewShare = 0.05;

/** One row that is this share of all of them is padding: it alone decides when features fire together. */
export const padding = 0.05;

type Activations = NonNullable<Evidence['activations']>;

/** Rows that are different from each other by more than noise. */
export function differentRows({ distinctRows, clusters = distinctRows }: Activations): number {
  return Math.min(distinctRows, clusters);
}

/** F directions cannot be determined by fewer than F points. */
export function fewerThanFeatures(activations: Activations, features: number): boolean {
  return differentRows(activations) < features;
}

/** Whether one row of each kind tells another story than all of them. */
export function repeats(evidence: Pick<Evidence, 'activations' | 'members'>): boolean {
  const { activations } = evidence;
  if (!activations) return false;
  return (
    fewerThanFeatures(activations, widestDictionary(evidence)) ||
    differentRows(activations) < fewShare * activations.rows ||
    paddingShare(activations) > padding
  );
}

/** Share of the rows that are copies of the commonest one, itself among them; 0 where no row repeats. */
export function paddingShare({ rows, mostRepeated = 0 }: Activations): number {
  return mostRepeated / rows;
}

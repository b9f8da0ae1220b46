// data.distinct-rows: are the activations mostly copies of a few rows, exactly, up to noise, or of one row of padding?
import { scoreWithout } from '../counterfactual.js';
import { type Evidence, widestDictionary } from '../evidence.js';
import type { Effect, Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';

const id = 'data.distinct-rows';

/** Below this share of distinct rows the count of rows misleads: N rows carry the information of N/20. */
const fewShare = 0.05;

/** One row that is this share of all of them is padding: it alone decides when features fire together. */
const padding = 0.05;

/** Beyond this the score is about that one row. */
const mostlyPadding = 0.5;

/** A score that moves by less than this is not worth calling moved. */
const movedScore = 0.02;

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

/** Share of the rows that are copies of the commonest one, itself among them. */
function paddingShare({ rows, mostRepeated = 1 }: Activations): number {
  return mostRepeated === 1 ? 0 : mostRepeated / rows;
}

export function checkDistinctRows(evidence: Evidence): Finding {
  const { activations } = evidence;
  if (!activations) return inconclusive(id, ['activations']);
  const dSae = widestDictionary(evidence);
  const share = paddingShare(activations);
  const numbers = {
    rows: activations.rows,
    distinctRows: activations.distinctRows,
    distinctShare: activations.distinctRows / activations.rows,
    clusters: activations.clusters,
    paddingRows: share > padding ? activations.mostRepeated : undefined,
    paddingShare: share > padding ? share : undefined,
    dSae,
  };
  if (!repeats(evidence)) return refuted(id, numbers);
  const grave = fewerThanFeatures(activations, dSae) || share > mostlyPadding;
  return supported(id, grave ? 'fail' : 'warn', numbers, effectOn(evidence));
}

function effectOn(evidence: Evidence): Effect | undefined {
  const score = scoreWithout(evidence, 'activation.max', [])?.mean;
  const without = scoreWithout(evidence, 'activation.max', [id])?.mean;
  if (score === undefined || without === undefined || Math.abs(without - score) < movedScore)
    return undefined;
  return { metric: 'activation.max', score, without };
}

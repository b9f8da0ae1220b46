// data.distinct-rows: are the activations mostly copies of a few rows?
import { type Evidence, scoreWithout, widestDictionary } from '../evidence.js';
import type { Effect, Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';

const id = 'data.distinct-rows';

/** Below this share of distinct rows the count of rows misleads: N rows carry the information of N/20. */
const fewShare = 0.05;

/** A score that moves by less than this is not worth calling moved. */
const movedScore = 0.02;

/** Fewer points than directions to determine, or nearly all rows are copies. */
export function fewDistinctRows(
  activations: { readonly rows: number; readonly distinctRows: number },
  features: number,
): boolean {
  return fewerThanFeatures(activations, features) || activations.distinctRows < fewShare * activations.rows;
}

/** F directions cannot be determined by fewer than F points. */
export function fewerThanFeatures(
  { distinctRows }: { readonly distinctRows: number },
  features: number,
): boolean {
  return distinctRows < features;
}

export function checkDistinctRows(evidence: Evidence): Finding {
  const { activations } = evidence;
  if (!activations) return inconclusive(id, ['activations']);
  const dSae = widestDictionary(evidence);
  const numbers = {
    rows: activations.rows,
    distinctRows: activations.distinctRows,
    distinctShare: activations.distinctRows / activations.rows,
    dSae,
  };
  if (!fewDistinctRows(activations, dSae)) return refuted(id, numbers);
  const severity = fewerThanFeatures(activations, dSae) ? 'fail' : 'warn';
  return supported(id, severity, numbers, effectOn(evidence));
}

function effectOn(evidence: Evidence): Effect | undefined {
  const score = scoreWithout(evidence, 'activation.max', [])?.mean;
  const without = scoreWithout(evidence, 'activation.max', [id])?.mean;
  if (score === undefined || without === undefined || Math.abs(without - score) < movedScore)
    return undefined;
  return { metric: 'activation.max', score, without };
}

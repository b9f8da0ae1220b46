// data.distinct-rows: are the activations mostly copies of a few rows, exactly, up to noise, or of one row of padding?

import { type Evidence, widestDictionary } from '../../evidence/evidence.js';
import { fewerThanFeatures, padding, paddingShare, repeats } from '../../evidence/repeats.js';
import { scoreWithout } from '../counterfactual.js';
import type { Effect, Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';

const id = 'data.distinct-rows';

/** Beyond this the score is about that one row. */
const mostlyPadding = 0.5;

/** A score that moves by less than this is not worth calling moved. */
const movedScore = 0.02;

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

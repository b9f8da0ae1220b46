// data.distinct-rows: are the activations mostly copies of a few rows, exactly, up to noise, or of one row of padding?

import { type Evidence, widestDictionary } from '../../evidence/evidence.js';
import { fewerThanFeatures, padding, paddingShare, repeats } from '../../evidence/repeats.js';
import type { Check } from '../check.js';
import { scoreWithout } from '../counterfactual.js';
import type { Effect, Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { giveActivations, nothingToDo } from '../words.js';

const id = 'data.distinct-rows';

/** Beyond this the score is about that one row. */
const mostlyPadding = 0.5;

/** A score that moves by less than this is not worth calling moved. */
const movedScore = 0.02;

export const check: Check<typeof id> = {
  id,
  check: checkDistinctRows,
  words: {
    artefact: 'the small number of distinct activations',
    supported: {
      title: 'Few distinct activations',
      summary: [
        ({ distinctRows, rows }) =>
          distinctRows < rows ? 'Of {rows:count} activations only {distinctRows:count} are distinct.' : '',
        'Up to noise they are copies of about {clusters:count} activations.',
        'One activation alone is there {paddingRows:count} times ({paddingShare:percent} of all), as padding is.',
        'Most of its copies stand at {repeatedThere:repeatedPlace}.',
        ({ distinctRows, clusters = distinctRows, dSae, paddingRows }) => {
          if (Math.min(distinctRows, clusters) < dSae) {
            return 'So few points cannot determine {dSae:count} features: most have nothing of their own to respond to.';
          }
          return paddingRows === undefined ? 'The number of rows overstates what the SAEs have seen.' : '';
        },
      ],
      advice: [
        ({ paddingRows }) =>
          paddingRows === undefined
            ? ''
            : 'Leave out padding and other tokens that say nothing, and measure again.',
        'Collect activations where the model has seen more of its input (a later token, more varied text), and ' +
          'report the number of distinct rows beside the number of rows.',
      ],
    },
    refuted: {
      title: 'Enough distinct activations',
      summary: ['{distinctRows:count} of {rows:count} activations are distinct.'],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Distinct activations not counted', advice: giveActivations },
  },
};

function checkDistinctRows(evidence: Evidence): Finding<typeof id> {
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
    repeatedThere: activations.places?.repeated?.rows,
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

// seeds.same-init: did runs start from the same weights, so that features agree without having been found?
//
// By the initial weights where they are known. Else by decoder rows that agree index by index (evidence/copies-and-starts.ts).

import { isCopy, sharesStart } from '../../evidence/dependent-pairs.js';
import type { Evidence } from '../../evidence/evidence.js';
import { mean } from '../../stats/summary.js';
import type { Check } from '../check.js';
import { scoreWithout } from '../counterfactual.js';
import type { Finding } from '../finding.js';
import { missingForPairs } from '../missing.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { nothingToDo } from '../words.js';

const id = 'seeds.same-init';

export const check: Check<typeof id> = {
  id,
  check: checkSameInit,
  words: {
    artefact: 'initial weights that the runs share',
    supported: {
      title: 'Runs started from the same weights',
      summary: [
        ({ known }) =>
          known
            ? '{shared:count} of {pairs:count} pairs have the same weights before training.'
            : '{shared:count} of {pairs:count} pairs show a shared start: feature after feature, decoder rows of one index agree, as those ' +
              'of separate runs never do.',
        'Decoder rows of the same index have a mean cosine of {indexCosine:score}, those of different indices ' +
          '{otherIndexCosine:score}.',
        'Features that start alike stay alike, so their agreement is not discovery.',
      ],
      advice: [
        'Train with a different initialisation in every run; a different order of the data is not enough. Until then ' +
          'read scores without partners of the same index.',
      ],
    },
    refuted: {
      title: 'No sign of a shared start',
      summary: [
        'Decoder rows of the same index have a mean cosine of {indexCosine:score}, those of different indices ' +
          '{otherIndexCosine:score}.',
      ],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Shared start not looked for',
      advice: 'Give at least two SAEs, and the weights before training where the SAEs differ in width.',
    },
  },
};

function checkSameInit(evidence: Evidence): Finding<typeof id> {
  const { dependence } = evidence;
  if (!dependence) return inconclusive(id, missingForPairs(evidence));
  const separate = dependence.filter((pair) => !isCopy(pair));
  const seen = separate.filter((pair) => pair.sameInit !== undefined || pair.atIndex);
  const shared = dependence.filter(sharesStart);
  const atIndex = (shared.length > 0 ? shared : seen).flatMap((pair) => pair.atIndex ?? []);
  const numbers = {
    pairs: dependence.length,
    shared: shared.length,
    known: seen.every((pair) => pair.sameInit !== undefined) ? 1 : 0,
    indexCosine: atIndex.length > 0 ? mean(atIndex.map((at) => at.mean)) : undefined,
    otherIndexCosine: atIndex.length > 0 ? mean(atIndex.map((at) => at.shifted)) : undefined,
  };
  if (shared.length === 0) {
    // Copies have a finding of their own; of other widths nothing is seen without the initial weights.
    return seen.length === 0 && separate.length > 0
      ? inconclusive(id, ['init'], numbers)
      : refuted(id, numbers);
  }
  const score = evidence.metrics['decoder.max']?.mean;
  const without = scoreWithout(evidence, 'decoder.max', [id])?.mean;
  return supported(
    id,
    'fail',
    numbers,
    score === undefined || without === undefined ? undefined : { metric: 'decoder.max', score, without },
  );
}

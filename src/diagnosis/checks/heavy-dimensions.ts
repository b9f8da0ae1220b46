// data.heavy-dimensions: do a few coordinates hold so much of the variance that directions are told apart by those alone?
//
// Counted are coordinates with ten times the SD of the median one (stats/heavy-columns.ts). What they do to directions shows in
// the decoder score in the other coordinates, with its own null.

import { type Evidence, fitOnOthers, usable } from '../../evidence/evidence.js';
import { heavyDimensionsMatter } from '../../evidence/heavy-dimensions.js';
import { mean } from '../../stats/summary.js';
import type { Check } from '../check.js';
import { scoreWithout } from '../counterfactual.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { giveActivations, nothingToDo } from '../words.js';

const id = 'data.heavy-dimensions';

/** Beyond this they are most of what explained variance, loss and rank tell of. */
const most = 0.5;

export const check: Check<typeof id> = {
  id,
  check: checkHeavyDimensions,
  words: {
    artefact: 'a few heavy dimensions',
    supported: {
      title: 'A few dimensions hold much of the variance',
      summary: [
        '{heavyDimensions:count} of {dModel:count} dimensions have ten times the spread of the others, or more, and hold ' +
          '{heavyShare:percent} of the variance: explained variance and loss are mostly theirs.',
        'The SAEs explain {explainedWithout:percent} of the variance in the other dimensions, and {explained:percent} in all (on average).',
        'In the other dimensions the decoder-based score is {decodersWithout:score} instead of {decoders:score} ' +
          '(by chance {chanceWithout:score}).',
      ],
      advice: [
        'Bring the dimensions to one scale before training, or report explained variance without these.',
      ],
    },
    refuted: {
      title: 'No small number of dimensions holds most of the variance',
      summary: [
        ({ heavyDimensions }) =>
          heavyDimensions === undefined
            ? 'No dimension has ten times the spread of the usual one, or a twentieth of them do.'
            : '{heavyDimensions:count} of {dModel:count} dimensions are of another size than the others, and hold {heavyShare:percent} of the variance.',
      ],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Heavy dimensions not looked for', advice: giveActivations },
  },
};

function checkHeavyDimensions(evidence: Evidence) {
  const { activations, members, metrics } = evidence;
  if (!activations || members.length === 0) return inconclusive(id, ['activations']);
  const { heavyDimensions, heavyShare } = activations;
  const meanOf = (values: readonly number[]) => (values.length > 0 ? mean(values) : undefined);
  const fitted = usable(members).flatMap((m) => (m.otherDimensionsFit ? [m] : []));
  const live = scoreWithout(evidence, 'decoder.max', ['usage.dead-by-firing', id]);
  const numbers = {
    heavyDimensions,
    heavyShare,
    dModel: members[0].width,
    explained: meanOf(fitted.flatMap((m) => fitOnOthers(m)?.explainedVariance ?? [])),
    explainedWithout: meanOf(fitted.flatMap((m) => m.otherDimensionsFit?.explainedVariance ?? [])),
    decoders: metrics['decoder.max.live']?.mean,
    decodersWithout: live?.mean,
    chanceWithout: live?.null?.mean,
  };
  if (!heavyDimensionsMatter(evidence)) return refuted(id, numbers);
  return supported(id, (heavyShare ?? 0) > most ? 'fail' : 'warn', numbers);
}

// metric.disagreement: corrected for chance, do codes and decoder directions tell the same story?
//
// Compared over live features, because dead ones tell nothing about either, and each corrected for the strictest null that
// fits it: that codes agree as before training is no story of their own.
import type { Evidence } from '../../evidence/evidence.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { heldStrictly, isBeyond, withReach } from '../judgement.js';
import { missingForLiveScores } from '../missing.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { nothingToDo } from '../words.js';

const id = 'metric.disagreement';

/** Corrected scores closer than this lead to the same reading, whatever their intervals. */
const apart = 0.25;

const correctedScores =
  'Corrected for chance, live features agree by {activationCorrected:score} in their codes and by ' +
  '{decoderCorrected:score} in their decoder directions.';

export const check: Check<typeof id> = {
  id,
  check: checkDisagreement,
  words: {
    artefact: 'the disagreement between codes and decoder directions',
    supported: {
      title: 'Codes and decoder directions disagree',
      summary: [
        correctedScores,
        ({ difference }) =>
          difference > 0
            ? 'The SAEs agree on when features fire more than on which directions they write.'
            : 'The SAEs agree on directions more than on when features fire.',
      ],
      advice: [
        'Say which of the two a claim is about, the same firing or the same directions, and do not let one stand ' +
          'for the other.',
      ],
    },
    refuted: {
      title: 'Codes and decoder directions agree',
      summary: [correctedScores],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Codes not compared with directions',
      advice: 'Give activations and at least two SAEs, so that both scores can be measured.',
    },
  },
};

function checkDisagreement({ members, metrics }: Evidence): Finding<typeof id> {
  const codes = heldStrictly(metrics['activation.max.live']);
  const directions = heldStrictly(metrics['decoder.max.live']);
  if (!codes || !directions) {
    return inconclusive(id, missingForLiveScores({ members }));
  }
  const [a, b] = [withReach(codes), withReach(directions)];
  const numbers = {
    activationCorrected: a.value,
    decoderCorrected: b.value,
    difference: a.value - b.value,
    reach: a.reach + b.reach,
  };
  if (Math.abs(numbers.difference) <= Math.max(apart, numbers.reach)) return refuted(id, numbers);
  return supported(id, isBeyond(codes) !== isBeyond(directions) ? 'fail' : 'warn', numbers);
}

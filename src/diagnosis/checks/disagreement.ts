// metric.disagreement: corrected for chance, do codes and decoder directions tell the same story?
//
// Compared over live features, because dead ones tell nothing about either.
import { type Evidence, missingForLiveScores } from '../evidence.js';
import type { Finding } from '../finding.js';
import { correctedWithReach, judge } from '../judgement.js';
import { inconclusive, refuted, supported } from '../outcome.js';

const id = 'metric.disagreement';

/** Corrected scores closer than this lead to the same reading, whatever their intervals. */
const apart = 0.15;

export function checkDisagreement({ members, metrics }: Evidence): Finding {
  const codes = metrics['activation.max.live'];
  const directions = metrics['decoder.max.live'];
  const [a, b] = [codes && correctedWithReach(codes), directions && correctedWithReach(directions)];
  if (!codes?.null || !directions?.null || !a || !b) {
    return inconclusive(id, missingForLiveScores({ members }));
  }
  const numbers = {
    activationCorrected: a.value,
    decoderCorrected: b.value,
    difference: a.value - b.value,
    reach: a.reach + b.reach,
  };
  if (Math.abs(numbers.difference) <= Math.max(apart, numbers.reach)) return refuted(id, numbers);
  const opposite =
    (judge(codes, codes.null) === 'above') !== (judge(directions, directions.null) === 'above');
  return supported(id, opposite ? 'fail' : 'warn', numbers);
}

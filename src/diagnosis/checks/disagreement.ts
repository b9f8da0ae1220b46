// metric.disagreement: corrected for chance, do codes and decoder directions tell the same story?
//
// Compared over live features, because dead ones tell nothing about either, and each corrected for the strictest null that
// fits it: that codes agree as before training is no story of their own.
import type { Evidence } from '../../evidence/evidence.js';
import type { Finding } from '../finding.js';
import { heldStrictly, isBeyond, withReach } from '../judgement.js';
import { missingForLiveScores } from '../missing.js';
import { inconclusive, refuted, supported } from '../outcome.js';

const id = 'metric.disagreement';

/** Corrected scores closer than this lead to the same reading, whatever their intervals. */
const apart = 0.25;

export function checkDisagreement({ members, metrics }: Evidence): Finding {
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

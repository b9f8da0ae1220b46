// metric.wrong-null: would the reading of a score turn if it were held against another null than the one that fits?
//
// Two slips. A null that is too easy (random directions for decoders that crowd into a subspace, permuted rows for codes
// that SAEs before training have too) makes agreement of what nobody learned: `…Easy` = 1. And one "random baseline" for
// everything, the level of random decoder directions: what it would do to each other score is worth knowing, but no
// reading here rests on it.

import type { Evidence } from '../../evidence/evidence.js';
import { nullModel } from '../../metrics/nulls/registry.js';
import type { MetricId } from '../../metrics/registry.js';
import { overSoundPairs } from '../counterfactual.js';
import type { Finding } from '../finding.js';
import { held, heldStrictly, isBeyond, type Judgement, judge } from '../judgement.js';
import { missingForLiveScores } from '../missing.js';
import { inconclusive, refuted, supported } from '../outcome.js';

const id = 'metric.wrong-null';

const others = [
  ['activation.max', 'activation'],
  ['activation.max.live', 'activationLive'],
  ['decoder.max.live', 'decoderLive'],
  ['displacement.max', 'displacement'],
] as const satisfies readonly (readonly [MetricId, string])[];

/** The scores that a verdict can rest on; of all features only where live ones are not known. */
const read = [
  ['activation.max.live', 'activationLive'],
  ['decoder.max.live', 'decoderLive'],
  ['decoder.max', 'decoder'],
] as const satisfies readonly (readonly [MetricId, string])[];

const side: Record<Judgement, number> = { below: -1, within: 0, above: 1 };

/** Judgements in the evidence are 1 above chance, 0 within its band, −1 below it. */
export function checkWrongNull(evidence: Evidence): Finding {
  const { members, metrics } = evidence;
  const baseline = metrics['decoder.max']?.null;
  const compared = others.flatMap(([metric, name]) => {
    const score = metrics[metric];
    if (!baseline || !score?.null) return [];
    return [{ name, own: side[judge(score, score.null)], wrong: side[judge(score, baseline)] }];
  });
  const easy = tooEasy(evidence);
  if (!baseline || (compared.length === 0 && Object.keys(easy).length === 0)) {
    return inconclusive(id, missingForLiveScores({ members }));
  }
  const numbers: Record<string, number> = { baseline: baseline.mean, turned: 0, ...easy };
  for (const { name, own, wrong } of compared) {
    numbers[`${name}OwnNull`] = own;
    numbers[`${name}WrongNull`] = wrong;
    if (own !== wrong) numbers.turned++;
  }
  if (Object.keys(easy).length > 0) return supported(id, 'fail', numbers);
  return numbers.turned > 0 ? supported(id, 'info', numbers) : refuted(id, numbers);
}

/** Scores that are beyond their own null, and not beyond the strictest that fits them. */
function tooEasy(evidence: Evidence): Record<string, number> {
  const { metrics } = evidence;
  const liveKnown = metrics['decoder.max.live'] !== undefined;
  const numbers: Record<string, number> = {};
  for (const [metric, name] of read) {
    if (metric === 'decoder.max' && liveKnown) continue;
    const score = overSoundPairs(evidence, metrics[metric]);
    const [own, strict] = [held(score), heldStrictly(score)];
    if (!own || !strict || !isBeyond(own) || isBeyond(strict)) continue;
    numbers[`${name}Easy`] = 1;
    numbers[`${name}Score`] = own.score.mean;
    numbers[`${name}Null`] = own.level.mean;
    numbers[`${name}StrictNull`] = strict.level.mean;
    numbers[`${name}Untrained`] = nullModel(strict.level.kind).keeps.includes('data') ? 1 : 0;
  }
  return numbers;
}

// metric.wrong-null: would the reading of a score turn if it were held against another metric's null?
//
// The usual slip is one "random baseline" for everything: the level of random decoder directions. Each other
// score is judged against its own null and against that one.
import type { MetricId } from '../../similarity/metric.js';
import { type Evidence, missingForLiveScores } from '../evidence.js';
import type { Finding } from '../finding.js';
import { type Judgement, judge } from '../judgement.js';
import { inconclusive, refuted, supported } from '../outcome.js';

const id = 'metric.wrong-null';

const others = [
  ['activation.max', 'activation'],
  ['activation.max.live', 'activationLive'],
  ['decoder.max.live', 'decoderLive'],
  ['displacement.max', 'displacement'],
] as const satisfies readonly (readonly [MetricId, string])[];

const side: Record<Judgement, number> = { below: -1, within: 0, above: 1 };

/** Judgements in the evidence are 1 above chance, 0 within its band, −1 below it. */
export function checkWrongNull({ members, metrics }: Evidence): Finding {
  const baseline = metrics['decoder.max']?.null;
  const compared = others.flatMap(([metric, name]) => {
    const score = metrics[metric];
    if (!baseline || !score?.null) return [];
    return [{ name, own: side[judge(score, score.null)], wrong: side[judge(score, baseline)] }];
  });
  if (!baseline || compared.length === 0) {
    return inconclusive(id, missingForLiveScores({ members }));
  }
  const numbers: Record<string, number> = { baseline: baseline.mean, turned: 0 };
  for (const { name, own, wrong } of compared) {
    numbers[`${name}OwnNull`] = own;
    numbers[`${name}WrongNull`] = wrong;
    if (own !== wrong) numbers.turned++;
  }
  if (numbers.turned === 0) return refuted(id, numbers);
  const opposite = compared.some(({ own, wrong }) => own * wrong < 0);
  return supported(id, opposite ? 'fail' : 'warn', numbers);
}

// metric.wrong-null: would the reading of a score turn if it were held against another null than the one that fits?
//
// Two slips. A null that is too easy (random directions for decoders that crowd into a subspace, permuted rows for codes
// that SAEs before training have too) makes agreement of what nobody learned: `…Easy` = 1. And one "random baseline" for
// everything, the level of random decoder directions: what it would do to each other score is worth knowing, but no
// reading here rests on it.

import type { Evidence } from '../../evidence/evidence.js';
import { nullModel } from '../../metrics/nulls/registry.js';
import type { MetricId } from '../../metrics/registry.js';
import type { Check } from '../check.js';
import { overSoundPairs } from '../counterfactual.js';
import type { Finding } from '../finding.js';
import { held, heldStrictly, isBeyond, type Judgement, judge } from '../judgement.js';
import { missingForLiveScores } from '../missing.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import type { Numbers } from '../words.js';

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

const sides = new Map([
  [1, 'above chance'],
  [0, 'at chance'],
  [-1, 'below chance'],
]);

const nulledScores = [
  ['activation', 'The activation-based score'],
  ['activationLive', 'The activation-based score of live features'],
  ['decoderLive', 'The decoder-based score of live features'],
  ['displacement', 'The displacement score'],
] as const;

/** Which scores turn when held against the level of random decoder directions. */
function turnedScores(numbers: Numbers): string {
  const turned = nulledScores.flatMap(([name, words]) => {
    const [own, wrong] = [numbers[`${name}OwnNull`], numbers[`${name}WrongNull`]];
    if (own === undefined || own === wrong) return [];
    return [
      `${words} is ${sides.get(own)}; held against {baseline:score} it would seem ${sides.get(wrong)}.`,
    ];
  });
  if (turned.length === 0 || numbers.baseline === undefined) return '';
  return ['Random decoder directions have {baseline:score}.', ...turned].join(' ');
}

const easy = [
  ['activationLive', 'activation-based score of live features'],
  ['decoderLive', 'decoder-based score of live features'],
  ['decoder', 'decoder-based score'],
] as const;

/** Scores that are beyond chance but not beyond what fits them best. */
function easyNulls(numbers: Numbers): string {
  return easy
    .filter(([name]) => numbers[`${name}Easy`] === 1)
    .map(([name, words]) => {
      const untrained = numbers[`${name}Untrained`] === 1;
      const [easier, stricter] = untrained
        ? ['Codes with shuffled rows', 'SAEs before training']
        : ['Random directions', 'random directions that crowd into the same dimensions'];
      const means = untrained
        ? 'Agreement of this size says nothing of what was learned.'
        : 'Agreement of this size comes from the dimensions that all of them use.';
      return (
        `The ${words} is {${name}Score:score}. ${easier} have {${name}Null:score}, but ${stricter} have ` +
        `{${name}StrictNull:score}, which is about the same. ${means}`
      );
    })
    .join(' ');
}

export const check: Check<typeof id> = {
  id,
  check: checkWrongNull,
  words: {
    artefact: 'a null that is too easy',
    supported: {
      title: 'Another null would change the conclusion',
      summary: [
        easyNulls,
        turnedScores,
        ({ turned }) => (turned > 0 ? 'Each kind of score has a chance level of its own.' : ''),
      ],
      advice: [
        'Hold every score against a null that fits it, and name the null whenever the score is quoted.',
      ],
    },
    refuted: {
      title: 'Another null would not change the conclusion',
      summary: [
        'Held against {baseline:score}, what random decoder directions have, every score would be read as it is against its own null.',
      ],
      advice: ['Quote each score with its own null all the same.'],
    },
    inconclusive: {
      title: 'Nulls not compared',
      advice: 'Give activations and at least two SAEs: it takes scores of two kinds to mix up their nulls.',
    },
  },
};

/** Judgements in the evidence are 1 above chance, 0 within its band, −1 below it. */
function checkWrongNull(evidence: Evidence): Finding<typeof id> {
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

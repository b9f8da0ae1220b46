// Words for findings about the scores themselves: what they average over, and what they are held against.
import type { FindingId } from '../../diagnosis/finding.js';
import { list, score } from '../number-format.js';
import { type FindingWording, nothingToDo } from './finding-wording.js';
import type { Numbers } from './template.js';

const correctedScores =
  'Corrected for chance, live features agree by {activationCorrected:score} in their codes and by ' +
  '{decoderCorrected:score} in their decoder directions.';

const sides = new Map([
  [1, 'above chance'],
  [0, 'at chance'],
  [-1, 'below chance'],
]);

const nulledScores = [
  ['activation', 'the activation-based score'],
  ['activationLive', 'the activation-based score of live features'],
  ['decoderLive', 'the decoder-based score of live features'],
  ['displacement', 'the displacement score'],
] as const;

/** Which scores turn when held against the level of random decoder directions. */
function turnedScores(numbers: Numbers): string {
  const turned = nulledScores.flatMap(([name, words]) => {
    const [own, wrong] = [numbers[`${name}OwnNull`], numbers[`${name}WrongNull`]];
    if (own === undefined || own === wrong) return [];
    return [`${words} is ${sides.get(own)} by its own null but would be read as ${sides.get(wrong)}`];
  });
  if (turned.length === 0 || numbers.baseline === undefined) return '';
  return `Held against ${score(numbers.baseline)}, the level of random decoder directions, ${list(turned)}.`;
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
        ? ['codes with shuffled rows', 'the same SAEs before training']
        : ['random directions', 'random directions that crowd into the same dimensions'];
      const means = untrained
        ? 'so the agreement is no sign of what was learned'
        : 'so it is mostly a matter of the dimensions that all of them use';
      return (
        `The ${words} ({${name}Score:score}) is above that of ${easier} ({${name}Null:score}) but hardly above ` +
        `that of ${stricter} ({${name}StrictNull:score}), ${means}.`
      );
    })
    .join(' ');
}

export const metricFindings = {
  'metric.dead-dilution': {
    supported: {
      title: 'Dead features decide the score',
      summary: [
        'A score over all features averages over {deadShare:percent} that never fire.',
        'Activation-based it is {activationScore:score}, over live features {activationLive:score}.',
        'Decoder-based it is {decoderScore:score}, over live features {decoderLive:score}.',
      ],
      advice: ['Report the score over live features, with the share of live features beside it.'],
    },
    refuted: {
      title: 'Dead features do not decide the score',
      summary: [
        'Leaving out the {deadShare:percent} of features that never fire changes no score by much.',
        'Activation-based: {activationScore:score} over all features, {activationLive:score} over live ones.',
        'Decoder-based: {decoderScore:score} over all features, {decoderLive:score} over live ones.',
      ],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Weight of dead features in the score not known',
      advice:
        'Give activations and at least two SAEs, so that the score can be split into live and dead features.',
    },
  },
  'metric.wrong-null': {
    supported: {
      title: 'The choice of null turns the reading',
      summary: [
        easyNulls,
        turnedScores,
        ({ turned }) => (turned > 0 ? 'Scores of different kinds have different chance levels.' : ''),
      ],
      advice: [
        'Hold every score against a null that fits it, and name the null whenever the score is quoted.',
      ],
    },
    refuted: {
      title: 'The choice of null does not turn the reading',
      summary: [
        'Every score falls on the same side of its own null as of {baseline:score}, the level of random decoder ' +
          'directions.',
      ],
      advice: ['Quote each score with its own null all the same.'],
    },
    inconclusive: {
      title: 'Nulls not compared',
      advice: 'Give activations and at least two SAEs: it takes scores of two kinds to mix up their nulls.',
    },
  },
  'metric.disagreement': {
    supported: {
      title: 'Codes and decoder directions tell different stories',
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
} as const satisfies Partial<Record<FindingId, FindingWording>>;

// What each finding says, for each verdict: title, summary with its numbers, advice to act on.
import type { FindingId } from '../../diagnosis/finding.js';
import { list, score } from '../number-format.js';
import type { Numbers, Sentence } from './template.js';

export interface FindingWords {
  readonly title: string;
  /** Sentences; one whose numbers are missing is left out. */
  readonly summary: readonly Sentence[];
  readonly advice: string;
}

export interface FindingWording {
  readonly supported: FindingWords;
  readonly refuted: FindingWords;
  /** Title only: what is missing makes the summary. */
  readonly inconclusive: { readonly title: string; readonly advice: string };
}

const nothingToDo = 'Nothing to do.';
const giveActivations = 'Give the activations that the SAEs were trained on.';

const deathCounts =
  'On average per SAE, {deadByFiring:count} of {dSae:count} features are dead by firing and {deadByNorm:count} by decoder norm.';

const driftNumbers: readonly Sentence[] = [
  'The median cosine of a decoder row with its own initial direction is {cosineMedian:score}.',
  ({ cosineMedianLive: live, cosineMedianDead: dead }) =>
    dead === undefined || live === undefined
      ? ''
      : 'For dead features it is {cosineMedianDead:score}, for live ones {cosineMedianLive:score}.',
];

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

export const findingWords: Record<FindingId, FindingWording> = {
  'data.distinct-rows': {
    supported: {
      title: 'Few distinct activations',
      summary: [
        'Of {rows:count} activations only {distinctRows:count} are distinct.',
        ({ distinctRows, dSae }) =>
          distinctRows < dSae
            ? 'So few points cannot determine {dSae:count} features: most have nothing of their own to respond to.'
            : 'The number of rows overstates what the SAEs have seen.',
      ],
      advice:
        'Collect activations where the model has seen more of its input (a later token, more varied text), and ' +
        'report the number of distinct rows beside the number of rows.',
    },
    refuted: {
      title: 'Enough distinct activations',
      summary: ['{distinctRows:count} of {rows:count} activations are distinct.'],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Distinct activations not counted', advice: giveActivations },
  },
  'data.effective-rank': {
    supported: {
      title: 'Activations fill few directions',
      summary: [
        'The activations have an effective rank of {effectiveRank:plain} in {dModel:count} dimensions.',
        'What training writes must lie in those few directions, so two SAEs agree more than random directions do ' +
          'without having found the same features.',
      ],
      advice:
        'Hold decoder-based scores against directions drawn from the activations’ own subspace, or use more varied ' +
        'inputs.',
    },
    refuted: {
      title: 'Activations fill many directions',
      summary: [
        'The activations have an effective rank of {effectiveRank:plain} in {dModel:count} dimensions.',
      ],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Effective rank not measured', advice: giveActivations },
  },
  'usage.dead-by-firing': {
    supported: {
      title: 'Many features never fire',
      summary: [
        '{deadShare:percent} of the features never fire on these activations: {liveMin:count} to {liveMax:count} of ' +
          '{dSae:count} are live per SAE.',
        'A dead feature adds a zero to an activation-based score and its untrained direction to a decoder-based one.',
      ],
      advice:
        'Report scores over live features, and train in a way that keeps features alive (auxiliary loss, ' +
        'resampling, a narrower SAE, more varied data).',
    },
    refuted: {
      title: 'Nearly all features fire',
      summary: ['{deadShare:percent} of the features never fire on these activations.'],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Firing not checked',
      advice: 'Give activations: whether a feature is used cannot be seen from its weights.',
    },
  },
  'usage.norm-is-not-usage': {
    supported: {
      title: 'Norms hide the dead features',
      summary: [deathCounts, 'A feature that is never trained keeps the norm that it was initialised with.'],
      advice: 'Count dead features by firing on data, never by the norm of their weights.',
    },
    refuted: {
      title: 'Norms and firing agree on dead features',
      summary: [deathCounts],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Norms not checked against firing',
      advice: 'Give activations, so that dead features can be counted by firing too.',
    },
  },
  'training.init-drift': {
    supported: {
      title: 'Decoder rows still point where they started',
      summary: [
        ...driftNumbers,
        ({ onlyDead }) =>
          onlyDead
            ? 'It is the dead features that never moved; the live ones did.'
            : 'A decoder-based score measures the random start here, not what was learned.',
      ],
      advice:
        'Compare live features or displacements, train longer, and do not read a decoder-based score near chance ' +
        'as evidence about what was learned.',
    },
    refuted: {
      title: 'Decoder rows left their starting direction',
      summary: driftNumbers,
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Distance from the start not known',
      advice: 'Keep the weights before training (or the seed and recipe that make them) and give them too.',
    },
  },
  'weights.degenerate': {
    supported: {
      title: 'Degenerate weights',
      summary: [
        '{degenerateShare:percent} of the decoder rows are degenerate.',
        'On average per SAE, {parallelFeatures:count} of {dSae:count} rows have a near-parallel twin and {tinyFeatures:count} are ' +
          'too short to have a direction.',
      ],
      advice:
        'Look at the training run and at how the checkpoint was read before trusting any score from it.',
    },
    refuted: {
      title: 'Decoder rows look sound',
      summary: [
        'On average per SAE, {parallelFeatures:count} of {dSae:count} rows have a near-parallel twin and {tinyFeatures:count} are ' +
          'too short to have a direction.',
      ],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Decoder rows not checked',
      advice: 'Give at least one checkpoint whose weights are all finite.',
    },
  },
  'numerics.non-finite': {
    supported: {
      title: 'NaN or infinite weights',
      summary: [
        'The weights hold {nan:count} NaN and {inf:count} infinite values.',
        '{excluded:count} of {saes:count} SAEs are left out of every score for it.',
      ],
      advice: 'Do not use these checkpoints: find the training step at which the loss stopped being finite.',
    },
    refuted: {
      title: 'All weights are finite',
      summary: ['No weight of the {saes:count} SAEs is NaN or infinite.'],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Weights not checked for NaN',
      advice: 'Give checkpoints with all their weights.',
    },
  },
  'numerics.zero-features': {
    supported: {
      title: 'Features without a direction',
      summary: [
        '{zeroFeatures:count} decoder rows over {saes:count} SAEs have length zero ({zeroShare:percent} of the ' +
          'features); they are left out of decoder-based scores.',
      ],
      advice: 'State how many features were left out, or remove them from the SAEs.',
    },
    refuted: {
      title: 'Every feature has a direction',
      summary: ['No decoder row of the {saes:count} SAEs has length zero.'],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Zero features not counted', advice: 'Give checkpoints with decoder weights.' },
  },
  'metric.dead-dilution': {
    supported: {
      title: 'Dead features decide the score',
      summary: [
        'A score over all features averages over {deadShare:percent} that never fire.',
        'Activation-based it is {activationScore:score}, over live features {activationLive:score}.',
        'Decoder-based it is {decoderScore:score}, over live features {decoderLive:score}.',
      ],
      advice: 'Report the score over live features, with the share of live features beside it.',
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
      title: 'One random baseline for every score would mislead',
      summary: [turnedScores, 'Scores of different kinds have different chance levels.'],
      advice: 'Hold every score against its own null only, and name the null whenever the score is quoted.',
    },
    refuted: {
      title: 'The choice of null does not turn the reading',
      summary: [
        'Every score falls on the same side of its own null as of {baseline:score}, the level of random decoder ' +
          'directions.',
      ],
      advice: 'Quote each score with its own null all the same.',
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
      advice:
        'Say which of the two a claim is about, the same firing or the same directions, and do not let one stand ' +
        'for the other.',
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

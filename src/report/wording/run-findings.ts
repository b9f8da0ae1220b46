// Words for findings about the runs themselves: their weights, their seeds, their training.
import type { FindingId } from '../../diagnosis/finding.js';
import { type FindingWording, giveActivations, giveTwo, nothingToDo } from './finding-wording.js';
import type { Sentence } from './template.js';

const fits: readonly Sentence[] = [
  ({ othersExplained, saes }) =>
    othersExplained === undefined || saes === undefined
      ? ''
      : 'SAE number {worst:count} of {saes:count} explains {worstExplained:percent} of the variance of these activations, ' +
        'the others {othersExplained:percent} (their median).',
  'By its loss it explained {trainedExplained:percent} of those that it was trained on.',
];

const driftNumbers: readonly Sentence[] = [
  'The median cosine of a decoder row with its own initial direction is {cosineMedian:score}.',
  ({ cosineMedianLive: live, cosineMedianDead: dead }) =>
    dead === undefined || live === undefined
      ? ''
      : 'For dead features it is {cosineMedianDead:score}, for live ones {cosineMedianLive:score}.',
  ({ estimated }) =>
    estimated
      ? 'The weights before training are not known; judged by the shape of the entries, which were drawn uniformly at ' +
        'the start and lose that as they learn, the cosine of decoder rows with their start is about {cosineMean:score}.'
      : '',
  ({ cosineMeanLive: live, cosineMeanDead: dead }) =>
    dead === undefined || live === undefined
      ? ''
      : 'For dead features it is about {cosineMeanDead:score}, for live ones {cosineMeanLive:score}.',
];

const lossFall =
  'The loss is still falling: at its present rate as many steps again would take {lossFall:percent} of it away.';

const degenerateCounts: Sentence =
  'On average per SAE, {parallelFeatures:count} of {dSae:count} decoder rows have a near-parallel twin and ' +
  '{tinyFeatures:count} are too short to have a direction.';

const giants: Sentence = ({ giantFeatures }) =>
  giantFeatures > 0 ? '{giantFeatures:plain} are more than ten times as long as the median row.' : '';

const encoder: Sentence =
  '{encoderLeading:percent} of the length of all encoder rows lies along one direction';

export const runFindings = {
  'numerics.non-finite': {
    supported: {
      title: 'NaN or infinite weights',
      summary: [
        'The weights hold {nan:count} NaN and {inf:count} infinite values.',
        '{diverged:count} of {saes:count} training runs diverged and were stopped.',
        '{excluded:count} of {saes:count} SAEs are left out of every score for it.',
      ],
      advice: [
        'Do not use these checkpoints: find the training step at which the loss stopped being finite.',
      ],
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
  'seeds.not-applied': {
    supported: {
      title: 'Some of the SAEs are copies of each other',
      summary: [
        '{copies:count} of {pairs:count} pairs have the same decoder directions, up to order, sign and length: ' +
          '{sameFeatures:percent} of them to four digits.',
        'Two trainings never end so: the seed was not applied, or one file stands here twice. That their features agree ' +
          'says nothing.',
      ],
      advice: [
        'Check that the seed reaches the initialisation and the data order, train again, and compare each SAE once.',
      ],
    },
    refuted: {
      title: 'No SAE is a copy of another',
      summary: [
        'The most that any two of them have in common to four digits is {sameFeatures:percent} of their directions.',
      ],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Copies not looked for', advice: giveTwo },
  },
  'seeds.same-init': {
    supported: {
      title: 'Runs started from the same weights',
      summary: [
        ({ known }) =>
          known
            ? '{shared:count} of {pairs:count} pairs have the same weights before training.'
            : '{shared:count} of {pairs:count} pairs show a shared start: their decoder rows agree number by number, as rows of ' +
              'separate runs never do.',
        'Rows of the same number have a mean cosine of {indexCosine:score}, rows of different number one of ' +
          '{otherIndexCosine:score}.',
        'Features that start alike stay alike, so their agreement is not discovery.',
      ],
      advice: [
        'Train with a different initialisation in every run; a different order of the data is not enough. Until then ' +
          'read scores without partners of the same number.',
      ],
    },
    refuted: {
      title: 'No sign of a shared start',
      summary: [
        'Rows of the same number have a mean cosine of {indexCosine:score}, rows of different number one of ' +
          '{otherIndexCosine:score}.',
      ],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Shared start not looked for',
      advice: 'Give at least two SAEs, and the weights before training where the SAEs differ in width.',
    },
  },
  'data.misfit': {
    supported: {
      title: 'An SAE does not fit these activations',
      summary: [
        ({ misfits }) =>
          misfits > 1 ? '{misfits:count} of {saes:count} SAEs do not fit these activations.' : '',
        ...fits,
        'Probably these activations are of another layer or site than it was trained on, or scaled in another way.',
      ],
      advice: [
        'Check which layer and site SAE number {worst:count} was trained on, and how its input was scaled.',
        'Compare SAEs of one site only.',
      ],
    },
    refuted: { title: 'All SAEs fit these activations alike', summary: fits, advice: nothingToDo },
    inconclusive: { title: 'Fit not compared', advice: giveActivations },
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
      advice: [
        'Compare live features or displacements, train longer, and do not read a decoder-based score near chance ' +
          'as evidence about what was learned.',
      ],
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
  'training.unfinished': {
    supported: {
      title: 'Training was not finished',
      summary: [
        lossFall,
        'Live decoder rows still have a cosine of {initCosine:score} with where they started.',
        'What features would become is not in these weights yet.',
      ],
      advice: [
        'Train until live rows have a cosine of less than 0.5 with their start: at the rate of the first {steps:count} ' +
          'steps that takes about {moreSteps:plain} more.',
        'Train until the loss is flat, then compare again.',
      ],
    },
    refuted: {
      title: 'Training had mostly finished',
      summary: [
        'At the present rate as many steps again would take {lossFall:percent} of the loss away.',
        'Live decoder rows have a cosine of {initCosine:score} with where they started.',
      ],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Whether training was finished is not known',
      advice: 'Give the loss of every epoch (reseed keeps it in cfg.json), or the weights before training.',
    },
  },
  'weights.degenerate': {
    supported: {
      title: 'Degenerate weights',
      summary: [
        '{degenerateShare:percent} of the features are degenerate.',
        degenerateCounts,
        giants,
        ({ encoderLeading }) => (encoderLeading > 0.5 ? `${encoder}: features read the same.` : ''),
      ],
      advice: [
        'Look at the training run and at how the checkpoint was read before trusting any score from it.',
      ],
    },
    refuted: {
      title: 'Weights look sound',
      summary: [degenerateCounts, `${encoder}.`],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Weights not checked',
      advice: 'Give at least one checkpoint whose weights are all finite.',
    },
  },
  'numerics.zero-features': {
    supported: {
      title: 'Features without a direction',
      summary: [
        '{zeroFeatures:count} decoder rows over {saes:count} SAEs have length zero ({zeroShare:percent} of the ' +
          'features); they are left out of decoder-based scores.',
      ],
      advice: ['State how many features were left out, or remove them from the SAEs.'],
    },
    refuted: {
      title: 'Every feature has a direction',
      summary: ['No decoder row of the {saes:count} SAEs has length zero.'],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Zero features not counted', advice: 'Give checkpoints with decoder weights.' },
  },
} as const satisfies Partial<Record<FindingId, FindingWording>>;

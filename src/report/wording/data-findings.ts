// Words for findings about the activations, and about which features they use.
import type { FindingId } from '../../diagnosis/finding.js';
import { type FindingWording, giveActivations, nothingToDo } from './finding-wording.js';

const deathCounts =
  'On average per SAE, {deadByFiring:count} of {dSae:count} features are dead by firing and {deadByNorm:count} by decoder norm.';

const rankCount =
  'The activations have an effective rank of {effectiveRank:plain} in {dModel:count} dimensions.';

const widthCounts =
  'There are {dSae:count} features for an effective rank of {effectiveRank:plain} ({perDirection:plain} features per ' +
  'direction) and {distinctRows:count} different activations ({rowsPerFeature:plain} per feature).';

export const dataFindings = {
  'data.distinct-rows': {
    supported: {
      title: 'Few distinct activations',
      summary: [
        ({ distinctRows, rows }) =>
          distinctRows < rows ? 'Of {rows:count} activations only {distinctRows:count} are distinct.' : '',
        'Up to noise they are copies of about {clusters:count} of them.',
        'One activation alone stands for {paddingRows:count} of them ({paddingShare:percent}), as padding does.',
        ({ distinctRows, clusters = distinctRows, dSae, paddingRows }) => {
          if (Math.min(distinctRows, clusters) < dSae) {
            return 'So few points cannot determine {dSae:count} features: most have nothing of their own to respond to.';
          }
          return paddingRows === undefined ? 'The number of rows overstates what the SAEs have seen.' : '';
        },
      ],
      advice: [
        ({ paddingRows }) =>
          paddingRows === undefined
            ? ''
            : 'Leave out padding and other tokens that say nothing, and measure again.',
        'Collect activations where the model has seen more of its input (a later token, more varied text), and ' +
          'report the number of distinct rows beside the number of rows.',
      ],
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
        rankCount,
        'What training writes must lie in those few directions, so two SAEs agree more than random directions do ' +
          'without having found the same features.',
        'Random directions have a decoder-based score of {chance:score} in all dimensions, and of about {chanceInRank:score} in so few.',
      ],
      advice: [
        'Do not take a decoder-based score below {crowdedNull:score} for agreement: that is what random directions score that ' +
          'crowd into the same dimensions.',
        'Hold decoder-based scores against directions drawn from the same subspace, or use more varied inputs.',
      ],
    },
    refuted: { title: 'Activations fill many directions', summary: [rankCount], advice: nothingToDo },
    inconclusive: { title: 'Effective rank not measured', advice: giveActivations },
  },
  'identifiability.width': {
    supported: {
      title: 'More features than these activations can tell apart',
      summary: [
        widthCounts,
        ({ crowded }) =>
          crowded
            ? 'In so few directions a random feature has one in every other SAE at a |cosine| of {chanceInRank:score}.'
            : 'Each is fitted to a row or two rather than found in many.',
        'Which features an SAE ends up with is then largely up to its seed.',
      ],
      advice: [
        'Train narrower SAEs, or on more varied activations, before asking whether features come back.',
      ],
    },
    refuted: {
      title: 'Few enough features for these activations',
      summary: [widthCounts],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Width not checked against the data', advice: giveActivations },
  },
  'usage.dead-by-firing': {
    supported: {
      title: 'Many features never fire',
      summary: [
        '{deadShare:percent} of the features never fire on these activations: {liveMin:count} to {liveMax:count} of ' +
          '{dSae:count} are live per SAE.',
        'A dead feature adds a zero to an activation-based score and its untrained direction to a decoder-based one.',
      ],
      advice: [
        'Report scores over live features, and train in a way that keeps features alive (auxiliary loss, ' +
          'resampling, a narrower SAE, more varied data).',
      ],
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
  'usage.always-on': {
    supported: {
      title: 'Features fire on everything',
      summary: [
        'On average per SAE, {alwaysOn:count} of {live:count} live features ({alwaysOnShare:percent}) fire on 95% of the activations ' +
          'or more.',
        'That two such features fire together is certain: even with its rows shuffled the activation-based score of live ' +
          'features is {liveNull:score}.',
      ],
      advice: [
        'Make the codes sparser (a smaller k, a stronger penalty, activations without their mean), or leave out features that are ' +
          'always on before comparing codes.',
      ],
    },
    refuted: {
      title: 'Features fire on some activations only',
      summary: [
        'On average per SAE, {alwaysOn:count} of {live:count} live features fire on 95% of the activations or more.',
      ],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Features that always fire not looked for', advice: giveActivations },
  },
  'usage.norm-is-not-usage': {
    supported: {
      title: 'Norms hide the dead features',
      summary: [deathCounts, 'A feature that is never trained keeps the norm that it was initialised with.'],
      advice: ['Count dead features by firing on data, never by the norm of their weights.'],
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
} as const satisfies Partial<Record<FindingId, FindingWording>>;

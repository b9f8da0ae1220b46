// Names and short definitions of metrics, nulls and artefacts, and how a group is called.
import type { FindingId } from '../../diagnosis/finding.js';
import type { GroupVerdict, Obstacle } from '../../diagnosis/verdict.js';
import type { NullKind } from '../../nulls/null.js';
import type { MetricId } from '../../similarity/metric.js';
import { list } from '../number-format.js';

export interface Term {
  readonly name: string;
  /** For axes and narrow columns. */
  readonly short: string;
  readonly definition: string;
}

export const metricWords: Record<MetricId, Term> = {
  'decoder.max': {
    name: 'decoder-based score of all features',
    short: 'decoder, all',
    definition:
      'For each feature the largest |cosine| between its decoder direction and any direction of the other SAE, ' +
      'averaged over features and over both ways round (PWMCC). Dead features count like all others.',
  },
  'decoder.max.live': {
    name: 'decoder-based score of live features',
    short: 'decoder, live',
    definition:
      'decoder.max over the features of both SAEs that fire at least once on the given activations.',
  },
  'decoder.matched': {
    name: 'one-to-one decoder score of all features',
    short: 'decoder, one-to-one',
    definition:
      'Every decoder direction gets at most one partner in the other SAE, so that the sum of the cosines is as large ' +
      'as it can be; the mean cosine of these pairs (PW-MCC). An opposite direction counts as no agreement.',
  },
  'decoder.matched.abs': {
    name: 'one-to-one decoder score, unsigned',
    short: 'decoder, one-to-one, unsigned',
    definition: 'decoder.matched with |cosine|: an opposite direction counts as the same.',
  },
  'encoder.max': {
    name: 'encoder-based score of all features',
    short: 'encoder, all',
    definition: 'decoder.max on encoder directions: what features read instead of what they write.',
  },
  'encoder.matched': {
    name: 'one-to-one encoder score of all features',
    short: 'encoder, one-to-one',
    definition: 'decoder.matched on encoder directions.',
  },
  shared: {
    name: 'share of features found again',
    short: 'shared',
    definition:
      'The share of features whose one-to-one partners by decoder and by encoder both have a cosine above 0.7 ' +
      '(Paulo and Belrose 2025).',
  },
  'shared.lenient': {
    name: 'share of features found again, lenient',
    short: 'shared, lenient',
    definition:
      'The share of features that decoder and encoder assign to the same feature, whatever the cosine.',
  },
  'activation.max': {
    name: 'activation-based score of all features',
    short: 'activation, all',
    definition:
      'For each feature the largest |cosine| between its codes over all rows, not centred, and the codes of any ' +
      'feature of the other SAE, averaged over features and both ways round. A dead feature scores 0.',
  },
  'activation.max.live': {
    name: 'activation-based score of live features',
    short: 'activation, live',
    definition:
      'activation.max over the features of both SAEs that fire at least once on the given activations.',
  },
  'activation.matched.live': {
    name: 'one-to-one activation score of live features',
    short: 'activation, one-to-one',
    definition:
      'Every live feature gets at most one live partner in the other SAE, so that the sum of the cosines of their ' +
      'codes over all rows, not centred, is as large as it can be; the mean cosine of these pairs.',
  },
  'subspace.8': subspaceWords(8),
  'subspace.16': subspaceWords(16),
  'subspace.32': subspaceWords(32),
  'subspace.64': subspaceWords(64),
  'displacement.max': {
    name: 'displacement score of all features',
    short: 'displacement, all',
    definition:
      'The decoder-based score of what training changed: final minus initial decoder, where the start is known.',
  },
};

function subspaceWords(rank: number): Term {
  return {
    name: `overlap of the ${rank} leading decoder directions`,
    short: `subspace, ${rank}`,
    definition:
      `How much of the space that the ${rank} leading singular directions of one decoder span lies in that of the ` +
      'other, 0 to 1; every feature counts with length 1.',
  };
}

export const nullWords: Record<NullKind, Term> = {
  'random-directions': {
    name: 'null: random directions',
    short: 'random directions',
    definition:
      'The same number of directions in the same number of dimensions, drawn uniformly on the sphere. ' +
      'Its mean has an exact formula; the band comes from draws.',
  },
  'own-init': {
    name: 'null: own initialisation',
    short: 'own initialisation',
    definition: 'The same score between the very weights that these SAEs started from.',
  },
  'covariance-matched': { name: 'null: covariance', short: 'covariance', definition: 'Placeholder.' },
  untrained: { name: 'null: untrained', short: 'untrained', definition: 'Placeholder.' },
  'random-subspaces': {
    name: 'null: random subspaces',
    short: 'random subspaces',
    definition: 'Placeholder.',
  },
  'row-permutation': {
    name: 'null: permuted rows',
    short: 'permuted rows',
    definition:
      'The same codes with the rows of one SAE shuffled: every feature keeps how often and how strongly it fires, ' +
      'and loses when it fires.',
  },
};

/** What each artefact is called in the middle of a sentence. */
export const artefactWords: Record<FindingId, string> = {
  'data.distinct-rows': 'the small number of distinct activations',
  'data.effective-rank': 'the low effective rank of the activations',
  'usage.dead-by-firing': 'features that never fire',
  'usage.norm-is-not-usage': 'judging dead features by their norm',
  'training.init-drift': 'decoder rows that never left their initial direction',
  'weights.degenerate': 'degenerate weights',
  'numerics.non-finite': 'NaN or infinite weights',
  'numerics.zero-features': 'features without a direction',
  'metric.dead-dilution': 'averaging dead features into the score',
  'metric.wrong-null': 'holding the score against the null of another metric',
  'metric.disagreement': 'the disagreement between codes and decoder directions',
};

/** The answer for a group, in the middle of a sentence. */
export const verdictWords: Record<GroupVerdict['verdict'], string> = {
  reproducible: 'features come back',
  partly: 'features come back in part',
  'not-beyond-chance': 'features come back no more than chance gives',
  'cannot-tell': 'these data cannot tell whether features come back',
};

/** The answer for several groups, before "at …". */
export const shortVerdict: Record<Exclude<GroupVerdict['verdict'], 'cannot-tell'>, string> = {
  reproducible: 'Yes',
  partly: 'In part',
  'not-beyond-chance': 'No more than chance gives',
};

/** Why nothing can be told. */
export const obstacleWords: Record<Obstacle, string> = {
  'nothing-to-compare': 'there are no two sound SAEs with features to compare',
  'nothing-live': 'an SAE has no feature that ever fires',
  'degenerate-data': 'there are fewer distinct activations than features',
  'unfinished-training': 'live features still point where they started',
};

interface Named {
  readonly id: string;
  readonly layer?: number;
  readonly site?: string;
}

/** "layer 0 · plus", or the group's id where layer and site are unknown. */
export function groupName(group: Named): string {
  const parts = [
    ...(group.layer === undefined ? [] : [`layer ${group.layer}`]),
    ...(group.site === undefined ? [] : [group.site]),
  ];
  return parts.length > 0 ? parts.join(' · ') : group.id;
}

/** Where something holds: "at A and B", "in all 4 groups"; '' where there is only one group to speak of. */
export function placeOf(at: readonly Named[], all: readonly Named[]): string {
  if (all.length === 1) return '';
  return at.length === all.length ? `in all ${all.length} groups` : `at ${groupNames(at)}`;
}

/** The same to open a sentence with: "At A and B, " or ''. */
export function openingPlace(at: readonly Named[], all: readonly Named[]): string {
  const place = placeOf(at, all);
  return place && `${place.charAt(0).toUpperCase()}${place.slice(1)}, `;
}

/** The groups by name; of many only the first few. */
export function groupNames(groups: readonly Named[]): string {
  const names = groups.map(groupName);
  return names.length <= 4 ? list(names) : list([...names.slice(0, 3), `${names.length - 3} more`]);
}

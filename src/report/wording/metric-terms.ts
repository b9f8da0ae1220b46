// Names and short definitions of the metrics, by family, and of the nulls that they are held against.

import type { MetricId } from '../../metrics/metric.js';
import type { NullKind } from '../../metrics/nulls/null.js';

export interface Term {
  readonly name: string;
  /** For axes and narrow columns. */
  readonly short: string;
  readonly definition: string;
}

/** Metrics of one family compare the same thing; the first part of a metric's id names it. */
export const familyWords = {
  decoder: 'Decoder directions: what features write',
  encoder: 'Encoder directions: what features read',
  shared: 'Shared features: the same partner by encoder and decoder',
  activation: 'Codes: when features fire',
  subspace: 'Subspaces: the directions that decoders use most',
  displacement: 'Displacement: what training changed',
} as const;
export type MetricFamily = keyof typeof familyWords;

export function familyOf(id: MetricId): MetricFamily {
  return id.split('.')[0] as MetricFamily;
}

const oneToOne =
  'One-to-one: each feature has at most one partner, chosen so that the sum over all pairs is largest; mean over the ' +
  'pairs, as many as the narrower SAE has features.';

function subspace(size: number): Term {
  return {
    name: `overlap of the leading ${size} decoder directions`,
    short: `subspace, ${size}`,
    definition:
      `The ${size} leading right singular vectors of either decoder span a subspace; the share of one that lies in ` +
      `the other (‖UₐᵀU_b‖² / ${size}): 1 for the same subspace, whatever the features in it.`,
  };
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
    name: 'one-to-one decoder-based score',
    short: 'decoder, 1:1',
    definition: `Cosine of matched decoder directions. ${oneToOne} Signed: an opposite direction is no match.`,
  },
  'decoder.matched.abs': {
    name: 'one-to-one decoder-based score without signs',
    short: 'decoder, 1:1 abs',
    definition: 'decoder.matched with |cosine|, in the choice of partners and in the mean.',
  },
  'encoder.max': {
    name: 'encoder-based score of all features',
    short: 'encoder, all',
    definition: 'decoder.max on encoder directions.',
  },
  'encoder.matched': {
    name: 'one-to-one encoder-based score',
    short: 'encoder, 1:1',
    definition: 'decoder.matched on encoder directions.',
  },
  shared: {
    name: 'share of features that are shared',
    short: 'shared',
    definition:
      'Share of features whose one-to-one partner is above a cosine of 0.7 by encoder and by decoder alike ' +
      '(Paulo and Belrose 2025).',
  },
  'shared.lenient': {
    name: 'share of features with one partner by encoder and decoder',
    short: 'shared, lenient',
    definition:
      'Share of features whose one-to-one partner is the same by encoder and by decoder, however near.',
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
    name: 'one-to-one activation-based score of live features',
    short: 'activation, 1:1 live',
    definition: `Cosine of matched codes of live features over all rows, not centred. ${oneToOne}`,
  },
  'subspace.8': subspace(8),
  'subspace.16': subspace(16),
  'subspace.32': subspace(32),
  'subspace.64': subspace(64),
  'displacement.max': {
    name: 'displacement score of all features',
    short: 'displacement, all',
    definition:
      'The decoder-based score of what training changed: final minus initial decoder, where the start is known.',
  },
};

export const nullWords: Record<NullKind, Term> = {
  'random-directions': {
    name: 'null: random directions',
    short: 'random directions',
    definition:
      'The same number of directions in the same number of dimensions, drawn uniformly on the sphere. ' +
      'The mean of the best match has an exact formula; what has no formula is drawn.',
  },
  'covariance-matched': {
    name: 'null: random directions of the same spread',
    short: 'same covariance',
    definition:
      'As many directions, drawn with the second moment of each set itself: agreement beyond it is more than a ' +
      'subspace that both use.',
  },
  'own-init': {
    name: 'null: own initialisation',
    short: 'own initialisation',
    definition: 'The same score between the very weights that these SAEs started from.',
  },
  untrained: {
    name: 'null: untrained SAEs',
    short: 'untrained SAEs',
    definition:
      'The same score between the codes that the weights before training give on the same activations. Where sparsity comes ' +
      'by training alone, as many features are kept on each row as the trained SAE has on average.',
  },
  'row-permutation': {
    name: 'null: permuted rows',
    short: 'permuted rows',
    definition:
      'The same codes with the rows of one SAE shuffled: every feature keeps how often and how strongly it fires, ' +
      'and loses when it fires.',
  },
  'random-subspaces': {
    name: 'null: random subspaces',
    short: 'random subspaces',
    definition:
      'Subspaces of that size drawn uniformly: they overlap by their size over the number of dimensions on average, ' +
      'exactly; the band follows from a formula too.',
  },
};

// What a similarity metric returns for a group of SAEs: one score per pair, never just a mean.
import type { Sae, SaeWeights } from '../sae/sae.js';
import type { Matrix } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';

/** How long an SAE was trained, and its loss on the way. */
export interface TrainingRecord {
  /** Optimiser steps, at least 1. */
  readonly steps: number;
  /** Mean loss over equal stretches of the training, the first one first; an epoch each where reseed trained. */
  readonly losses?: readonly number[];
  /** The step after which training was given up, because it had diverged. */
  readonly divergedAt?: number;
}

/** An SAE in a comparison, with what is known about it. */
export interface Member {
  readonly id: string;
  readonly sae: Sae;
  /** Weights before training, where known. */
  readonly init?: SaeWeights;
  /** Codes on the activations that all members of the group share, or on its own ones. */
  readonly codes?: SparseCodes;
  /** Where it does not read the group's: activations [N×d] of its own, row by row of the same as theirs. */
  readonly activations?: Matrix;
  /** How it was trained, as far as its run recorded it. */
  readonly training?: TrainingRecord;
}

export const metricIds = [
  'decoder.max',
  'decoder.max.live',
  'decoder.matched',
  'decoder.matched.abs',
  'encoder.max',
  'encoder.matched',
  'shared',
  'shared.lenient',
  'activation.max',
  'activation.max.live',
  'activation.matched.live',
  'subspace.8',
  'subspace.16',
  'subspace.32',
  'subspace.64',
  'displacement.max',
] as const;
export type MetricId = (typeof metricIds)[number];

/**
 * Score of one pair, seen from both; `value` is the mean of both ways. Best matches and shares lie in [0, 1],
 * signed one-to-one scores in [−1, 1]. One-to-one scores and subspaces are the same from both sides.
 */
export interface PairScore {
  readonly a: string;
  readonly b: string;
  readonly value: number;
  /** Over the features of a; for best matches the mean of the best |cosine| in b. */
  readonly aToB: number;
  readonly bToA: number;
}

/** A metric over all pairs of a group. */
export interface PairScores {
  readonly id: MetricId;
  /** Pairs in the order (0,1), (0,2) … (n−2,n−1). */
  readonly pairs: readonly PairScore[];
  /** Features that could not be scored (no direction), summed over members. */
  readonly leftOut: number;
}

/** All pairs i < j of n members. */
export function pairsOf(n: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) pairs.push([i, j]);
  return pairs;
}

// An SAE in a comparison, with what is known about it: its start, its codes, how it was trained.
import type { Matrix } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';
import { firingCounts } from '../tensor/sparse-codes.js';
import type { Fit } from './fit.js';
import type { Sae, SaeWeights } from './sae.js';

/** How long an SAE was trained, and its loss on the way. */
export interface TrainingRecord {
  /** Optimiser steps, at least 1. */
  readonly steps: number;
  /** Mean loss over equal stretches of the training, the first one first; an epoch each where reseed trained. */
  readonly losses?: readonly number[];
  /**
   * What a loss is the mean of: squared errors of the entries of X, or squared lengths of the errors of its rows. Absent where that is
   * not known, or where it is neither.
   */
  readonly lossOver?: LossOver;
  /** The step after which training was given up, because it had diverged. */
  readonly divergedAt?: number;
}

export const lossesOver = ['entries', 'rows'] as const;
export type LossOver = (typeof lossesOver)[number];

/** An SAE in a comparison, with what is known about it. */
export interface Member {
  readonly id: string;
  readonly sae: Sae;
  /** Weights before training, where known. */
  readonly init?: SaeWeights;
  /** Codes on the activations that all members of the group share, or on its own ones. */
  readonly codes?: SparseCodes;
  /** How often each feature fires on all rows, where its codes are of some of them; counted from the codes where absent. */
  readonly firing?: Firing;
  /** How well it reconstructs the activations. */
  readonly fit?: Fit;
  /** The same of the rows without massive ones, where there are any. */
  readonly ordinary?: { readonly firing: Firing; readonly fit?: Fit };
  /** The same of the rows without those that stand where rows are of another kind, where there are any. */
  readonly elsewhere?: { readonly firing: Firing; readonly fit?: Fit };
  /** How well it reconstructs the coordinates that are not heavy, where a few heavy ones hold much of the variance. */
  readonly otherDimensionsFit?: Fit;
  /** Codes of its weights before training on the same activations. */
  readonly initCodes?: SparseCodes;
  /** Where it does not read the group's: activations [N×d] of its own, row by row of the same as theirs. */
  readonly activations?: Matrix;
  /** How it was trained, as far as its run recorded it. */
  readonly training?: TrainingRecord;
}

export interface Firing {
  /** [F] on how many of the rows each feature fires */
  readonly counts: Int32Array;
  readonly rows: number;
}

/** How often each feature fires; undefined where codes are unknown. */
export function firingOf({ firing, codes }: Member): Firing | undefined {
  return firing ?? (codes && { counts: firingCounts(codes), rows: codes.rows });
}

/** Features that fire on at least one row, ascending; undefined where codes are unknown. */
export function liveOf(member: Member): Int32Array | undefined {
  const firing = firingOf(member);
  if (!firing) return undefined;
  const all = Int32Array.from(firing.counts.keys());
  return all.filter((feature) => firing.counts[feature] > 0);
}

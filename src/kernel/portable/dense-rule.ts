// What differs between ReLU, JumpReLU and Gated: which entries a row has, and how gradients reach them.
import type { Entries } from './dense-entries.js';

/** What a rule needs to know of the batch to turn code gradients into parameter gradients. */
export interface Pull {
  /** λ/B */
  readonly share: number;
  /** ∂(sparsity loss)/∂L0 / B (jumprelu) */
  readonly perActive: number;
  /** w_i [F] */
  readonly weights: Float64Array;
  /** Rows of the batch, repeated ones counted. */
  readonly batchRows: number;
  /** How often each distinct row occurs [rows]. */
  readonly counts: Float64Array;
}

/** The entries of one feature: `order[from … to)`, of the rows `rowOf[from … to)`. */
export interface FeatureEntries {
  readonly order: Int32Array;
  readonly rowOf: Int32Array;
  readonly from: number;
  readonly to: number;
}

export interface DenseRule {
  /** Adds the entries of one row. @param reach π [F] at `at` */
  select(reach: Float64Array, at: number, entries: Entries): void;
  /** Fills the pulls of entry e from D_i·r and, gated, D_i·r of the auxiliary reconstruction. */
  pull(entries: Entries, e: number, toCode: number, toGate: number, count: number, pull: Pull): void;
  /** Writes the gradients of feature i's own parameters. Returns Σ ∂loss/∂π. */
  sum(
    entries: Entries,
    of: FeatureEntries,
    i: number,
    pull: Pull,
    gradients: readonly Float64Array[],
  ): number;
}

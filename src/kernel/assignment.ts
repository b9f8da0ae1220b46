// One-to-one assignment of rows to rows by cosine: the result, and the steps that a kernel must provide for it.
import type { Matrix } from '../tensor/matrix.js';
import type { WorkOptions } from './interface.js';

export interface AssignOptions extends WorkOptions {
  /** Match by the size of the cosine instead of the cosine. */
  readonly absolute?: boolean;
  /** Bytes that all values, or else the candidate lists, may take; 1 GiB by default. */
  readonly memory?: number;
  /** Called now and then with the number of assigned pairs, of all that there will be. */
  readonly onProgress?: (assigned: number, pairs: number) => void;
}

/** min(F, G) pairs between the rows of A [F×d] and of B [G×d], each row in at most one. */
export interface Assignment {
  /** [F] row of B for each row of A, −1 = none */
  readonly partner: Int32Array;
  /** [F] value of that pair in float64, 0 where there is none */
  readonly value: Float64Array;
  /** Sum of the values. */
  readonly total: number;
  /** No assignment has a larger total: a dual bound, up to the rounding of a sum of float64 numbers. */
  readonly upperBound: number;
  /** (upperBound − total) per pair: 0 or some 1e-15 where the assignment is optimal. */
  readonly gap: number;
  /** Whether all values were held in memory, or lists of candidates. */
  readonly method: 'dense' | 'candidates';
  /** Length of the lists at the end. */
  readonly candidates?: number;
}

/** The operation, as every kernel offers it. */
export interface AssignmentKernel {
  /**
   * Assigns the rows of A [F×d] to the rows of B [G×d] so that the sum of their products is largest. Exact, with
   * a proven bound; above `memory` it may stop short of the optimum, and `gap` says by how much at most.
   * @throws input.shape when widths differ; input.non-finite; internal.cancelled
   */
  assign(a: Matrix, b: Matrix, options?: AssignOptions): Promise<Assignment>;
}

/** Rows A [f×d] to be assigned to rows B [g×d], f ≤ g. */
export interface RowPairs {
  readonly a: Matrix;
  readonly b: Matrix;
  readonly absolute: boolean;
}

/** The m best columns of each row by value − price, best first, ties to the lower index. */
export interface ColumnLists {
  readonly m: number;
  /** [f × m] */
  readonly index: Int32Array;
  /** [f × m] values, without the price */
  readonly value: Float64Array;
}

/** What is known so far. An unassigned column has price 0, and prices only rise. */
export interface AssignState {
  /** [f] column of each row, −1 = none yet */
  readonly partner: Int32Array;
  /** [f] */
  readonly value: Float64Array;
  /** [g] */
  readonly price: Float64Array;
}

export interface ListLimits {
  /** How many rows may be computed anew where their list does not reach. */
  readonly scans: number;
  /** Give rows that are then still unassigned the best column that is left, optimal or not. */
  readonly complete: boolean;
}

/** What a kernel does for an assignment. Results go into the arrays, which are shared memory. */
export interface AssignmentSteps {
  /** Solves from an empty state with all f·g values in memory; returns the upper bound. */
  dense(pairs: RowPairs, state: AssignState, signal?: AbortSignal): Promise<number>;
  /** Fills the lists at these prices. */
  topMatches(pairs: RowPairs, price: Float64Array, lists: ColumnLists, signal?: AbortSignal): Promise<void>;
  /** Goes on from a state with lists made at its prices; rows stay at −1 when the scans are used up. */
  onLists(
    pairs: RowPairs,
    lists: ColumnLists,
    state: AssignState,
    limits: ListLimits,
    signal?: AbortSignal,
  ): Promise<void>;
}

// One-to-one assignment by cosine, of rows or of code columns: the result, and the steps that a kernel must provide.
import type { Matrix } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';
import type { WorkOptions } from './work-options.js';

export interface AssignOptions extends WorkOptions {
  /** Match by the size of the cosine instead of the cosine. */
  readonly absolute?: boolean;
  /** Bytes that all values, or else the candidate lists, may take; 1 GiB by default. */
  readonly memory?: number;
  /** Called now and then with the number of assigned pairs, of all that there will be. */
  readonly onProgress?: (assigned: number, pairs: number) => void;
}

/** Pairs between F rows (or code columns) of A and G of B, each in at most one: as many as the smaller side allows. */
export interface Assignment {
  /** [F] row (or column) of B for each of A, −1 = none */
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

/** The operations, as every kernel offers them. */
/** The m nearest rows of each of F, best first; of equal ones row i prefers as `ColumnLists` says. */
export interface NearestRows {
  readonly m: number;
  /** [F × m] */
  readonly index: Int32Array;
  /** [F × m] the products, or their sizes */
  readonly value: Float64Array;
}

export interface AssignmentKernel {
  /** What `assign`, `nearest` and `assignCodes` are made of. */
  readonly steps: AssignmentSteps;

  /**
   * The m rows of B [G×d] with the largest products with each row of A [F×d], all G where there are no more.
   * @throws input.shape when widths differ; input.non-finite; internal.cancelled
   */
  nearest(
    a: Matrix,
    b: Matrix,
    m: number,
    options?: Pick<AssignOptions, 'absolute' | 'signal'>,
  ): Promise<NearestRows>;

  /**
   * Assigns the rows of A [F×d] to the rows of B [G×d] so that the sum of their products is largest. Exact, with
   * a proven bound; above `memory` it may stop short of the optimum, and `gap` says by how much at most.
   * @throws input.shape when widths differ; input.non-finite; internal.cancelled
   */
  assign(a: Matrix, b: Matrix, options?: AssignOptions): Promise<Assignment>;

  /**
   * Assigns the code columns of A [N×F] to those of B [N×G] so that the sum of their cosines over the rows (not
   * centred, as in `coFiring`) is largest. Columns that never fire take no part: partner −1. So the pairs are
   * min(F′, G′) for F′ and G′ live columns; two that never fire together may be a pair, of value 0. Exact, with a
   * proven bound, under the same condition.
   * @throws input.shape when rows differ; input.non-finite; internal.cancelled
   */
  assignCodes(a: SparseCodes, b: SparseCodes, options?: AssignOptions): Promise<Assignment>;
}

/** Rows A [f×d] to be assigned to rows B [g×d], f ≤ g: value_ij = a_i·b_j, or its size. */
export interface RowPairs {
  readonly kind: 'rows';
  readonly a: Matrix;
  readonly b: Matrix;
  readonly absolute: boolean;
}

/** Live code columns A [N×f] to be assigned to B [N×g], f ≤ g: value_ij = Σ_n a_ni·b_nj / (‖a_i‖·‖b_j‖), or its size. */
export interface CodePairs {
  readonly kind: 'codes';
  /** [f×N], seen from the columns. */
  readonly a: SparseCodes;
  /** [N×g] */
  readonly b: SparseCodes;
  /** [f], [g] Euclidean, above 0 */
  readonly normsA: Float64Array;
  readonly normsB: Float64Array;
  readonly absolute: boolean;
}

/** Where the values come from; all are exact whenever they are computed. Arrays are shared memory where they can be. */
export type Pairs = RowPairs | CodePairs;

/**
 * The m best columns of each row by value − price, best first. Of equal ones row i prefers the first from column
 * ⌊i·g/f⌋ on, round and round: so rows with equal values everywhere (code columns that never fire together) do not
 * all list the same few.
 */
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
  dense(pairs: Pairs, state: AssignState, signal?: AbortSignal): Promise<number>;
  /** Fills the lists at these prices. */
  topMatches(pairs: Pairs, price: Float64Array, lists: ColumnLists, signal?: AbortSignal): Promise<void>;
  /**
   * Goes on from a state with lists made at its prices; returns the upper bound. When the scans are used up, rows
   * stay at −1 or get the best column that is left, and nothing is returned.
   */
  onLists(
    pairs: Pairs,
    lists: ColumnLists,
    state: AssignState,
    limits: ListLimits,
    signal?: AbortSignal,
  ): Promise<number | undefined>;
}

// What a screen is: something fast that finds few pairs of rows, all that matter among them, and need not be exact.
//
// A screen may compute in any precision, in any order and on any device, as long as a proven bound on its error decides what it lists.
// What it lists is computed again in float64, in the order that all kernels share, and only then compared: so results do not
// depend on the screen, and a new engine is a new screen and nothing else.
import type { Matrix } from '../../tensor/matrix.js';
import type { ListedPairs } from '../listed-products.js';
import type { WorkOptions } from '../work-options.js';

/** Pairs between rows of A [F×d] and of B [G×d] that are looked for. */
export interface Query {
  readonly a: Matrix;
  readonly b: Matrix;
  /** How many of each row, at least 1. */
  readonly m: number;
  /** By the product, by its size, or those of both. */
  readonly by: 'value' | 'size' | 'both';
  /** [G] subtracted from what is compared; with `rows` and one of `value` and `size` only. */
  readonly price?: Float64Array;
  /** The m best of each row of A, or also those of each row of B. */
  readonly of: 'rows' | 'rows and columns';
}

/** Pairs of A's rows `from … to)`: all that may be among the best by the query, ties included. Rows count from `from`. */
export interface ListedStrip {
  readonly from: number;
  readonly to: number;
  readonly pairs: ListedPairs;
}

export interface Screen {
  /** What computes, for people. */
  readonly name: string;
  /**
   * Strips of A in ascending order, together all of its rows. A row of zeros has no pairs by its own right: its products are 0.
   * @throws TooMany where far more pairs are listed than it pays to settle; whatever goes wrong with the device
   */
  list(query: Query, options?: WorkOptions): AsyncIterable<ListedStrip>;
  close(): void;
}

/** Whether all values of a row are 0. */
export function isZeroRow(m: Matrix, i: number): boolean {
  for (let at = i * m.cols; at < (i + 1) * m.cols; at++) if (m.data[at] !== 0) return false;
  return true;
}

/** A row has fewer pairs than were asked for: the screen is wrong. */
export class TooFew extends Error {
  constructor(row: number, found: number, asked: number) {
    super(`row ${row} has ${found} candidates where ${asked} were asked for`);
    this.name = 'TooFew';
  }
}

/** More pairs are as good as the best than lists are made for: rows that are equal, or too few dimensions. */
export class TooMany extends Error {
  constructor() {
    super('too many pairs are nearly as good as the best');
    this.name = 'TooMany';
  }
}

// Implicit QL and QR steps with Wilkinson's shift: they make a symmetric tridiagonal matrix T diagonal.
//
// A step is a sweep of plane rotations over a block of T whose couplings all count. It converges at one end of the
// block. Where the entries of T grow or decay by many powers of ten, it must be the end of the small ones, or they drown
// in the rounding of the large ones: QL (the first row converges) where the last diagonal entry is the larger, else
// QR, which is QL on the rows in reverse. The choice stays while the block shrinks.
// Source: Golub and Van Loan, "Matrix computations", section 8.3; LAPACK's dsteqr and, on the choice, dbdsqr.
// Cost: about 1.7 sweeps an eigenvalue, some 0.9·n² rotations in all.
import { ReseedError } from '../../errors.js';
import type { Tridiagonal } from './tridiagonal.js';

/** Couplings up to this share of ‖T‖ or of their neighbours are 0. The error is that of one rounding of T. */
const NEGLIGIBLE = 2 ** -53;
/** Below this a rotation has nothing to turn: squares would lose digits, and T is never smaller than about ½. */
const NOTHING = 2 ** -500;
/** Steps for each row, on average. */
const MOST_STEPS = 60;

/** Rotations of rows start + direction·k and the next one in that direction, from the last k to 0. */
export interface Sweep {
  readonly start: number;
  readonly direction: 1 | -1;
  /** [rotations] */
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

/** The steps, one by one; after the last one `diagonal` holds the eigenvalues, in no order. */
export class ImplicitSteps {
  readonly diagonal: Float64Array;
  readonly #e: Float64Array;
  readonly #negligible: number;
  /** The block that the last step worked on. */
  #first: number;
  #last: number;
  #direction: 1 | -1 = 1;
  #left: number;

  constructor(t: Tridiagonal) {
    this.diagonal = t.diagonal.slice();
    this.#e = t.offDiagonal.slice();
    this.#negligible = NEGLIGIBLE * rowNorm(t);
    this.#first = this.diagonal.length;
    this.#last = this.diagonal.length - 1;
    this.#left = MOST_STEPS * this.diagonal.length;
  }

  /** Takes a step; nothing once T is diagonal. @throws internal.kernel */
  next(): Sweep | undefined {
    if (!this.#findBlock()) return undefined;
    if (this.#left-- === 0) throw new ReseedError('internal.kernel', 'an eigenvalue does not converge');
    return this.#direction > 0
      ? this.#step(this.#first, this.#last - this.#first, 1, this.#first)
      : this.#step(this.#last, this.#last - this.#first, -1, this.#last - 1);
  }

  /** The last block with couplings; false where there is none. */
  #findBlock(): boolean {
    let last = this.#last;
    while (last > 0 && this.#cut(last - 1)) last--;
    if (last <= 0) return false;
    let first = last - 1;
    while (first > 0 && !this.#cut(first - 1)) first--;
    if (last < this.#first) {
      this.#direction = Math.abs(this.diagonal[last]) >= Math.abs(this.diagonal[first]) ? 1 : -1;
    }
    this.#first = first;
    this.#last = last;
    return true;
  }

  /** Sets coupling i to 0 if it is negligible, and says whether it was. */
  #cut(i: number): boolean {
    const size = Math.abs(this.#e[i]);
    const neighbours = Math.abs(this.diagonal[i]) + Math.abs(this.diagonal[i + 1]);
    if (size > this.#negligible && size > NEGLIGIBLE * neighbours) return false;
    this.#e[i] = 0;
    return true;
  }

  /**
   * One step with `count` rotations: one at the far end, and those that chase its bulge to row `start`.
   * @param coupling index of the coupling of row `start`
   */
  #step(start: number, count: number, direction: 1 | -1, coupling: number): Sweep {
    const d = this.diagonal;
    const e = this.#e;
    const cosines = new Float64Array(count);
    const sines = new Float64Array(count);
    const half = (d[start + direction] - d[start]) / (2 * e[coupling]);
    const root = Math.sqrt(half * half + 1);
    let g = d[start + direction * count] - d[start] + e[coupling] / (half + (half < 0 ? -root : root));
    let sine = 1;
    let cosine = 1;
    let p = 0;
    for (let k = count - 1; k >= 0; k--) {
      const row = start + direction * k;
      const at = coupling + direction * k;
      const f = sine * e[at];
      const b = cosine * e[at];
      const r = Math.sqrt(f * f + g * g);
      const turns = r >= NOTHING;
      if (k + 1 < count) e[at + direction] = turns ? r : 0;
      sine = turns ? f / r : 0;
      cosine = turns ? g / r : 1;
      sines[k] = sine;
      cosines[k] = cosine;
      g = d[row + direction] - p;
      const turn = (d[row] - g) * sine + 2 * cosine * b;
      p = sine * turn;
      d[row + direction] = g + p;
      g = cosine * turn - b;
    }
    d[start] -= p;
    e[coupling] = g;
    return { start, direction, cosines, sines };
  }
}

/** Largest sum of the sizes in a row of T, which is at least ‖T‖ and at most 1.8 times it. */
export function rowNorm({ diagonal, offDiagonal }: Tridiagonal): number {
  let largest = 0;
  for (let i = 0; i < diagonal.length; i++) {
    const before = i > 0 ? Math.abs(offDiagonal[i - 1]) : 0;
    largest = Math.max(largest, before + Math.abs(diagonal[i]) + Math.abs(offDiagonal[i]));
  }
  return largest;
}

/** All eigenvalues of T, ascending. @throws internal.kernel */
export function tridiagonalEigenvalues(t: Tridiagonal): Float64Array {
  const steps = new ImplicitSteps(t);
  while (steps.next()) {}
  // −0 becomes 0.
  return steps.diagonal.map((value) => value + 0).sort();
}

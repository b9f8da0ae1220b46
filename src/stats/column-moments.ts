// Means and spread of the columns of rows that come block by block.
//
// With a shift s near the means: Σ(x − s) and Σ(x − s)² of each column, so that Σ(x − x̄)² = Σ(x − s)² − N·δ² with
// δ = x̄ − s loses nothing to cancellation. Rows are added one after the other: blocks of any size give the same bytes.
import { type Matrix, rowRange } from '../tensor/matrix.js';

/** Rows whose mean is the shift. */
const first = 256;

/** A shift near the column means of X [d]: the means of its first 256 rows. */
export function shiftOf(x: Matrix): Float64Array {
  const some = rowRange(x, 0, Math.min(first, x.rows));
  const sums = new Float64Array(x.cols);
  for (let n = 0, e = 0; n < some.rows; n++) for (let j = 0; j < x.cols; j++, e++) sums[j] += some.data[e];
  return sums.map((sum) => sum / Math.max(1, some.rows));
}

export class ColumnMoments {
  rows = 0;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;

  /** @param shift [d] */
  constructor(readonly shift: Float64Array) {
    this.#sums = new Float64Array(shift.length);
    this.#squares = new Float64Array(shift.length);
  }

  add({ rows, cols, data }: Matrix): void {
    const [shift, sums, squares] = [this.shift, this.#sums, this.#squares];
    // Four rows for each time that a sum is taken from memory and put back.
    const whole = rows - (rows % 4);
    for (let n = 0; n < whole; n += 4) {
      const [e0, e1, e2, e3] = [n * cols, (n + 1) * cols, (n + 2) * cols, (n + 3) * cols];
      for (let j = 0; j < cols; j++) {
        const s = shift[j];
        const v0 = data[e0 + j] - s;
        const v1 = data[e1 + j] - s;
        const v2 = data[e2 + j] - s;
        const v3 = data[e3 + j] - s;
        sums[j] = sums[j] + v0 + v1 + v2 + v3;
        squares[j] = squares[j] + v0 * v0 + v1 * v1 + v2 * v2 + v3 * v3;
      }
    }
    for (let n = whole, e = whole * cols; n < rows; n++) {
      for (let j = 0; j < cols; j++, e++) {
        const v = data[e] - shift[j];
        sums[j] += v;
        squares[j] += v * v;
      }
    }
    this.rows += rows;
  }

  /** The moments of the rows that are left without these, which were added to both, about the same shift. */
  without(others: ColumnMoments): ColumnMoments {
    const left = new ColumnMoments(this.shift);
    left.rows = this.rows - others.rows;
    for (let j = 0; j < this.shift.length; j++) {
      left.#sums[j] = this.#sums[j] - others.#sums[j];
      left.#squares[j] = this.#squares[j] - others.#squares[j];
    }
    return left;
  }

  /** x̄ [d] */
  means(): Float64Array {
    return this.offsets().map((offset, j) => offset + this.shift[j]);
  }

  /** Σ(x − x̄)² of each column [d] */
  spreads(): Float64Array {
    return this.offsets().map((offset, j) => Math.max(0, this.#squares[j] - this.rows * offset * offset));
  }

  /** x̄ − s [d] */
  offsets(): Float64Array {
    return this.#sums.map((sum) => sum / Math.max(1, this.rows));
  }

  /** Σ(x − x̄)² over all entries, x̄ the column means. */
  spread(): number {
    return this.spreads().reduce((sum, spread) => sum + spread, 0);
  }

  /** SD over all entries, about their one mean; 0 of nothing. */
  overallSd(): number {
    const means = this.means();
    if (this.rows === 0 || means.length === 0) return 0;
    const centre = means.reduce((sum, mean) => sum + mean, 0) / means.length;
    const between = means.reduce((sum, mean) => sum + (mean - centre) ** 2, 0);
    return Math.sqrt((this.spread() / this.rows + between) / means.length);
  }
}

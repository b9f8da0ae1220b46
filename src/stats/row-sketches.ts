// What is kept of every row to tell rows apart later: eight projections, a hash and the distance from the shift, 44 bytes a row.
//
// Coordinate j goes into projection j mod 8, p_k = Σ w_j·(x_j − s_j) with fixed normal weights w: one product for each entry.
// Rows that differ nowhere by more than t lie within t·Σ|w_j| of each other in every projection. Rows of equal bits
// have equal sketches; other rows have them with probability 2⁻³² even where all eight projections round to the same.
import type { Matrix } from '../tensor/matrix.js';
import { Rng } from '../tensor/rng.js';

/** Projections of a row. */
export const projectionCount = 8;

export class RowSketches {
  /** [rows × 8] */
  readonly projections: Float32Array;
  /** [rows] of the bits of a row */
  readonly hashes: Int32Array;
  /** [rows] ‖x − s‖² */
  readonly sizes: Float64Array;
  /** [8] Σ|w_j| of each projection */
  readonly reach = new Float64Array(projectionCount);
  readonly #weights: Float64Array;
  readonly #shift: Float64Array;
  #rows = 0;

  /** @param rows of all blocks together @param shift [d] taken from every row, so that float32 holds the projections well */
  constructor(rows: number, shift: Float64Array) {
    this.projections = new Float32Array(rows * projectionCount);
    this.hashes = new Int32Array(rows);
    this.sizes = new Float64Array(rows);
    this.#shift = shift;
    const weights = new Float32Array(shift.length);
    new Rng(0, 'distinct-rows').fillNormal(weights);
    this.#weights = Float64Array.from(weights);
    for (let j = 0; j < weights.length; j++) this.reach[j % projectionCount] += Math.abs(weights[j]);
  }

  /** Rows that have been added. */
  get rows(): number {
    return this.#rows;
  }

  /** Adds the next rows. */
  add({ rows, cols, data }: Matrix): void {
    const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
    const [w, shift] = [this.#weights, this.#shift];
    const whole = cols - (cols % projectionCount);
    for (let n = 0; n < rows; n++) {
      const at = n * cols;
      let [p0, p1, p2, p3, p4, p5, p6, p7] = [0, 0, 0, 0, 0, 0, 0, 0];
      let [h0, h1, h2, h3] = [1, 2, 3, 4];
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let j = 0; j < whole; j += projectionCount) {
        const e = at + j;
        const v0 = data[e] - shift[j];
        const v1 = data[e + 1] - shift[j + 1];
        const v2 = data[e + 2] - shift[j + 2];
        const v3 = data[e + 3] - shift[j + 3];
        const v4 = data[e + 4] - shift[j + 4];
        const v5 = data[e + 5] - shift[j + 5];
        const v6 = data[e + 6] - shift[j + 6];
        const v7 = data[e + 7] - shift[j + 7];
        p0 += w[j] * v0;
        p1 += w[j + 1] * v1;
        p2 += w[j + 2] * v2;
        p3 += w[j + 3] * v3;
        p4 += w[j + 4] * v4;
        p5 += w[j + 5] * v5;
        p6 += w[j + 6] * v6;
        p7 += w[j + 7] * v7;
        s0 += v0 * v0 + v4 * v4;
        s1 += v1 * v1 + v5 * v5;
        s2 += v2 * v2 + v6 * v6;
        s3 += v3 * v3 + v7 * v7;
        h0 = mixed(mixed(h0, bits[e]), bits[e + 4]);
        h1 = mixed(mixed(h1, bits[e + 1]), bits[e + 5]);
        h2 = mixed(mixed(h2, bits[e + 2]), bits[e + 6]);
        h3 = mixed(mixed(h3, bits[e + 3]), bits[e + 7]);
      }
      const to = this.#rows * projectionCount;
      const out = this.projections;
      out[to] = p0;
      out[to + 1] = p1;
      out[to + 2] = p2;
      out[to + 3] = p3;
      out[to + 4] = p4;
      out[to + 5] = p5;
      out[to + 6] = p6;
      out[to + 7] = p7;
      for (let j = whole; j < cols; j++) {
        const v = data[at + j] - shift[j];
        out[to + j - whole] += w[j] * v;
        s0 += v * v;
        h0 = mixed(h0, bits[at + j]);
      }
      this.sizes[this.#rows] = s0 + s1 + s2 + s3;
      this.hashes[this.#rows++] = mixed(mixed(mixed(spread(h0), spread(h1)), spread(h2)), spread(h3));
    }
  }
}

/** One more word in a hash; the high bits are folded down, which the product alone never moves. */
function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}

/**
 * A bijection in which each bit moves half of all bits. Without it rows of few values, whose bits differ in a few places alone,
 * have equal hashes far more often than by accident: the four parts would cancel. Source: Appleby, MurmurHash3, 2011 (its finaliser).
 */
export function spread(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}

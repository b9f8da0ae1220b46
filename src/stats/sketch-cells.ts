// Finds rows whose sketches are near a given one: a table of cells in the space of the eight projections.
//
// R_k is how far projection k of two rows that are the same can lie apart, rounding to float32 included. Cells are 16·R_k
// wide, so a row within R (or 2R) of another is in its cell, or in one next to it along the few projections that lie near
// an edge: some 2.6 (or 6) cells are looked up for each row, whatever the data.
import { projectionCount, type RowSketches } from './row-sketches.js';

/** Width of a cell in R. */
const wide = 16;

/** A hair wider than the bound, against rounding of the projections in float64. */
const hair = 1.001;

export class SketchCells {
  /** Slots of the table, a power of two. */
  readonly slots: number;
  /** The row that was put into a slot last, and of each row the one before it. */
  readonly #heads: Int32Array;
  readonly #before: Int32Array;
  /** [8] R_k */
  readonly #radius: Float64Array;
  readonly #base = new Int32Array(projectionCount);
  /** What takes the hash of a row's cell to that of its neighbour, for each projection near an edge. */
  readonly #steps = new Int32Array(projectionCount);

  /** @param apart largest difference between coordinates of rows that are the same */
  constructor(
    private readonly sketches: RowSketches,
    apart: number,
  ) {
    const { projections, rows, reach } = sketches;
    this.slots = 2 ** Math.ceil(Math.log2(Math.max(16, 1.4 * rows)));
    this.#heads = new Int32Array(this.slots).fill(-1);
    this.#before = new Int32Array(rows);
    const largest = new Float64Array(projectionCount);
    for (let e = 0; e < projections.length; e += projectionCount) {
      for (let k = 0; k < projectionCount; k++) {
        const size = Math.abs(projections[e + k]);
        if (size > largest[k]) largest[k] = size;
      }
    }
    this.#radius = reach.map((sum, k) => hair * apart * sum + 2 ** -22 * largest[k]);
  }

  clear(): void {
    this.#heads.fill(-1);
  }

  insert(n: number): void {
    this.#locate(n, 0);
    const slot = this.#hash(0) & (this.slots - 1);
    this.#before[n] = this.#heads[slot];
    this.#heads[slot] = n;
  }

  /** Calls `visit` with every row that was put in and lies within `radii`·R of row n, and its distance in R, in no order. */
  near(n: number, radii: 1 | 2, visit: (row: number, distance: number) => void): void {
    const count = this.#locate(n, radii);
    const mask = this.slots - 1;
    for (let choice = 0; choice < 2 ** count; choice++) {
      for (let row = this.#heads[this.#hash(choice) & mask]; row >= 0; row = this.#before[row]) {
        const distance = this.#distance(n, row, radii);
        // Of two cells that share a slot the row is seen twice, which changes nothing.
        if (distance <= radii) visit(row, distance);
      }
    }
  }

  /** Whether two rows have the same projections. */
  equal(a: number, b: number): boolean {
    const { projections } = this.sketches;
    for (let k = 0; k < projectionCount; k++) {
      if (projections[a * projectionCount + k] !== projections[b * projectionCount + k]) return false;
    }
    return true;
  }

  /** The cell of a row, and the number of its projections that lie near an edge. */
  #locate(n: number, radii: number): number {
    const { projections } = this.sketches;
    let count = 0;
    for (let k = 0; k < projectionCount; k++) {
      const width = wide * this.#radius[k];
      if (width === 0) {
        this.#base[k] = 0;
        continue;
      }
      const at = projections[n * projectionCount + k] / width;
      const cell = Math.floor(at);
      const key = keyOf(cell, k);
      this.#base[k] = key;
      // A hair more, so that no rounding hides a neighbour.
      const edge = (hair * radii) / wide;
      if (at - cell < edge) this.#steps[count++] = key ^ keyOf(cell - 1, k);
      else if (cell + 1 - at < edge) this.#steps[count++] = key ^ keyOf(cell + 1, k);
    }
    return count;
  }

  /** The hash of the cell of the row that was located last, one step along each projection that the bits of `choice` name. */
  #hash(choice: number): number {
    let hash = 0;
    for (let k = 0; k < projectionCount; k++) hash ^= this.#base[k];
    for (let s = 0; choice >> s > 0; s++) if ((choice >> s) & 1) hash ^= this.#steps[s];
    return hash ^ (hash >>> 16);
  }

  /** The largest distance along a projection in R; infinite once beyond `most`. */
  #distance(a: number, b: number, most: number): number {
    const { projections } = this.sketches;
    let largest = 0;
    for (let k = 0; k < projectionCount; k++) {
      const off = Math.abs(projections[a * projectionCount + k] - projections[b * projectionCount + k]);
      const distance = off === 0 ? 0 : off / (hair * this.#radius[k]);
      if (distance > most) return Number.POSITIVE_INFINITY;
      if (distance > largest) largest = distance;
    }
    return largest;
  }
}

function keyOf(cell: number, k: number): number {
  const product = Math.imul(cell ^ Math.imul(k + 1, 0x85ebca6b), 0xc2b2ae35);
  return Math.imul(product ^ (product >>> 15), 0x27d4eb2f);
}

// Selection of the m columns of one row with the largest value − price; of equal ones the first from a column on.

/** The column from which row i of f counts the g columns, round and round, to choose among equal ones. */
export function firstChoice(i: number, f: number, g: number): number {
  return Math.floor((i * g) / f);
}

/** True where a column worth `w`, the i-th in its row's count, comes before one worth `v`, the j-th. */
function before(w: number, i: number, v: number, j: number): boolean {
  return w > v || (w === v && i < j);
}

/** A heap of the best columns seen so far, the last of them on top. */
export class TopList {
  readonly #worth: Float64Array;
  /** Counted from the row's first choice. */
  readonly #column: Int32Array;
  #size = 0;

  /** @param m at least 1 */
  constructor(readonly m: number) {
    this.#worth = new Float64Array(m);
    this.#column = new Int32Array(m);
  }

  /**
   * Writes the best m of n columns, best first, to `index` and their values to `kept`, both from `to` on.
   * @param value the row's values, from `at` on @param price [n] of columns
   * @param first the column that comes first among equal ones
   */
  select(
    value: Float64Array,
    at: number,
    price: Float64Array,
    n: number,
    first: number,
    index: Int32Array,
    kept: Float64Array,
    to: number,
  ): void {
    this.#size = 0;
    for (let s = 0, j = first; s < n; s++, j++) {
      if (j === n) j = 0;
      const worth = value[at + j] - price[j];
      if (this.#size < this.m) this.#insert(worth, s);
      else if (worth > this.#worth[0]) this.#sink(0, worth, s);
    }
    for (let s = this.#size - 1; s >= 0; s--) {
      const j = (this.#column[0] + first) % n;
      index[to + s] = j;
      kept[to + s] = value[at + j];
      this.#size = s;
      if (s > 0) this.#sink(0, this.#worth[s], this.#column[s]);
    }
  }

  #insert(worth: number, column: number): void {
    let at = this.#size++;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!before(this.#worth[up], this.#column[up], worth, column)) break;
      this.#worth[at] = this.#worth[up];
      this.#column[at] = this.#column[up];
      at = up;
    }
    this.#worth[at] = worth;
    this.#column[at] = column;
  }

  #sink(from: number, worth: number, column: number): void {
    let at = from;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= this.#size) break;
      const other = down + 1;
      if (
        other < this.#size &&
        before(this.#worth[down], this.#column[down], this.#worth[other], this.#column[other])
      ) {
        down = other;
      }
      if (!before(worth, column, this.#worth[down], this.#column[down])) break;
      this.#worth[at] = this.#worth[down];
      this.#column[at] = this.#column[down];
      at = down;
    }
    this.#worth[at] = worth;
    this.#column[at] = column;
  }
}

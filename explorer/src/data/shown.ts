// The selected rows in the order that they are shown in: as many of them as are looked at, and no list of all.
import { countIn, hasBit } from './bits.js';
import type { Order } from './order.js';

/** Places of the order that are counted together. A multiple of 32. */
const stretch = 8192;

export class Shown {
  /** Shown rows before each stretch, as far as they have been counted. */
  readonly #before: number[] = [0];

  /**
   * @param selected [rows / 32] @param count how many they are @param of all rows of the table
   * @param order of all rows; that of the file where there is none
   */
  constructor(
    private readonly selected: Uint32Array,
    readonly count: number,
    private readonly of: number,
    private readonly order?: Order,
    private readonly descending = false,
  ) {}

  /** Shown rows [from, to), by their places in the table. */
  rows(from: number, to: number): Uint32Array {
    const end = Math.min(to, this.count);
    const out = new Uint32Array(Math.max(0, end - from));
    if (out.length === 0) return out;
    const first = this.#stretchOf(from);
    let skip = from - this.#before[first];
    for (let place = first * stretch, n = 0; n < out.length && place < this.of; place++) {
      const row = this.#rowAt(place);
      if (hasBit(this.selected, row) && skip-- <= 0) out[n++] = row;
    }
    return out;
  }

  /** The first shown row that is one of these. */
  find(rows: ReadonlySet<number>): number | undefined {
    for (let place = 0, n = 0; place < this.of && n < this.count; place++) {
      const row = this.#rowAt(place);
      if (!hasBit(this.selected, row)) continue;
      if (rows.has(row)) return n;
      n++;
    }
    return undefined;
  }

  /** The stretch that holds the shown row n, which there is. */
  #stretchOf(n: number): number {
    const before = this.#before;
    while (before[before.length - 1] <= n) {
      const from = (before.length - 1) * stretch;
      before.push(before[before.length - 1] + this.#countAt(from, Math.min(this.of, from + stretch)));
    }
    let [low, high] = [0, before.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before[middle + 1] > n) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #countAt(from: number, to: number): number {
    const { selected, order, descending } = this;
    if (!order) return countIn(selected, from, to);
    const { rows, known } = order;
    let n = 0;
    for (let place = from; place < to; place++) {
      const row = rows[descending && place < known ? known - 1 - place : place];
      n += (selected[row >>> 5] >>> row) & 1;
    }
    return n;
  }

  /** Rows without a value stand last either way. */
  #rowAt(place: number): number {
    if (!this.order) return place;
    const { rows, known } = this.order;
    return rows[this.descending && place < known ? known - 1 - place : place];
  }
}

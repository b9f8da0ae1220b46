// The pairs of a row and a feature that rank highest in a whole batch, of those that rank above 0.
//
// A min-heap of the best so far. Ties go to the lower row, then to the lower feature. Cost: a comparison for each of
// the B·F pairs and log(k·B) for those that come in; memory: 24 bytes for each that is kept.
import type { TopKEntries } from './top-k-entries.js';

export class BatchSelection {
  /** rank, row·F + feature, and pre-activation of each pair that is kept: a heap with the worst at its root. */
  readonly #ranks: Float64Array;
  readonly #places: Float64Array;
  readonly #values: Float32Array;
  #size = 0;

  /** @param most how many pairs are kept */
  constructor(
    readonly features: number,
    readonly most: number,
  ) {
    this.#ranks = new Float64Array(most);
    this.#places = new Float64Array(most);
    this.#values = new Float32Array(most);
  }

  /** Offers a row, after all rows before it. @param scales [F] a feature's rank is its value times this */
  offer(row: number, values: Float64Array, at: number, scales?: Float64Array): void {
    for (let i = 0; i < this.features; i++) {
      const rank = scales ? values[at + i] * scales[i] : values[at + i];
      if (!(rank > 0)) continue;
      const isFull = this.#size === this.most;
      if (isFull && !(rank > this.#ranks[0])) continue;
      const slot = isFull ? 0 : this.#size++;
      this.#ranks[slot] = rank;
      this.#places[slot] = row * this.features + i;
      this.#values[slot] = values[at + i];
      if (isFull) this.#siftDown();
      else this.#siftUp(slot);
    }
  }

  /** Writes what is kept, by rows and features ascending. Returns the lowest rank, 0 where nothing is kept. */
  finish(rows: number, entries: TopKEntries): number {
    const order = Uint32Array.from({ length: this.#size }, (_, slot) => slot);
    order.sort((a, b) => this.#places[a] - this.#places[b]);
    const counts = new Int32Array(rows);
    for (const slot of order) counts[Math.floor(this.#places[slot] / this.features)]++;
    entries.shapeBy(counts);
    order.forEach((slot, e) => {
      entries.features[e] = this.#places[slot] % this.features;
      entries.values[e] = this.#values[slot];
    });
    return this.#size > 0 ? this.#ranks[0] : 0;
  }

  #isWorse(a: number, b: number): boolean {
    const [x, y] = [this.#ranks[a], this.#ranks[b]];
    return x < y || (x === y && this.#places[a] > this.#places[b]);
  }

  #swap(a: number, b: number): void {
    for (const column of [this.#ranks, this.#places, this.#values]) {
      const held = column[a];
      column[a] = column[b];
      column[b] = held;
    }
  }

  #siftUp(from: number): void {
    for (let child = from; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.#isWorse(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #siftDown(): void {
    for (let parent = 0; ; ) {
      let child = 2 * parent + 1;
      if (child >= this.#size) return;
      if (child + 1 < this.#size && this.#isWorse(child + 1, child)) child++;
      if (!this.#isWorse(child, parent)) return;
      this.#swap(child, parent);
      parent = child;
    }
  }
}

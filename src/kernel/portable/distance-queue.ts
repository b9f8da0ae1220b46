// A priority queue of numbered things by distance: the nearest first, of equal ones the lower number.

export class DistanceQueue {
  readonly #distance: number[] = [];
  readonly #id: number[] = [];

  get size(): number {
    return this.#id.length;
  }

  /** Distance of the nearest, ∞ when the queue is empty. */
  get distance(): number {
    return this.size > 0 ? this.#distance[0] : Number.POSITIVE_INFINITY;
  }

  /** The nearest, −1 when the queue is empty. */
  get id(): number {
    return this.size > 0 ? this.#id[0] : -1;
  }

  clear(): void {
    this.#distance.length = 0;
    this.#id.length = 0;
  }

  push(distance: number, id: number): void {
    let at = this.size;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!this.#after(up, distance, id)) break;
      this.#distance[at] = this.#distance[up];
      this.#id[at] = this.#id[up];
      at = up;
    }
    this.#distance[at] = distance;
    this.#id[at] = id;
  }

  /** Removes the nearest. */
  pop(): void {
    const distance = this.#distance.pop();
    const id = this.#id.pop();
    const size = this.size;
    if (size === 0 || distance === undefined || id === undefined) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= size) break;
      if (down + 1 < size && this.#after(down, this.#distance[down + 1], this.#id[down + 1])) down++;
      if (this.#after(down, distance, id)) break;
      this.#distance[at] = this.#distance[down];
      this.#id[at] = this.#id[down];
      at = down;
    }
    this.#distance[at] = distance;
    this.#id[at] = id;
  }

  /** Whether the entry comes after one at this distance with this number. */
  #after(entry: number, distance: number, id: number): boolean {
    const own = this.#distance[entry];
    return own > distance || (own === distance && this.#id[entry] > id);
  }
}

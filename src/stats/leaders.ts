// One row of each cluster: rows that are not within a radius of an earlier one that was kept.
//
// A row is first held against the leader whose sketch is nearest to its own, which it mostly belongs to. A sketch is the sums
// of eight groups of coordinates, so finding that one costs eight products for each leader. Only a row that is not within
// the radius of that one is held against all, and each distance is given up where it passes the radius.
const groups = 8;

export class Leaders {
  readonly #rows: Float32Array[] = [];
  #sketches = new Float64Array(64 * groups);
  readonly #sketch = new Float64Array(groups);

  /** @param width d of the rows */
  constructor(
    private readonly squaredRadius: number,
    private readonly width: number,
  ) {}

  get count(): number {
    return this.#rows.length;
  }

  /** Whether this row [d] leads a cluster of its own; it is copied then. */
  offer(row: Float32Array): boolean {
    this.#sketchOf(row);
    const likely = this.#nearest();
    if (likely >= 0 && this.#within(likely, row)) return false;
    for (let leader = 0; leader < this.#rows.length; leader++) if (this.#within(leader, row)) return false;
    this.#add(row);
    return true;
  }

  #within(leader: number, row: Float32Array): boolean {
    return squaredDistance(this.#rows[leader], row, this.squaredRadius) <= this.squaredRadius;
  }

  #add(row: Float32Array): void {
    const at = this.#rows.length * groups;
    if (at === this.#sketches.length) {
      const grown = new Float64Array(2 * at);
      grown.set(this.#sketches);
      this.#sketches = grown;
    }
    this.#sketches.set(this.#sketch, at);
    this.#rows.push(row.slice());
  }

  #sketchOf(row: Float32Array): void {
    this.#sketch.fill(0);
    for (let j = 0; j < this.width; j++) this.#sketch[j % groups] += row[j];
  }

  /** The leader of the nearest sketch, or −1. */
  #nearest(): number {
    const [s0, s1, s2, s3, s4, s5, s6, s7] = this.#sketch;
    const all = this.#sketches;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let leader = 0, at = 0; leader < this.#rows.length; leader++, at += groups) {
      const distance =
        (all[at] - s0) ** 2 +
        (all[at + 1] - s1) ** 2 +
        (all[at + 2] - s2) ** 2 +
        (all[at + 3] - s3) ** 2 +
        (all[at + 4] - s4) ** 2 +
        (all[at + 5] - s5) ** 2 +
        (all[at + 6] - s6) ** 2 +
        (all[at + 7] - s7) ** 2;
      if (distance >= least) continue;
      least = distance;
      best = leader;
    }
    return best;
  }
}

/** ‖a − b‖² in float64, or the first partial sum of it that passes a limit. */
export function squaredDistance(a: Float32Array | Float64Array, b: Float32Array, limit: number): number {
  let sum = 0;
  for (let j = 0; j < a.length; ) {
    for (const end = Math.min(a.length, j + 16); j < end; j++) {
      const off = a[j] - b[j];
      sum += off * off;
    }
    if (sum > limit) break;
  }
  return sum;
}

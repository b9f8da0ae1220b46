// One row of each cluster: rows that are not within a radius of an earlier one that was kept.
//
// A row is first held against the leader whose sketch is nearest to its own, which it mostly belongs to. A sketch is the sums
// of eight groups of coordinates, so finding that one costs eight products for each leader. Only a row that is not within
// the radius of that one is held against all, and each distance is given up where it passes the radius.
const groups = 8;

export class Leaders {
  readonly #rows: Float32Array[] = [];
  readonly #sketches: GroupSums;

  /** @param width d of the rows */
  constructor(
    private readonly squaredRadius: number,
    width: number,
  ) {
    this.#sketches = new GroupSums(width);
  }

  get count(): number {
    return this.#rows.length;
  }

  /** Whether this row [d] leads a cluster of its own; it is copied then. */
  offer(row: Float32Array): boolean {
    const likely = this.#sketches.nearest(row);
    if (likely >= 0 && this.#within(likely, row)) return false;
    for (let leader = 0; leader < this.#rows.length; leader++) if (this.#within(leader, row)) return false;
    this.#sketches.add(row);
    this.#rows.push(row.slice());
    return true;
  }

  #within(leader: number, row: Float32Array): boolean {
    return squaredDistance(this.#rows[leader], row, this.squaredRadius) <= this.squaredRadius;
  }
}

/** Sketches of rows: sums over coordinates j, j + 8, j + 16 … for j = 0 … 7. */
export class GroupSums {
  #sums = new Float64Array(64 * groups);
  readonly #own = new Float64Array(groups);
  #count = 0;

  /** @param width d of the rows */
  constructor(private readonly width: number) {}

  add(row: Float32Array): void {
    const at = this.#count++ * groups;
    if (at === this.#sums.length) {
      const grown = new Float64Array(2 * at);
      grown.set(this.#sums);
      this.#sums = grown;
    }
    this.#sketch(row);
    this.#sums.set(this.#own, at);
  }

  /** The first of the rows added whose sketch is nearest to this row's, or −1. */
  nearest(row: Float32Array): number {
    this.#sketch(row);
    const [s0, s1, s2, s3, s4, s5, s6, s7] = this.#own;
    const all = this.#sums;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let n = 0, at = 0; n < this.#count; n++, at += groups) {
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
      best = n;
    }
    return best;
  }

  #sketch(row: Float32Array): void {
    this.#own.fill(0);
    for (let j = 0; j < this.width; j++) this.#own[j % groups] += row[j];
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

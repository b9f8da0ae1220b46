// The entries of a batch, the pairs of a row and a feature that take part in a step: as selected, and by feature.

/** Entries of row s are `offsets[s] … offsets[s+1])`, features ascending. */
export class TopKEntries {
  offsets = new Int32Array(1);
  features = new Int32Array(0);
  /** p, as selected */
  values = new Float32Array(0);
  /** z */
  codes = new Float32Array(0);
  /** ∂loss/∂z, in float64 until it is rounded; 0 where ReLU cut the code */
  pulls = new Float64Array(0);

  get count(): number {
    return this.offsets[this.offsets.length - 1];
  }

  /** Room for these rows with `each` entries a row. */
  shape(rows: number, each: number): void {
    this.offsets = Int32Array.from({ length: rows + 1 }, (_, s) => s * each);
    this.#reserve(rows * each);
  }

  /** Room for as many entries a row as `counts` says. */
  shapeBy(counts: Int32Array): void {
    this.offsets = new Int32Array(counts.length + 1);
    counts.forEach((count, s) => {
      this.offsets[s + 1] = this.offsets[s] + count;
    });
    this.#reserve(this.count);
  }

  /** Codes from values. */
  activate(relu: boolean): void {
    for (let e = 0; e < this.count; e++) this.codes[e] = relu ? Math.max(0, this.values[e]) : this.values[e];
  }

  #reserve(count: number): void {
    if (count <= this.features.length) return;
    this.features = new Int32Array(count);
    this.values = new Float32Array(count);
    this.codes = new Float32Array(count);
    this.pulls = new Float64Array(count);
  }
}

/** Entries of feature i are `starts[i] … starts[i+1])`. */
export interface EntriesByFeature {
  readonly starts: Int32Array;
  /** Row in the table of residuals. */
  readonly residuals: Int32Array;
  /** Row of the batch. */
  readonly rows: Int32Array;
  readonly codes: Float32Array;
  readonly pulls: Float32Array;
}

/** Entries, and which row of the table of residuals those of row s and feature i belong to. */
export interface EntriesAt {
  readonly entries: TopKEntries;
  residualOf(s: number, i: number): number;
}

/** Groups entries by feature (counting sort): those of the first list before those of the next, rows ascending. */
export function byFeature(lists: readonly EntriesAt[], features: number): EntriesByFeature {
  const starts = new Int32Array(features + 1);
  for (const { entries } of lists) {
    for (let e = 0; e < entries.count; e++) starts[entries.features[e] + 1]++;
  }
  for (let i = 0; i < features; i++) starts[i + 1] += starts[i];
  const count = starts[features];
  const next = starts.slice(0, features);
  const out = {
    starts,
    residuals: new Int32Array(count),
    rows: new Int32Array(count),
    codes: new Float32Array(count),
    pulls: new Float32Array(count),
  };
  for (const { entries, residualOf } of lists) {
    for (let s = 0; s + 1 < entries.offsets.length; s++) {
      for (let e = entries.offsets[s]; e < entries.offsets[s + 1]; e++) {
        const i = entries.features[e];
        const to = next[i]++;
        out.residuals[to] = residualOf(s, i);
        out.rows[to] = s;
        out.codes[to] = entries.codes[e];
        out.pulls[to] = entries.pulls[e];
      }
    }
  }
  return out;
}

// The entries of a batch: the pairs of a row and a feature that take part in a step, with what is known of each.

const columns = ['code', 'gateCode', 'input', 'pull', 'gatePull', 'codePull'] as const;
type Column = (typeof columns)[number];

/** Entries of row n are `offsets[n] … offsets[n+1])`, features ascending. Columns that a rule does not use stay 0. */
export class Entries {
  offsets = new Int32Array(1);
  features = new Int32Array(0);
  /** z */
  code = new Float32Array(0);
  /** y (gated) */
  gateCode = new Float32Array(0);
  /** p (jumprelu), eʳ·π (gated) */
  input = new Float32Array(0);
  /** ∂loss/∂π */
  pull = new Float32Array(0);
  /** ∂loss/∂y (gated) */
  gatePull = new Float32Array(0);
  /** ∂loss/∂z (jumprelu), ∂loss/∂(eʳ·π + b_m) (gated) */
  codePull = new Float32Array(0);
  count = 0;
  #rows = 0;

  /** Forgets all entries; room for `rows` rows. */
  clear(rows: number): void {
    if (this.offsets.length < rows + 1) this.offsets = new Int32Array(rows + 1);
    this.count = 0;
    this.#rows = 0;
  }

  /** Makes room for `more` entries. */
  reserve(more: number): void {
    const need = this.count + more;
    if (need <= this.features.length) return;
    const size = Math.max(need, 2 * this.features.length);
    const wider = (from: Float32Array): Float32Array<ArrayBuffer> => {
      const to = new Float32Array(size);
      to.set(from);
      return to;
    };
    const features = new Int32Array(size);
    features.set(this.features);
    this.features = features;
    for (const name of columns) this[name satisfies Column] = wider(this[name]);
  }

  add(feature: number, code: number, gateCode: number, input: number): void {
    const e = this.count++;
    this.features[e] = feature;
    this.code[e] = code;
    this.gateCode[e] = gateCode;
    this.input[e] = input;
  }

  endRow(): void {
    this.offsets[++this.#rows] = this.count;
  }
}

/** Entries of a batch by feature: those of feature i are `order[starts[i] … starts[i+1])`, rows ascending. */
export function byFeature(
  entries: Entries,
  rows: number,
  features: number,
): { starts: Int32Array; order: Int32Array; rowOf: Int32Array } {
  const starts = new Int32Array(features + 1);
  for (let e = 0; e < entries.count; e++) starts[entries.features[e] + 1]++;
  for (let i = 0; i < features; i++) starts[i + 1] += starts[i];
  const next = starts.slice(0, features);
  const order = new Int32Array(entries.count);
  const rowOf = new Int32Array(entries.count);
  for (let n = 0; n < rows; n++) {
    for (let e = entries.offsets[n]; e < entries.offsets[n + 1]; e++) {
      const slot = next[entries.features[e]]++;
      order[slot] = e;
      rowOf[slot] = n;
    }
  }
  return { starts, order, rowOf };
}

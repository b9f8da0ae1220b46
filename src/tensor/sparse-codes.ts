// Sparse codes: which features are active on each row of the data, and how strongly (compressed rows).

/**
 * Codes Z [rows × features] in compressed-row form. Row n holds the entries
 * `offsets[n] … offsets[n+1])` of `indices` (ascending within a row) and `values` (never 0).
 */
export interface SparseCodes {
  readonly rows: number;
  readonly features: number;
  /** [rows + 1] */
  readonly offsets: Int32Array;
  /** [nnz] feature of each entry */
  readonly indices: Int32Array;
  /** [nnz] code of each entry */
  readonly values: Float32Array;
}

/** How often each feature fires, in rows [features]. */
export function firingCounts(codes: SparseCodes): Int32Array {
  const counts = new Int32Array(codes.features);
  for (let e = 0; e < codes.indices.length; e++) counts[codes.indices[e]]++;
  return counts;
}

/** Indices of the features that fire on at least one row, ascending. */
export function liveFeatures(codes: SparseCodes): Int32Array {
  const live: number[] = [];
  firingCounts(codes).forEach((count, feature) => {
    if (count > 0) live.push(feature);
  });
  return Int32Array.from(live);
}

/** Mean number of active features per row (L0). */
export function meanActive(codes: SparseCodes): number {
  return codes.rows === 0 ? 0 : codes.indices.length / codes.rows;
}

/** The same codes with the rows in another order: row n of the result is row `order[n]`. */
export function takeCodeRows(codes: SparseCodes, order: ArrayLike<number>): SparseCodes {
  const offsets = new Int32Array(new SharedArrayBuffer(4 * (order.length + 1)));
  for (let n = 0; n < order.length; n++) {
    offsets[n + 1] = offsets[n] + codes.offsets[order[n] + 1] - codes.offsets[order[n]];
  }
  const nnz = offsets[order.length];
  const indices = new Int32Array(new SharedArrayBuffer(4 * nnz));
  const values = new Float32Array(new SharedArrayBuffer(4 * nnz));
  for (let n = 0; n < order.length; n++) {
    const from = codes.offsets[order[n]];
    const to = codes.offsets[order[n] + 1];
    indices.set(codes.indices.subarray(from, to), offsets[n]);
    values.set(codes.values.subarray(from, to), offsets[n]);
  }
  return { rows: order.length, features: codes.features, offsets, indices, values };
}

/** Codes from a dense [rows][features] table; for small cases. */
export function fromDense(
  table: readonly (readonly number[])[],
  features = table[0]?.length ?? 0,
): SparseCodes {
  const offsets = new Int32Array(new SharedArrayBuffer(4 * (table.length + 1)));
  const entries: [number, number][] = [];
  table.forEach((values, n) => {
    values.forEach((value, feature) => {
      if (value !== 0) entries.push([feature, value]);
    });
    offsets[n + 1] = entries.length;
  });
  const indices = new Int32Array(new SharedArrayBuffer(4 * entries.length));
  const codes = new Float32Array(new SharedArrayBuffer(4 * entries.length));
  entries.forEach(([feature, value], e) => {
    indices[e] = feature;
    codes[e] = value;
  });
  return { rows: table.length, features, offsets, indices, values: codes };
}

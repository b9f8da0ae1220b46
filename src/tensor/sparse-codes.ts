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
  for (let n = 0, at = 0; n < order.length; n++) {
    const end = codes.offsets[order[n] + 1];
    for (let e = codes.offsets[order[n]]; e < end; e++, at++) {
      indices[at] = codes.indices[e];
      values[at] = codes.values[e];
    }
  }
  return { rows: order.length, features: codes.features, offsets, indices, values };
}

/** The codes of rows `from … to)`; entries are a view. */
export function codeRowRange(codes: SparseCodes, from: number, to: number): SparseCodes {
  const [begin, end] = [codes.offsets[from], codes.offsets[to]];
  const offsets = new Int32Array(new SharedArrayBuffer(4 * (to - from + 1)));
  for (let n = from; n <= to; n++) offsets[n - from] = codes.offsets[n] - begin;
  return {
    rows: to - from,
    features: codes.features,
    offsets,
    indices: codes.indices.subarray(begin, end),
    values: codes.values.subarray(begin, end),
  };
}

/** The same entries seen from the features: row i of the result holds the rows on which feature i fires. */
export function transposeCodes(codes: SparseCodes): SparseCodes {
  const nnz = codes.indices.length;
  const offsets = new Int32Array(new SharedArrayBuffer(4 * (codes.features + 1)));
  firingCounts(codes).forEach((count, feature) => {
    offsets[feature + 1] = offsets[feature] + count;
  });
  const indices = new Int32Array(new SharedArrayBuffer(4 * nnz));
  const values = new Float32Array(new SharedArrayBuffer(4 * nnz));
  const next = offsets.slice(0, codes.features);
  for (let n = 0; n < codes.rows; n++) {
    for (let e = codes.offsets[n]; e < codes.offsets[n + 1]; e++) {
      const slot = next[codes.indices[e]]++;
      indices[slot] = n;
      values[slot] = codes.values[e];
    }
  }
  return { rows: codes.features, features: codes.rows, offsets, indices, values };
}

/** The codes of these features only, which are numbered anew in this order. */
export function takeCodeColumns(codes: SparseCodes, features: ArrayLike<number>): SparseCodes {
  return transposeCodes(takeCodeRows(transposeCodes(codes), features));
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

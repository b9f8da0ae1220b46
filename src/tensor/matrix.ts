// Dense row-major float32 matrices, and the few operations on rows that every stage needs.
import { ReseedError } from '../errors.js';
import { sharedBytes } from './shared-memory.js';

/** A dense matrix [rows × cols], row-major float32. Row i is `data[i·cols … (i+1)·cols)`. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array;
}

/**
 * Bytes before the first value. A large block of memory begins 16 bytes past a page (glibc keeps its size there), and 48
 * more reach a cache line. Rows that begin elsewhere make every vector of 64 bytes lie across two.
 */
const padding = 48;

/** Zeros [n], in shared memory so that worker threads read and write it without a copy. */
export function sharedFloat32(n: number): Float32Array {
  return new Float32Array(sharedBytes(padding + 4 * n), padding, n);
}

/** The same values in shared memory. */
export function sharedCopy(values: ArrayLike<number>): Float32Array {
  const out = sharedFloat32(values.length);
  out.set(values);
  return out;
}

/** Zeros [n] in shared memory. */
export function sharedInt32(n: number): Int32Array {
  return new Int32Array(sharedBytes(4 * n));
}

/** A zero matrix [rows × cols] in shared memory. */
export function zeros(rows: number, cols: number): Matrix {
  return { rows, cols, data: sharedFloat32(rows * cols) };
}

/** Wraps `data` without a copy. @throws input.shape when its length is not rows·cols. */
export function matrix(rows: number, cols: number, data: Float32Array): Matrix {
  if (data.length !== rows * cols) {
    throw new ReseedError('input.shape', 'wrong number of values for a matrix', {
      found: `${data.length} values`,
      expected: `${rows} × ${cols} = ${rows * cols}`,
    });
  }
  return { rows, cols, data };
}

/** A matrix from rows written out; for small cases. */
export function fromRows(rows: readonly (readonly number[])[]): Matrix {
  const cols = rows[0]?.length ?? 0;
  const out = zeros(rows.length, cols);
  rows.forEach((values, i) => {
    if (values.length !== cols) {
      throw new ReseedError('input.shape', `row ${i} differs in length`, {
        found: String(values.length),
        expected: String(cols),
      });
    }
    out.data.set(values, i * cols);
  });
  return out;
}

/** Row i as a view. */
export function row(m: Matrix, i: number): Float32Array {
  return m.data.subarray(i * m.cols, (i + 1) * m.cols);
}

/** Rows `from … to)` as a view. */
export function rowRange({ cols, data }: Matrix, from: number, to: number): Matrix {
  return { rows: to - from, cols, data: data.subarray(from * cols, to * cols) };
}

/** The rows with these indices, copied, in this order. */
export function takeRows(m: Matrix, indices: ArrayLike<number>): Matrix {
  const out = zeros(indices.length, m.cols);
  for (let i = 0; i < indices.length; i++) out.data.set(row(m, indices[i]), i * m.cols);
  return out;
}

/** [rows × cols] → [cols × rows], copied. */
export function transpose(m: Matrix): Matrix {
  const out = zeros(m.cols, m.rows);
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < m.cols; j++) out.data[j * m.rows + i] = m.data[i * m.cols + j];
  }
  return out;
}

/** a − b. @throws input.shape */
export function subtract(a: Matrix, b: Matrix): Matrix {
  if (a.rows !== b.rows || a.cols !== b.cols) {
    throw new ReseedError('input.shape', 'matrices to subtract differ in shape', {
      found: `${b.rows} × ${b.cols}`,
      expected: `${a.rows} × ${a.cols}`,
    });
  }
  const out = zeros(a.rows, a.cols);
  for (let i = 0; i < out.data.length; i++) out.data[i] = a.data[i] - b.data[i];
  return out;
}

/** Dot product in float64 of two equally long vectors. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * Products of row i_n of A [×d] with row j_n of B [×d], each summed as `dot` does; four at a time, since one sum waits for
 * itself.
 */
export function dots(a: Matrix, i: Int32Array, b: Matrix, j: Int32Array): Float64Array {
  const out = new Float64Array(i.length);
  const d = a.cols;
  const [x, y] = [a.data, b.data];
  const last = i.length - 1;
  for (let n = 0; n <= last; n += 4) {
    // The pairs that fill up the last four repeat the last.
    const [n1, n2, n3] = [Math.min(n + 1, last), Math.min(n + 2, last), Math.min(n + 3, last)];
    const [p0, p1, p2, p3] = [i[n] * d, i[n1] * d, i[n2] * d, i[n3] * d];
    const [q0, q1, q2, q3] = [j[n] * d, j[n1] * d, j[n2] * d, j[n3] * d];
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let t = 0; t < d; t++) {
      s0 += x[p0 + t] * y[q0 + t];
      s1 += x[p1 + t] * y[q1 + t];
      s2 += x[p2 + t] * y[q2 + t];
      s3 += x[p3 + t] * y[q3 + t];
    }
    out[n] = s0;
    out[n1] = s1;
    out[n2] = s2;
    out[n3] = s3;
  }
  return out;
}

/** Euclidean norm of every row, in float64 [rows]. */
export function rowNorms(m: Matrix): Float64Array {
  const out = new Float64Array(m.rows);
  for (let i = 0; i < m.rows; i++) {
    const r = row(m, i);
    out[i] = Math.sqrt(dot(r, r));
  }
  return out;
}

/** The rows of a matrix that have a direction, scaled to length 1. */
export interface UnitRows {
  /** [kept × cols] */
  readonly unit: Matrix;
  /** Index in the source of each kept row [kept]. */
  readonly kept: Int32Array;
  /** How many rows were left out because their norm is 0. */
  readonly zeroRows: number;
}

/**
 * Scales rows to length 1; rows of norm 0 have no direction, so they are left out and counted.
 * @param storage taken for the result where no row is left out; may be that of m
 */
export function unitRows(m: Matrix, storage?: Float32Array): UnitRows {
  const norms = rowNorms(m);
  const kept = Int32Array.from(norms.keys()).filter((i) => norms[i] > 0);
  return { unit: normalisedRows(m, kept, norms, storage), kept, zeroRows: m.rows - kept.length };
}

/**
 * The rows `chosen` of m, each divided by its norm.
 * @param norms [m.rows], not 0 for the chosen @param storage taken for the result where it is of the right length
 */
export function normalisedRows(
  m: Matrix,
  chosen: Int32Array,
  norms: Float64Array,
  storage?: Float32Array,
): Matrix {
  const length = chosen.length * m.cols;
  const unit =
    storage?.length === length
      ? { rows: chosen.length, cols: m.cols, data: storage }
      : zeros(chosen.length, m.cols);
  chosen.forEach((source, i) => {
    const from = row(m, source);
    const scale = 1 / norms[source];
    const at = i * m.cols;
    for (let j = 0; j < m.cols; j++) unit.data[at + j] = from[j] * scale;
  });
  return unit;
}

// All eigenvectors of a symmetric matrix from its tridiagonal form: A = QTQᵀ, T = GΛGᵀ, and the rows of (QG)ᵀ.
//
// G is the product of the rotations of the implicit steps (implicit-ql.ts). Each turns two rows of Qᵀ, entry by entry,
// so no sum depends on how the columns are shared out: a batch of sweeps is recorded and then applied to one panel of
// columns after the other. Orthonormal to rounding whatever the eigenvalues, equal ones included.
// Cost: 4/3·n³ flops for Q, about 5·n³ for the rotations.
import { ImplicitSteps, type Sweep } from './implicit-ql.js';
import { reflectBack } from './reflect-back.js';
import type { Tridiagonal } from './tridiagonal.js';

/** Sweeps in a batch, and columns in a panel. */
const SWEEPS = 32;
const PANEL = 64;

/** Eigenvalues in no order [n], and row i of `rows` [n × n] for the i-th. @throws internal.kernel */
export function turnedRows(t: Tridiagonal): { values: Float64Array; rows: Float64Array } {
  const n = t.diagonal.length;
  const rows = new Float64Array(n * n);
  for (let i = 0; i < n; i++) rows[i * n + i] = 1;
  reflectBack(t, rows, n, n);
  transposeInPlace(rows, n);
  const steps = new ImplicitSteps(t);
  const batch: Sweep[] = [];
  for (let sweep = steps.next(); sweep; sweep = steps.next()) {
    batch.push(sweep);
    if (batch.length === SWEEPS) turn(rows, n, batch.splice(0));
  }
  turn(rows, n, batch);
  return { values: steps.diagonal.map((value) => value + 0), rows };
}

function turn(rows: Float64Array, n: number, batch: readonly Sweep[]): void {
  for (let from = 0; from < n; from += PANEL) {
    for (const sweep of batch) turnPanel(rows, n, sweep, from, Math.min(n, from + PANEL));
  }
}

function turnPanel(rows: Float64Array, n: number, sweep: Sweep, from: number, to: number): void {
  const { start, direction, cosines, sines } = sweep;
  for (let k = cosines.length - 1; k >= 0; k--) {
    const cosine = cosines[k];
    const sine = sines[k];
    const p = (start + direction * k) * n;
    const q = p + direction * n;
    for (let j = from; j < to; j++) {
      const x = rows[p + j];
      const y = rows[q + j];
      rows[p + j] = cosine * x - sine * y;
      rows[q + j] = sine * x + cosine * y;
    }
  }
}

function transposeInPlace(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const kept = a[i * n + j];
      a[i * n + j] = a[j * n + i];
      a[j * n + i] = kept;
    }
  }
}

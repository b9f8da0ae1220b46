// A crowd of directions: F independent directions x/‖x‖, x normal and centred, with a given second moment.
//
// With M = Σ m_k·v_k·v_kᵀ the moment that is wanted, E[x·xᵀ/‖x‖²] = M for x = Σ √λ_k·g_k·v_k, g standard normal. λ is not
// quite m: scaling to length 1 evens them out, which stats/angular-gaussian.ts makes up for.
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { angularGaussianSpectrum } from '../../stats/angular-gaussian.js';
import { fillNormals } from '../../tensor/bulk-normals.js';
import { type Matrix, matrix, zeros } from '../../tensor/matrix.js';
import type { Rng } from '../../tensor/rng.js';

export interface Crowd {
  /** F */
  readonly features: number;
  /** Eigenvalues [r] of the second moment m, with sum 1. */
  readonly moment: Float64Array;
  /** λ [r], with sum 1 */
  readonly lambda: Float64Array;
  /** v_k [r × d], orthonormal rows */
  readonly axes: Matrix;
}

/** Eigenvalues [r], none negative beyond rounding, and eigenvectors [r × d] of a symmetric matrix. */
export interface SecondMoment {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/** Below this share of the largest an eigenvalue is rounding: of float32 rows, or of their products. */
const noise = 1e-12;

/** A crowd of `features` directions with this second moment, up to a factor: of data, or of other directions. */
export function crowdOf(features: number, { values, vectors }: SecondMoment): Crowd {
  const d = vectors.length / values.length;
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  const kept = [...values.keys()].filter((k) => values[k] > noise * largest);
  const axes = zeros(kept.length, d);
  kept.forEach((k, r) => {
    axes.data.set(vectors.subarray(k * d, (k + 1) * d), r * d);
  });
  const total = kept.reduce((sum, k) => sum + values[k], 0);
  const moment = Float64Array.from(kept, (k) => values[k] / total);
  return { features, moment, lambda: angularGaussianSpectrum(moment), axes };
}

/** A crowd like these unit rows [F × d]: as many, with their second moment. */
export async function crowdOfRows(unit: Matrix, kernel: Kernel, work: WorkOptions = {}): Promise<Crowd> {
  const { values, vectors } = await kernel.topSubspace(unit, unit.cols, work);
  return crowdOf(unit.rows, { values: values.map((sigma) => sigma ** 2), vectors });
}

/**
 * Unit rows [count × r] drawn from it, by their coordinates on its axes.
 * @param storage [≥ count·r] taken for the result
 */
export function drawOnAxes({ lambda }: Crowd, count: number, rng: Rng, storage?: Float32Array): Matrix {
  const r = lambda.length;
  const out = storage ? matrix(count, r, storage.subarray(0, count * r)) : zeros(count, r);
  fillNormals(out.data, rng);
  const scale = lambda.map(Math.sqrt);
  for (let i = 0; i < count; i++) {
    const row = out.data.subarray(i * r, (i + 1) * r);
    let square = 0;
    for (let k = 0; k < r; k++) {
      const value = row[k] * scale[k];
      row[k] = value;
      square += value * value;
    }
    const shrink = 1 / Math.sqrt(square);
    for (let k = 0; k < r; k++) row[k] *= shrink;
  }
  return out;
}

/** Coordinates on the axes → in space: [n × r] → [n × d]. */
export function inSpace(onAxes: Matrix, { axes }: Crowd, kernel: Kernel, work: WorkOptions): Promise<Matrix> {
  const [r, d] = [axes.rows, axes.cols];
  const columns = zeros(d, r);
  for (let k = 0; k < r; k++) for (let j = 0; j < d; j++) columns.data[j * r + k] = axes.data[k * d + j];
  return kernel.multiply(onAxes, columns, work);
}

/** Rows [n × d] by their coordinates on the axes [n × r]: the part of them that lies in the span of the crowd. */
export function coordinates(
  rows: Matrix,
  { axes }: Crowd,
  kernel: Kernel,
  work: WorkOptions,
): Promise<Matrix> {
  return kernel.multiply(rows, axes, work);
}

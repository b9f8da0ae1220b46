// Cosines between the code columns of two SAEs, from the rows on which both features fire.
//
// c_ij = Σ_n a_ni·b_nj / (‖a_·i‖·‖b_·j‖), not centred. Feature i of A meets only the codes of B on the rows
// where it fires, so all pairs together cost N·k_a·k_b multiply-adds, and only one row of the table exists at a time.

import { type SparseCodes, transposeCodes } from '../../tensor/sparse-codes.js';
import type { BestMatches } from '../interface.js';
import { emptyBest } from './best.js';
import { offerRow } from './match.js';

export interface CoFiringJob {
  readonly a: SparseCodes;
  readonly b: SparseCodes;
  /** The part of A's features that this job takes. */
  readonly from: number;
  readonly to: number;
}

/** Euclidean norm of every code column [features]. */
export function columnNorms(codes: SparseCodes): Float64Array {
  const norms = new Float64Array(codes.features);
  for (let e = 0; e < codes.indices.length; e++) norms[codes.indices[e]] += codes.values[e] ** 2;
  return norms.map(Math.sqrt);
}

/** sums[j] += Σ_n a_ni·b_nj, n ascending. @param columns codes A seen from the columns */
export function addCoFiring(sums: Float64Array, columns: SparseCodes, i: number, b: SparseCodes): void {
  for (let s = columns.offsets[i]; s < columns.offsets[i + 1]; s++) {
    const code = columns.values[s];
    const end = b.offsets[columns.indices[s] + 1];
    for (let e = b.offsets[columns.indices[s]]; e < end; e++) sums[b.indices[e]] += code * b.values[e];
  }
}

/** Partners of A's features `from … to)` among all of B's, and the reverse. Silent features have none. */
export function coFireFeatures({ a, b, from, to }: CoFiringJob): BestMatches {
  const g = b.features;
  const rows = { signed: emptyBest(to - from), abs: emptyBest(to - from) };
  const cols = { signed: emptyBest(g), abs: emptyBest(g) };
  const columns = transposeCodes(a);
  const normsA = columnNorms(a);
  const normsB = columnNorms(b);
  const liveB = Int32Array.from(normsB.keys()).filter((j) => normsB[j] > 0);
  const sums = new Float64Array(g);
  const cosines = new Float64Array(liveB.length);
  const found = { signed: emptyBest(liveB.length), abs: emptyBest(liveB.length) };
  for (let i = from; i < to; i++) {
    if (normsA[i] === 0) continue;
    sums.fill(0);
    addCoFiring(sums, columns, i, b);
    for (let j = 0; j < liveB.length; j++) cosines[j] = sums[liveB[j]] / (normsA[i] * normsB[liveB[j]]);
    offerRow(cosines, 0, liveB.length, i, i - from, rows, found);
  }
  for (const sign of ['signed', 'abs'] as const) {
    renumber(rows[sign].index, liveB);
    renumber(rows[sign].secondIndex, liveB);
    for (let j = 0; j < liveB.length; j++) {
      cols[sign].index[liveB[j]] = found[sign].index[j];
      cols[sign].value[liveB[j]] = found[sign].value[j];
      cols[sign].secondIndex[liveB[j]] = found[sign].secondIndex[j];
      cols[sign].secondValue[liveB[j]] = found[sign].secondValue[j];
    }
  }
  return { aToB: rows, bToA: cols };
}

function renumber(indices: Int32Array, names: Int32Array): void {
  for (let i = 0; i < indices.length; i++) if (indices[i] >= 0) indices[i] = names[indices[i]];
}

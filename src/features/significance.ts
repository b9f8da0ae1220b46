// p-values of best cosines against the crowd that another SAE's directions are: as many, with their second moment.
//
// Of each feature its coordinates on the axes of the crowd are needed, squared, and from them B at the points of the
// grid of stats/best-cosine-in-crowd.ts: two products of matrices for all features together.
import { throwIfCancelled } from '../errors.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { type Crowd, coordinates, crowdOfRows } from '../metrics/draws/crowd.js';
import { type CrowdTail, crowdTail, maxSurvivalInCrowd } from '../stats/best-cosine-in-crowd.js';
import { type Matrix, matrix, row } from '../tensor/matrix.js';

/** The directions of an SAE, as those of others are held against them. */
export interface CrowdToMatch {
  readonly crowd: Crowd;
  readonly tail: CrowdTail;
}

/** Features whose coordinates are in memory at a time. */
const block = 4096;

/** @param unit [F × d] rows of length 1 */
export async function crowdToMatch(unit: Matrix, kernel: Kernel, work: WorkOptions): Promise<CrowdToMatch> {
  const crowd = await crowdOfRows(unit, kernel, work);
  return { crowd, tail: crowdTail(crowd.lambda) };
}

/**
 * P that the best of as many directions as the crowd has is as near, feature by feature [n].
 * @param unit [n × d] rows of length 1 @param cosine [n] the best of each, signed
 */
export async function significanceInCrowd(
  unit: Matrix,
  cosine: Float64Array,
  { crowd, tail }: CrowdToMatch,
  kernel: Kernel,
  work: WorkOptions,
): Promise<Float64Array> {
  const out = new Float64Array(unit.rows);
  const weights = matrix(tail.logS.length, tail.lambda.length, tail.weights);
  for (let from = 0; from < unit.rows; from += block) {
    throwIfCancelled(work.signal);
    const rows = Math.min(block, unit.rows - from);
    const part = {
      rows,
      cols: unit.cols,
      data: unit.data.subarray(from * unit.cols, (from + rows) * unit.cols),
    };
    const squares = await coordinates(part, crowd, kernel, work);
    const within = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      const along = row(squares, i);
      for (let k = 0; k < along.length; k++) {
        along[k] *= along[k];
        within[i] += along[k];
      }
    }
    const b = await kernel.multiply(squares, weights, work);
    for (let i = 0; i < rows; i++) {
      const seen = { b: row(b, i), within: within[i] };
      out[from + i] = maxSurvivalInCrowd(tail, crowd.features, seen, Math.abs(cosine[from + i]));
    }
  }
  return out;
}

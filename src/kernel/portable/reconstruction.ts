// Errors of reconstruction: what one thread does of them, and who hands out the rows.
//
// x̂_n = b + Σ_i z_ni·D_i, features ascending, in float64, then rounded to float32; ‖x_n − x̂_n‖² in eight lanes.
import type { Matrix } from '../../tensor/matrix.js';
import type { SparseCodes } from '../../tensor/sparse-codes.js';
import { type Decoder, type ReconstructionKernel, requireReconstruction } from '../reconstruction.js';
import { addRows, squareSum } from './combine.js';
import type { JobOf } from './job.js';
import { ranges } from './ranges.js';

/** Rows in one job. */
const ROWS = 1024;

/** Rows `from … to)`. */
interface ReconstructionJob extends Decoder {
  readonly x: Matrix;
  readonly codes: SparseCodes;
  readonly from: number;
  readonly to: number;
}

/** [to − from] ‖x − x̂‖² */
export function reconstructionErrors(job: ReconstructionJob): Float64Array {
  const { decoder, decoderBias, x, codes, from, to } = job;
  const d = x.cols;
  const sums = new Float64Array(d);
  let scale = new Float64Array(64);
  const out = new Float64Array(to - from);
  for (let n = from; n < to; n++) {
    const begin = codes.offsets[n];
    const count = codes.offsets[n + 1] - begin;
    if (scale.length < count) scale = new Float64Array(2 * count);
    for (let e = 0; e < count; e++) scale[e] = codes.values[begin + e];
    for (let j = 0; j < d; j++) sums[j] = decoderBias[j];
    addRows(sums, 0, d, scale, codes.indices.subarray(begin, begin + count), 0, count, decoder.data);
    for (let j = 0; j < d; j++) sums[j] = x.data[n * d + j] - Math.fround(sums[j]);
    out[n - from] = squareSum(sums, 0, d);
  }
  return out;
}

/** What one thread does. */
export const reconstructionJobs = { reconstructionErrors };

/** The operation, over a function that has jobs done. */
export function reconstructionOperations(
  run: <T>(job: JobOf<typeof reconstructionJobs>, signal?: AbortSignal) => Promise<T>,
): ReconstructionKernel {
  return {
    async reconstructionErrors(decoder, x, codes, { signal } = {}) {
      requireReconstruction(decoder, x, codes);
      const out = new Float64Array(x.rows);
      await Promise.all(
        ranges(x.rows, ROWS).map(async ({ from, to }) => {
          const args = { ...decoder, x, codes, from, to };
          out.set(await run<Float64Array>({ op: 'reconstructionErrors', args }, signal), from);
        }),
      );
      return out;
    },
  };
}

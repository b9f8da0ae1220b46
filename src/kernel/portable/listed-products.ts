// Exact products of listed pairs: what one thread does of them, and who hands out the rows.
//
// Each product is summed in float64 in eight lanes, as in products.ts. Cost: 2·d flops a pair, and a row of B from memory.
import type { Matrix } from '../../tensor/matrix.js';
import { type ListedPairs, type ListedProductsKernel, requireListed } from '../listed-products.js';
import type { JobOf } from './job.js';
import { LANES } from './products.js';
import { ranges } from './ranges.js';

/** Rows in one job. */
const ROWS = 1024;

/** The pairs of A's rows `from … to)`. */
interface ListedJob {
  readonly a: Matrix;
  readonly b: Matrix;
  readonly pairs: ListedPairs;
  readonly from: number;
  readonly to: number;
}

/** [pairs of these rows] */
export function listedProducts({ a, b, pairs: { offsets, partners }, from, to }: ListedJob): Float64Array {
  const first = offsets[from];
  const out = new Float64Array(offsets[to] - first);
  for (let i = from; i < to; i++) {
    for (let e = offsets[i]; e < offsets[i + 1]; e++) {
      out[e - first] = product(a.data, i * a.cols, b.data, partners[e] * b.cols, a.cols);
    }
  }
  return out;
}

function product(a: Float32Array, p: number, b: Float32Array, q: number, d: number): number {
  let sum = 0;
  for (let lane = 0; lane < LANES; lane++) {
    let own = 0;
    for (let t = lane; t < d; t += LANES) own += a[p + t] * b[q + t];
    sum += own;
  }
  return sum;
}

/** What one thread does. */
export const listedProductsJobs = { listedProducts };

/** The operation, over a function that has jobs done. */
export function listedProductsOperations(
  run: <T>(job: JobOf<typeof listedProductsJobs>, signal?: AbortSignal) => Promise<T>,
): ListedProductsKernel {
  return {
    async listedProducts(a, b, pairs, options = {}) {
      requireListed(a, b, pairs, options);
      const { signal } = options;
      const out = new Float64Array(pairs.partners.length);
      await Promise.all(
        ranges(a.rows, ROWS).map(async (part) => {
          const args = { a, b, pairs, ...part };
          out.set(await run<Float64Array>({ op: 'listedProducts', args }, signal), pairs.offsets[part.from]);
        }),
      );
      return out;
    },
  };
}

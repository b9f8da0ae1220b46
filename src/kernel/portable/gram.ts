// Gram matrices: products between the columns of a matrix, summed over its rows.
//
// G = Σ_n (x_n − s)(x_n − s)ᵀ for X [N×d] and a shift s [d]: 0, or the column means. All in float64. Rows are summed in
// chunks, ascending within a chunk, and the chunks one after the other: a fixed order, whatever the tiles or threads.
// The upper triangle is computed and mirrored. Cost: N·d² multiply-adds halved by symmetry.
import type { Matrix } from '../../tensor/matrix.js';
import type { GramOptions } from '../spectrum.js';
import { PANEL, packedRows, rowProducts } from './products.js';

/** Rows of X in a chunk. */
const CHUNK = 256;
/** Columns in a block of products. */
const BLOCK = 64;

/** XᵀX [d×d] of finite X, centred or not. */
export function gram(x: Matrix, { centred }: GramOptions): Float64Array {
  const sum = new Float64Array(x.cols * x.cols);
  addGram(sum, x, centred ? columnMeans(x) : new Float64Array(x.cols));
  return sum;
}

/** sum [d×d] += Σ_n (x_n − shift)(x_n − shift)ᵀ */
export function addGram(sum: Float64Array, x: Matrix, shift: Float64Array): void {
  const d = x.cols;
  const wide = packedRows(d);
  const packed = new Float64Array(wide * Math.min(CHUNK, x.rows));
  const products = new Float64Array(BLOCK * wide);
  for (let from = 0; from < x.rows; from += CHUNK) {
    const depth = Math.min(CHUNK, x.rows - from);
    packColumns(x, from, depth, shift, packed);
    for (let i0 = 0; i0 < d; i0 += BLOCK) {
      const height = Math.min(BLOCK, wide - i0);
      const columns = packed.subarray(i0 * depth, wide * depth);
      rowProducts(columns, height, columns, wide - i0, depth, products);
      for (let i = i0; i < Math.min(d, i0 + BLOCK); i++) {
        for (let j = i; j < d; j++) sum[i * d + j] += products[(i - i0) * (wide - i0) + j - i0];
      }
    }
  }
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) sum[i * d + j] = sum[j * d + i];
}

function columnMeans({ rows, cols, data }: Matrix): Float64Array {
  const sums = new Float64Array(cols);
  for (let n = 0; n < rows; n++) for (let j = 0; j < cols; j++) sums[j] += data[n * cols + j];
  return sums.map((sum) => sum / Math.max(1, rows));
}

/** Columns of a chunk of rows, less the shift, in panels [panel of columns][depth][PANEL]. */
function packColumns(x: Matrix, from: number, depth: number, shift: Float64Array, out: Float64Array): void {
  const wide = packedRows(x.cols);
  for (let j = 0; j < wide; j++) {
    const at = (j - (j % PANEL)) * depth + (j % PANEL);
    for (let n = 0; n < depth; n++) {
      out[at + n * PANEL] = j < x.cols ? x.data[(from + n) * x.cols + j] - shift[j] : 0;
    }
  }
}

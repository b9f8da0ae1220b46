// Products of the rows of two matrices, all of them, rounded to float32.
//
// out[i][j] = Σ_t a[i][t]·b[j][t], t ascending, in float64: each product of two float32 values is exact there.
// Cost: n·m·k multiply-adds; memory beyond the result: three blocks.
import type { Matrix } from '../../tensor/matrix.js';
import { packedRows, packRows, rowProducts } from './products.js';

/** Rows of A and of B in a block. */
const BLOCK = 64;

/** Rows of A, all of B, and where their products go. */
export interface MultiplyJob {
  readonly a: Matrix;
  readonly b: Matrix;
  /** [a.rows × b.rows] in shared memory */
  readonly out: Float32Array;
}

export function multiply({ a, b, out }: MultiplyJob): void {
  const d = a.cols;
  const packedA = new Float64Array(BLOCK * d);
  const packedB = new Float64Array(BLOCK * d);
  const products = new Float64Array(BLOCK * BLOCK);
  for (let j0 = 0; j0 < b.rows; j0 += BLOCK) {
    const cols = Math.min(BLOCK, b.rows - j0);
    packRows(b.data, j0, cols, d, packedB);
    for (let i0 = 0; i0 < a.rows; i0 += BLOCK) {
      const rows = Math.min(BLOCK, a.rows - i0);
      packRows(a.data, i0, rows, d, packedA);
      const stride = packedRows(cols);
      rowProducts(packedA, packedRows(rows), packedB, stride, d, products);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < cols; j++) out[(i0 + i) * b.rows + j0 + j] = products[i * stride + j];
      }
    }
  }
}

// The rows of the activations on which each feature is strongest.
import type { SparseCodes } from '../../tensor/sparse-codes.js';

/** Rows that are named of a feature. */
const most = 5;

/**
 * Rows with the largest |code| of each feature [F], the largest first, of equal ones the first first.
 * @param stride row n of the codes is row n·stride of the activations
 */
export function exampleRows(codes: SparseCodes, stride = 1): number[][] {
  const best: { readonly row: number; readonly size: number }[][] = Array.from(
    { length: codes.features },
    () => [],
  );
  for (let n = 0; n < codes.rows; n++) {
    for (let e = codes.offsets[n]; e < codes.offsets[n + 1]; e++) {
      const list = best[codes.indices[e]];
      const size = Math.abs(codes.values[e]);
      if (list.length === most && size <= list[most - 1].size) continue;
      const at = list.findIndex((one) => one.size < size);
      list.splice(at < 0 ? list.length : at, 0, { row: n * stride, size });
      if (list.length > most) list.pop();
    }
  }
  return best.map((list) => list.map(({ row }) => row));
}

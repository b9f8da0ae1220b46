// GroupMax: of each block of features that follow each other, only the strongest is kept.
// Source: EleutherAI sparsify, sparse_coder.py (activation "groupmax").
import type { SparseCodes } from '../tensor/sparse-codes.js';

/** Of codes [N×F] above 0, the largest in each of k blocks of F/k features; ties to the lower index. */
export function strongestOfBlocks(codes: SparseCodes, k: number): SparseCodes {
  const width = codes.features / k;
  const kept: number[] = [];
  const offsets = new Int32Array(new SharedArrayBuffer(4 * (codes.rows + 1)));
  for (let n = 0; n < codes.rows; n++) {
    let best = -1;
    for (let e = codes.offsets[n]; e < codes.offsets[n + 1]; e++) {
      const sameBlock = best >= 0 && blockOf(codes.indices[e], width) === blockOf(codes.indices[best], width);
      if (!sameBlock) {
        if (best >= 0) kept.push(best);
        best = e;
      } else if (codes.values[e] > codes.values[best]) best = e;
    }
    if (best >= 0) kept.push(best);
    offsets[n + 1] = kept.length;
  }
  const indices = new Int32Array(new SharedArrayBuffer(4 * kept.length));
  const values = new Float32Array(new SharedArrayBuffer(4 * kept.length));
  kept.forEach((e, at) => {
    indices[at] = codes.indices[e];
    values[at] = codes.values[e];
  });
  return { rows: codes.rows, features: codes.features, offsets, indices, values };
}

function blockOf(feature: number, width: number): number {
  return Math.floor(feature / width);
}

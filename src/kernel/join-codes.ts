// Puts the codes of blocks of rows one under the other.
import { type SparseCodes, sharedFloat32, sharedInt32 } from '../tensor/index.js';

/** Codes [Σ rows × features] of blocks that follow each other, in shared memory. */
export function joinCodes(blocks: readonly SparseCodes[], features: number): SparseCodes {
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
  const nnz = blocks.reduce((sum, block) => sum + block.values.length, 0);
  const offsets = sharedInt32(rows + 1);
  const indices = sharedInt32(nnz);
  const values = sharedFloat32(nnz);
  let row = 0;
  let at = 0;
  for (const block of blocks) {
    indices.set(block.indices, at);
    values.set(block.values, at);
    for (let n = 1; n <= block.rows; n++) offsets[row + n] = at + block.offsets[n];
    row += block.rows;
    at += block.values.length;
  }
  return { rows, features, offsets, indices, values };
}

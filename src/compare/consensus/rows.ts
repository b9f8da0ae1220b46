// Which rows of activations a dictionary is fitted on, and which it is judged on: blocks of neighbours, apart from each other.
//
// Neighbouring rows are often of one text, so rows are held out in blocks: of every five blocks the third. Of large data
// blocks are left out evenly, so that what is read fits into memory.
import { type ActivationRows, rowsOf } from '../../activations/activation-rows.js';
import { takeActivationRows } from '../../activations/chosen-rows.js';
import type { Matrix } from '../../tensor/matrix.js';

export interface SplitRows {
  /** [N₁×d] */
  readonly fit: Matrix;
  /** [N₂×d] */
  readonly heldOut: Matrix;
}

/** Values that are read to fit on, and to judge on, at the most. */
const most = { fit: 2 ** 26, heldOut: 2 ** 22 };

const largestBlock = 64;

/** Rows of either part: none are held out of fewer than ten. */
export function splitOf(
  rows: number,
  cols: number,
): { readonly fit: Int32Array; readonly heldOut: Int32Array } {
  const block = Math.max(1, Math.min(largestBlock, Math.floor(rows / 50)));
  const all = Int32Array.from({ length: rows }, (_, n) => n);
  if (rows < 10) return { fit: all, heldOut: new Int32Array(0) };
  const isHeldOut = (n: number) => Math.floor(n / block) % 5 === 2;
  return {
    fit: thinned(
      all.filter((n) => !isHeldOut(n)),
      block,
      Math.floor(most.fit / cols),
    ),
    heldOut: thinned(all.filter(isHeldOut), block, Math.floor(most.heldOut / cols)),
  };
}

/** Blocks of these rows, evenly from the whole, of so many rows together at the most. */
function thinned(rows: Int32Array, block: number, atMost: number): Int32Array {
  if (rows.length <= atMost) return rows;
  const blocks = Math.floor(rows.length / block);
  const kept = Math.max(1, Math.floor(atMost / block));
  return Int32Array.from(
    Array.from({ length: kept }, (_, b) => Math.floor((b * blocks) / kept) * block).flatMap((from) =>
      Array.from(rows.subarray(from, from + block)),
    ),
  );
}

/** @throws input.file, input.format; internal.cancelled */
export async function splitRows(x: Matrix | ActivationRows, signal?: AbortSignal): Promise<SplitRows> {
  const source = 'read' in x ? x : rowsOf(x);
  const { fit, heldOut } = splitOf(source.rows, source.cols);
  return {
    fit: await takeActivationRows(source, fit, signal),
    heldOut: await takeActivationRows(source, heldOut, signal),
  };
}

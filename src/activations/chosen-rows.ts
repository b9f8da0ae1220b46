// Some of the rows of activations, wherever they lie: read in their order, neighbours together.
import { throwIfCancelled } from '../errors.js';
import { type Matrix, row, sharedFloat32, zeros } from '../tensor/matrix.js';
import type { ActivationRows } from './activation-rows.js';

/** Values that are read at once at the most, and rows between two that are read to save a second read. */
const mostValues = 2 ** 21;
const gap = 32;

/**
 * Calls `visit` with each of these rows [d], which holds only for that call.
 * @param rows ascending
 * @throws input.shape when there are no such rows; input.format; input.file; internal.cancelled
 */
export async function eachChosenRow(
  x: ActivationRows,
  rows: ArrayLike<number>,
  visit: (n: number, values: Float32Array) => void,
  signal?: AbortSignal,
): Promise<void> {
  const most = Math.max(1, Math.floor(mostValues / Math.max(1, x.cols)));
  let storage: Float32Array = new Float32Array(0);
  for (let i = 0; i < rows.length; ) {
    throwIfCancelled(signal);
    const from = rows[i];
    let end = i + 1;
    while (end < rows.length && rows[end] < from + most && rows[end] - rows[end - 1] <= gap) end++;
    const to = rows[end - 1] + 1;
    const length = (to - from) * x.cols;
    if (storage.length < length) storage = sharedFloat32(Math.min(most * x.cols, 2 * length));
    const block = await x.read(from, to, storage.subarray(0, length));
    for (; i < end; i++) visit(rows[i], row(block, rows[i] - from));
  }
}

/** These rows, copied. @param rows ascending @throws as `eachChosenRow` */
export async function takeActivationRows(
  x: ActivationRows,
  rows: ArrayLike<number>,
  signal?: AbortSignal,
): Promise<Matrix> {
  const out = zeros(rows.length, x.cols);
  let at = 0;
  const copy = (_: number, values: Float32Array) => {
    out.data.set(values, at);
    at += x.cols;
  };
  await eachChosenRow(x, rows, copy, signal);
  return out;
}

/** A multiple of what sums over rows come in (kernel/interface.ts). */
const blockRows = 1024;

/**
 * Calls `use` with these rows of each source, copied, block after block of 1024 of them.
 * @param rows ascending @throws as `eachChosenRow`
 */
export async function eachBlockOfRows(
  rows: Int32Array,
  sources: readonly ActivationRows[],
  { signal }: { readonly signal?: AbortSignal },
  use: (blocks: readonly Matrix[], chosen: Int32Array) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < rows.length; from += blockRows) {
    const chosen = rows.subarray(from, from + blockRows);
    const blocks: Matrix[] = [];
    for (const source of sources) blocks.push(await takeActivationRows(source, chosen, signal));
    await use(blocks, chosen);
  }
}

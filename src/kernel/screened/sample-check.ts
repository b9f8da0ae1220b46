// Computes some rows of what a screen found once more without it: a device that computes wrongly must not go unseen.
import { ReseedError } from '../../errors.js';
import { type Matrix, Rng, type SparseCodes, sharedInt32, zeros } from '../../tensor/index.js';
import { sharedFloat64 } from '../assign.js';
import type { AssignmentSteps, ColumnLists, RowPairs } from '../assignment.js';
import type { BestMatches, Kernel } from '../interface.js';
import type { EncodeOptions, TopKWeights } from '../top-k.js';
import type { WorkOptions } from '../work-options.js';

/** Rows of each result that are computed again. */
const SAMPLE = 4;

/** @throws internal.kernel unless the partners of some rows of A are those that the kernel finds */
export async function checkMatches(
  kernel: Kernel,
  { aToB }: BestMatches,
  a: Matrix,
  b: Matrix,
  options?: WorkOptions,
): Promise<void> {
  const rows = sampleOf(a.rows);
  const again = await kernel.bestMatches(rowsOf(a, rows), b, options);
  for (const sign of ['signed', 'abs'] as const) {
    for (const key of ['index', 'value', 'secondIndex', 'secondValue'] as const) {
      const own = again.aToB[sign][key];
      rows.forEach((i, s) => {
        requireEqual([aToB[sign][key][i]], [own[s]], i);
      });
    }
  }
}

/** @throws internal.kernel unless the codes of some rows of X are those that the kernel gives */
export async function checkCodes(
  kernel: Kernel,
  codes: SparseCodes,
  weights: TopKWeights,
  x: Matrix,
  encode: EncodeOptions,
  options?: WorkOptions,
): Promise<void> {
  const rows = sampleOf(x.rows);
  const again = await kernel.encodeTopK(weights, rowsOf(x, rows), encode, options);
  rows.forEach((n, s) => {
    for (const key of ['indices', 'values'] as const) {
      const own = codes[key].subarray(codes.offsets[n], codes.offsets[n + 1]);
      requireEqual(own, again[key].subarray(again.offsets[s], again.offsets[s + 1]), n);
    }
  });
}

/** @throws internal.kernel unless the lists of some rows hold columns worth as much as those that these steps find */
export async function checkLists(
  steps: AssignmentSteps,
  pairs: RowPairs,
  price: Float64Array,
  { m, index, value }: ColumnLists,
  signal?: AbortSignal,
): Promise<void> {
  for (const i of sampleOf(pairs.a.rows)) {
    const own = { m, index: sharedInt32(m), value: sharedFloat64(m) };
    await steps.topMatches({ ...pairs, a: rowsOf(pairs.a, [i]) }, price, own, signal);
    // A row alone counts its columns from elsewhere, so among equals it may list others.
    const worth = (lists: { index: Int32Array; value: Float64Array }, at: number) =>
      Array.from({ length: m }, (_, s) => lists.value[at + s] - price[lists.index[at + s]]);
    requireEqual(worth({ index, value }, i * m), worth(own, 0), i);
  }
}

/** Some of n rows, the same ones each time. */
function sampleOf(n: number): number[] {
  const rng = new Rng(n, 'screened sample');
  return Array.from({ length: Math.min(n, SAMPLE) }, () => rng.below(n));
}

function rowsOf(m: Matrix, rows: readonly number[]): Matrix {
  const out = zeros(rows.length, m.cols);
  rows.forEach((i, s) => {
    out.data.set(m.data.subarray(i * m.cols, (i + 1) * m.cols), s * m.cols);
  });
  return out;
}

function requireEqual(found: ArrayLike<number>, expected: ArrayLike<number>, row: number): void {
  const same = found.length === expected.length && Array.from(found).every((v, s) => v === expected[s]);
  if (!same) throw new ReseedError('internal.kernel', `a wrong result at row ${row}`);
}

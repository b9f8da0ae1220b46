// The best m columns of each row by value less a price: candidate lists, and the pass that proves a bound.
//
// Cost: 2·f·g·d flops; memory: B packed in float64, and one strip of values.
import type { ColumnLists, RowPairs } from '../assignment.js';
import { laneProducts, packedRows, packLanes } from './products.js';
import { TopList } from './top-list.js';

const STRIP = 8;

export interface TopMatchesJob {
  readonly pairs: RowPairs;
  /** [g] subtracted from values to rank columns */
  readonly price: Float64Array;
  /** Filled for the rows of this job. */
  readonly lists: ColumnLists;
  readonly from: number;
  readonly to: number;
}

/** Fills the lists of A's rows `from … to)`. */
export function topMatchRows({ pairs, price, lists, from, to }: TopMatchesJob): void {
  if (lists.m === 0) return;
  const top = new TopList(lists.m);
  const g = pairs.b.rows;
  eachRow(pairs, from, to, (strip, at, i) => {
    top.select(strip, at, price, g, lists.index, lists.value, i * lists.m);
  });
}

/** Calls `take` with the g values of each row `from … to)`, which stand in `strip` from `at` on. */
export function eachRow(
  { a, b, absolute }: RowPairs,
  from: number,
  to: number,
  take: (strip: Float64Array, at: number, row: number) => void,
): void {
  const d = a.cols;
  const wide = packedRows(b.rows);
  const packedB = new Float64Array(wide * d);
  packLanes(b.data, 0, b.rows, d, packedB);
  const packedA = new Float64Array(STRIP * d);
  const strip = new Float64Array(STRIP * wide);
  for (let i0 = from; i0 < to; i0 += STRIP) {
    const height = Math.min(STRIP, to - i0);
    packLanes(a.data, i0, height, d, packedA);
    laneProducts(packedA, packedRows(height), packedB, wide, d, strip);
    if (absolute) for (let e = 0; e < strip.length; e++) strip[e] = Math.abs(strip[e]);
    for (let r = 0; r < height; r++) take(strip, r * wide, i0 + r);
  }
}

// The best m columns of each row by value less a price: candidate lists, and the pass that proves a bound.
//
// Cost: 2·f·g·d flops for directions, N·k_a·k_b multiply-adds and f·g divisions for codes. Memory: B packed in
// float64, and one strip of values.
import { columnsOf } from '../assign.js';
import type { ColumnLists, Pairs } from '../assignment.js';
import { eachRow } from './pair-values.js';
import { firstChoice, TopList } from './top-list.js';

export interface TopMatchesJob {
  readonly pairs: Pairs;
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
  const f = pairs.a.rows;
  const g = columnsOf(pairs);
  eachRow(pairs, from, to, (strip, at, i) => {
    top.select(strip, at, price, g, firstChoice(i, f, g), lists.index, lists.value, i * lists.m);
  });
}

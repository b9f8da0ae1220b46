// features.parquet in memory: a typed array a column, and the runs of rows of one SAE seen in one other.
import type { Column } from './columns.js';

export type Values = Float64Array | Int32Array | Uint8Array;

/** Rows [start, end) of the features of `sae` seen in `other`; features ascend. */
export interface Block {
  readonly group: string;
  readonly sae: string;
  readonly other: string;
  readonly start: number;
  readonly end: number;
}

export interface FeatureTable {
  readonly rows: number;
  readonly blocks: readonly Block[];
  /** By the id of the column. Absent numbers are NaN, absent indices −1. */
  readonly columns: Map<string, Values>;
}

/** An array for a column of the file. */
export function emptyColumn({ kind }: Column, rows: number): Values {
  if (kind === 'index') return new Int32Array(rows).fill(-1);
  if (kind === 'boolean') return new Uint8Array(rows);
  return new Float64Array(rows).fill(Number.NaN);
}

export function numbers(table: FeatureTable, id: string): Float64Array | undefined {
  return table.columns.get(id) as Float64Array | undefined;
}

/** The block that holds a row. */
export function blockOf({ blocks }: Pick<FeatureTable, 'blocks'>, row: number): Block {
  let [low, high] = [0, blocks.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (blocks[middle].start <= row) low = middle;
    else high = middle - 1;
  }
  return blocks[low];
}

/** Row of a feature in a block; undefined where it has no direction. */
export function rowIn(table: FeatureTable, block: Block, feature: number): number | undefined {
  const index = table.columns.get('feature') as Int32Array;
  let [low, high] = [block.start, block.end - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (index[middle] === feature) return middle;
    if (index[middle] < feature) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

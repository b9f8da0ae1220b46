// Which rows fulfil a filter: one pass a condition over typed arrays, and none over blocks that a name leaves out.
//
// The loops have no branches: which rows fulfil a condition is nothing that a processor can guess. Number(a < b) is compiled
// to none, as (a < b ? 1 : 0) is not: 3 ms against 15 for 2.6 million rows.
import type { Class } from './columns.js';
import type { Block, FeatureTable } from './feature-table.js';
import type { Term } from './filter.js';
import { type Interval, intervalsOf } from './intervals.js';

export interface Match {
  /** [rows] 1 where a row fulfils all terms. */
  readonly mask: Uint8Array;
  /** Blocks in which there may be some. */
  readonly blocks: readonly Block[];
}

/** Whether it matters where the cut is. */
export function dependsOnCut(terms: readonly Term[]): boolean {
  return terms.some(({ of }) => of === 'class');
}

/**
 * Rows of one group. A name matches an SAE by its id, or by the end of it behind a dot. A column that is not there
 * matches nothing.
 * @param into [rows] used again for the mask
 */
export function matchRows(
  table: FeatureTable,
  group: string,
  terms: readonly Term[],
  cut: number,
  into: Uint8Array = new Uint8Array(table.rows),
): Match {
  into.fill(0);
  const blocks = table.blocks.filter(
    (block) =>
      block.group === group &&
      terms.every((term) => term.of !== 'name' || isNamed(block[term.column], term.value)),
  );
  const intervals = intervalsOf(terms);
  for (const { start, end } of blocks) {
    into.fill(1, start, end);
    for (const interval of intervals) keepWithin(table, interval, start, end, into);
    for (const term of terms) {
      if (term.of === 'class') keepClass(table, term.value, cut, start, end, into);
    }
  }
  return { mask: into, blocks };
}

export function isNamed(id: string, name: string): boolean {
  return id === name || id.endsWith(`.${name}`);
}

/** NaN is in no interval. */
function keepWithin(
  table: FeatureTable,
  { column, magnitude, low, high }: Interval,
  start: number,
  end: number,
  mask: Uint8Array,
): void {
  const values = table.columns.get(column);
  if (!values) mask.fill(0, start, end);
  else if (magnitude) {
    for (let i = start; i < end; i++) {
      const v = Math.abs(values[i]);
      mask[i] &= Number(v >= low) & Number(v <= high);
    }
  } else {
    for (let i = start; i < end; i++) mask[i] &= Number(values[i] >= low) & Number(values[i] <= high);
  }
}

function keepClass(
  table: FeatureTable,
  value: Class | 'any',
  cut: number,
  start: number,
  end: number,
  mask: Uint8Array,
): void {
  const cosine = table.columns.get('cosine') as Float64Array;
  const mutual = table.columns.get('mutual') as Uint8Array;
  // A row is kept that has a partner at the cut, or has none; then that is mutual, or is not.
  const found = value === 'none' ? 0 : 1;
  for (let i = start; i < end; i++) mask[i] &= Number(Math.abs(cosine[i]) >= cut) ^ (1 - found);
  if (value !== 'mutual' && value !== 'one-sided') return;
  const other = value === 'mutual' ? 0 : 1;
  for (let i = start; i < end; i++) mask[i] &= mutual[i] ^ other;
}

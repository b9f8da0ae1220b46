// Which rows fulfil a filter: a set of rows for each condition, and what all of them have in common.
//
// The loops have no branches: which rows fulfil a condition is nothing that a processor can guess. Number(a < b) is compiled
// to none, as (a < b ? 1 : 0) is not.
import { keep, noBits, setRange } from './bits.js';
import type { Block, FeatureTable, Values } from './feature-table.js';
import type { Term } from './filter.js';
import { type Interval, intervalsOf } from './intervals.js';

export interface Match {
  /** [rows / 32] Those that fulfil all terms. */
  readonly rows: Uint32Array;
  /** Blocks in which there may be some. */
  readonly blocks: readonly Block[];
}

/** Conditions whose rows are remembered: while one is dragged or typed the others stay as they are. */
const mostRemembered = 12;

/** Whether it matters where the cut is. */
export function dependsOnCut(terms: readonly Term[]): boolean {
  return terms.some(({ of }) => of === 'class');
}

export function isNamed(id: string, name: string): boolean {
  return id === name || id.endsWith(`.${name}`);
}

export class Matcher {
  /** The one used last is the last. */
  readonly #remembered = new Map<string, Uint32Array>();

  constructor(private readonly table: FeatureTable) {}

  /**
   * Rows of one group. A name matches an SAE by its id, or by the end of it behind a dot. A column that is not there
   * matches nothing.
   */
  match(group: string, terms: readonly Term[], cut: number): Match {
    const blocks = this.table.blocks.filter(
      (block) =>
        block.group === group &&
        terms.every((term) => term.of !== 'name' || isNamed(block[term.column], term.value)),
    );
    const rows = noBits(this.table.rows);
    for (const { start, end } of blocks) setRange(rows, start, end);
    for (const interval of intervalsOf(terms)) keep(rows, this.#within(interval), true);
    for (const term of terms) {
      if (term.of !== 'class') continue;
      // A row is kept that has a partner at the cut, or has none; then that is mutual, or is not.
      keep(rows, this.atCut(cut), term.value !== 'none');
      if (term.value === 'mutual' || term.value === 'one-sided')
        keep(rows, this.mutual(), term.value === 'mutual');
    }
    return { rows, blocks };
  }

  /** Rows whose |cosine| is at the cut or above. */
  atCut(cut: number): Uint32Array {
    return this.#within({ column: 'cosine', magnitude: true, low: cut, high: Number.POSITIVE_INFINITY });
  }

  /** Rows of features that are their partner's best, too. */
  mutual(): Uint32Array {
    return this.#within({ column: 'mutual', magnitude: false, low: 1, high: 1 });
  }

  #within({ column, magnitude, low, high }: Interval): Uint32Array {
    const values = this.table.columns.get(column);
    // It may still come in.
    if (!values) return noBits(this.table.rows);
    const key = [column, magnitude, low, high].join();
    const rows = this.#remembered.get(key) ?? rowsWithin(values, magnitude, low, high);
    this.#remembered.delete(key);
    this.#remembered.set(key, rows);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= mostRemembered) break;
      this.#remembered.delete(oldest);
    }
    return rows;
  }
}

/** low ≤ v ≤ high, or low ≤ |v| ≤ high; NaN is in no interval. */
function rowsWithin(values: Values, magnitude: boolean, low: number, high: number): Uint32Array {
  const rows = noBits(values.length);
  // Of indices, −1 is no value.
  if (values instanceof Int32Array) fillOf(values, Math.max(0, low), high, rows);
  else if (values instanceof Uint8Array) fillOf(values, low, high, rows);
  else if (magnitude) fillOfMagnitudes(values, low, high, rows);
  else fillOfFloats(values, low, high, rows);
  return rows;
}

// Three times the same loop: one that meets several kinds of arrays takes several times as long.

function fillOfFloats(values: Float64Array, low: number, high: number, rows: Uint32Array): void {
  for (let w = 0, i = 0; i < values.length; w++) {
    let word = 0;
    for (const end = Math.min(values.length, i + 32); i < end; i++) {
      word |= (Number(values[i] >= low) & Number(values[i] <= high)) << i;
    }
    rows[w] = word;
  }
}

function fillOfMagnitudes(values: Float64Array, low: number, high: number, rows: Uint32Array): void {
  for (let w = 0, i = 0; i < values.length; w++) {
    let word = 0;
    for (const end = Math.min(values.length, i + 32); i < end; i++) {
      const v = Math.abs(values[i]);
      word |= (Number(v >= low) & Number(v <= high)) << i;
    }
    rows[w] = word;
  }
}

function fillOf(values: Values, low: number, high: number, rows: Uint32Array): void {
  for (let w = 0, i = 0; i < values.length; w++) {
    let word = 0;
    for (const end = Math.min(values.length, i + 32); i < end; i++) {
      word |= (Number(values[i] >= low) & Number(values[i] <= high)) << i;
    }
    rows[w] = word;
  }
}

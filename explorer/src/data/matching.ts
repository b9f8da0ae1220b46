// Which rows fulfil a filter: one pass a term over typed arrays, and none over blocks that a name leaves out.
import { classes } from './columns.js';
import type { Block, FeatureTable, Values } from './feature-table.js';
import type { Term } from './filter.js';

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
  for (const block of blocks) {
    into.fill(1, block.start, block.end);
    for (const term of terms) keep(table, block, term, cut, into);
  }
  return { mask: into, blocks };
}

export function isNamed(id: string, name: string): boolean {
  return id === name || id.endsWith(`.${name}`);
}

function keep(table: FeatureTable, { start, end }: Block, term: Term, cut: number, mask: Uint8Array): void {
  if (term.of === 'name') return;
  if (term.of === 'class') {
    const cosine = table.columns.get('cosine') as Float64Array;
    const mutual = table.columns.get('mutual') as Uint8Array;
    const wanted = classes.indexOf(term.value as 'none');
    for (let i = start; i < end; i++) {
      const found = Math.abs(cosine[i]) >= cut ? 1 + mutual[i] : 0;
      if (wanted < 0 ? found === 0 : found !== wanted) mask[i] = 0;
    }
    return;
  }
  const values = table.columns.get(term.column === 'abs' ? 'cosine' : term.column);
  if (!values) mask.fill(0, start, end);
  else if (term.of === 'boolean') compare(values, '=', term.value ? 1 : 0, false, start, end, mask);
  else compare(values, term.op, term.value, term.column === 'abs', start, end, mask);
}

/** NaN fulfils nothing. One loop for each comparison, so that none is chosen row by row. */
function compare(
  values: Values,
  op: string,
  value: number,
  magnitude: boolean,
  start: number,
  end: number,
  mask: Uint8Array,
): void {
  if (magnitude) {
    // |v| ≥ x as v ≥ x or v ≤ −x, and so on.
    for (let i = start; i < end; i++) {
      const v = Math.abs(values[i]);
      const holds =
        op === '<'
          ? v < value
          : op === '<='
            ? v <= value
            : op === '>'
              ? v > value
              : op === '>='
                ? v >= value
                : v === value;
      if (!holds) mask[i] = 0;
    }
  } else if (op === '<') for (let i = start; i < end; i++) mask[i] &= values[i] < value ? 1 : 0;
  else if (op === '<=') for (let i = start; i < end; i++) mask[i] &= values[i] <= value ? 1 : 0;
  else if (op === '>') for (let i = start; i < end; i++) mask[i] &= values[i] > value ? 1 : 0;
  else if (op === '>=') for (let i = start; i < end; i++) mask[i] &= values[i] >= value ? 1 : 0;
  else for (let i = start; i < end; i++) mask[i] &= values[i] === value ? 1 : 0;
}

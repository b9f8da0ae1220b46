// Values of single rows, as the table shows them and as they are exported.
import { type Class, classes, columnNamed } from './columns.js';
import { blockOf, type FeatureTable } from './feature-table.js';

export type Cell = number | boolean | string | undefined;

/** Undefined where the value is absent, or its column not read yet. @param cut for the class of the partner */
export function valueAt(table: FeatureTable, id: string, row: number, cut = 0): Cell {
  if (id === 'sae' || id === 'other' || id === 'group') return blockOf(table, row)[id];
  const cosine = table.columns.get('cosine') as Float64Array;
  if (id === 'abs') return Math.abs(cosine[row]);
  if (id === 'class') return classAt(table, row, cut);
  const value = table.columns.get(id)?.[row];
  if (value === undefined || Number.isNaN(value)) return undefined;
  const kind = columnNamed(id)?.kind;
  if (kind === 'boolean') return value === 1;
  return kind === 'index' && value < 0 ? undefined : value;
}

function classAt(table: FeatureTable, row: number, cut: number): Class {
  const cosine = table.columns.get('cosine') as Float64Array;
  const mutual = table.columns.get('mutual') as Uint8Array;
  return Math.abs(cosine[row]) >= cut ? classes[1 + mutual[row]] : 'none';
}

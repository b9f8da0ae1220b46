// How a value of a table is written.
import type { Column } from '../data/columns.js';
import type { Cell } from '../data/rows.js';
import { plain, score } from './format.js';

/** @param name what to call an SAE by its id */
export function cellText({ kind, digits }: Column, value: Cell, name: (id: string) => string): string {
  if (value === undefined) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (kind === 'name') return name(String(value));
  if (kind === 'index') return String(value);
  if (typeof value === 'number') return digits === undefined ? plain(value) : score(value, digits);
  return value;
}

// Sorts rows by a column: a radix sort of float64 keys, 16 bits at a time, so that millions of rows take tenths of a second.
import type { FeatureTable, Values } from './feature-table.js';

export interface Order {
  /** [rows] all rows by their values, ascending; those without a value last. */
  readonly rows: Uint32Array;
  /** How many have a value. */
  readonly known: number;
}

const digit = 2 ** 16;

/** Equal values stay in the order of the file. @param values [n] */
export function orderOf(values: Values): Order {
  const n = values.length;
  const keys = Float64Array.from(values);
  const bits = new Uint32Array(keys.buffer);
  let known = 0;
  for (let i = 0; i < n; i++) if (!Number.isNaN(keys[i])) known++;
  // Bits of positive numbers sort as they are, those of negative ones turned round; NaN comes behind all.
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(keys[i])) {
      bits[2 * i] = 0xffffffff;
      bits[2 * i + 1] = 0xffffffff;
    } else if (bits[2 * i + 1] >>> 31) {
      bits[2 * i] = ~bits[2 * i];
      bits[2 * i + 1] = ~bits[2 * i + 1];
    } else bits[2 * i + 1] |= 0x80000000;
  }
  const digits = new Uint16Array(keys.buffer);
  let from = new Uint32Array(n);
  let to = new Uint32Array(n);
  for (let i = 0; i < n; i++) from[i] = i;
  for (let place = 0; place < 4; place++) {
    const counts = new Uint32Array(digit);
    for (let i = 0; i < n; i++) counts[digits[4 * i + place]]++;
    if (n === 0 || counts[digits[place]] === n) continue;
    let at = 0;
    for (let d = 0; d < digit; d++) {
      const many = counts[d];
      counts[d] = at;
      at += many;
    }
    for (let i = 0; i < n; i++) to[counts[digits[4 * from[i] + place]]++] = from[i];
    [from, to] = [to, from];
  }
  return { rows: from, known };
}

/** What a column sorts by. Names go by the order in which the file has them. */
export function sortKeys(table: FeatureTable, column: string, cut: number): Values | undefined {
  const cosine = table.columns.get('cosine') as Float64Array;
  if (column === 'abs') return cosine.map(Math.abs);
  if (column === 'class') {
    const mutual = table.columns.get('mutual') as Uint8Array;
    return mutual.map((one, i) => (Math.abs(cosine[i]) >= cut ? 1 + one : 0));
  }
  if (column === 'sae' || column === 'other') {
    const names = [...new Set(table.blocks.map((block) => block[column]))];
    const codes = new Int32Array(table.rows);
    for (const block of table.blocks) codes.fill(names.indexOf(block[column]), block.start, block.end);
    return codes;
  }
  const values = table.columns.get(column);
  // Of indices, −1 is no value.
  return (column === 'assigned' || column === 'family') && values
    ? Float64Array.from(values, (value) => (value < 0 ? Number.NaN : value))
    : values;
}

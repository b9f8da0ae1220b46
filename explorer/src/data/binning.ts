// Puts every row into a cell of firing rate × |cosine| once, so that histograms and densities are counts of cells.
import type { FeatureTable } from './feature-table.js';

/** Bins of |cosine|, of equal width from 0 to 1. */
export const cosineBins = 200;

/** Columns of cells: one for rows at 0, then bins of equal width of the logarithm. */
export const rateBins = 96;

export interface Binning {
  /** [rows] bin of the rate · `cosineBins` + bin of |cosine| */
  readonly cells: Uint16Array;
  /** The column across: how often features fire, or how long they are where that is not known. */
  readonly across: 'firing_rate' | 'norm';
  /** log10 of the smallest and of the largest, at whole decades. */
  readonly low: number;
  readonly high: number;
}

export function binRows(table: FeatureTable): Binning {
  const across = table.columns.has('firing_rate') ? 'firing_rate' : 'norm';
  const values = table.columns.get(across) as Float64Array;
  const cosine = table.columns.get('cosine') as Float64Array;
  const { low, high } = decades(values);
  const scale = (rateBins - 1) / (high - low);
  const cells = new Uint16Array(table.rows);
  // The values across are the same in each row of a feature, and the logarithm is slow: the last one is remembered.
  for (let i = 0; i < table.rows; i++) {
    const y = Math.min(cosineBins - 1, (Math.abs(cosine[i]) * cosineBins) | 0);
    const value = values[i];
    const x =
      value > 0 ? 1 + Math.max(0, Math.min(rateBins - 2, ((Math.log10(value) - low) * scale) | 0)) : 0;
    cells[i] = x * cosineBins + y;
  }
  return { cells, across, low, high };
}

function decades(values: Float64Array): { low: number; high: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const value of values) {
    if (value > 0 && value < least) least = value;
    if (value > most) most = value;
  }
  if (most === 0) return { low: -1, high: 0 };
  // Rounding must not put 1 into the next decade.
  const high = Math.ceil(Math.log10(most) - 1e-9);
  return { low: Math.min(high - 1, Math.floor(Math.log10(least) + 1e-9)), high };
}

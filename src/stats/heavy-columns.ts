// Columns whose spread is of another size than that of the others: a few with ten times the SD of the median column, or more.
//
// Residual streams have such dimensions at all tokens: Kovaleva et al., "BERT busters: outlier dimensions that disrupt
// transformers" (2021); Timkey and van Schijndel, "All bark and no bite: rogue dimensions in transformer language models obscure
// representational quality" (2021).
import { median } from './summary.js';

/** Times the median SD. Columns of one kind differ by a factor of two or three. */
const heavyTimes = 10;

/** More of them are no exception; of a few columns one can be. */
const mostShare = 0.05;

export interface HeavyColumns {
  /** Ascending. */
  readonly columns: Int32Array;
  /** Their share of the sum of all spreads. */
  readonly share: number;
}

/** Undefined where there are none, or too many. @param spreads [d] Σ(x − x̄)² of each column */
export function heavyColumns(spreads: Float64Array): HeavyColumns | undefined {
  const usual = median(spreads);
  if (usual === 0) return undefined;
  const columns = Int32Array.from(spreads.keys()).filter((j) => spreads[j] >= heavyTimes ** 2 * usual);
  if (columns.length === 0 || columns.length > Math.max(1, mostShare * spreads.length)) return undefined;
  const sum = (of: Float64Array) => of.reduce((total, spread) => total + spread, 0);
  return { columns, share: sum(Float64Array.from(columns, (j) => spreads[j])) / sum(spreads) };
}

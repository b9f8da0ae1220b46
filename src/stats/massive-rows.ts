// Rows that are of another size than the others: a few that lie ten times as far from the middle, or farther.
//
// "Massive" after Sun et al., "Massive activations in large language models" (2024), who found them at first tokens and
// separators of nearly every model; here it is the whole row that counts, since which coordinates are large changes nothing.
import { Rng } from '../tensor/rng.js';
import { median } from './summary.js';

/** Times the median distance. Rows of one kind of text differ by a factor of two or three. */
export const massiveTimes = 10;

/** More of them are no exception but a second kind of row. */
const mostShare = 0.05;

/** Rows whose sizes stand for all: their median is known to 1 %. */
const sample = 2 ** 14;

export interface MassiveRows {
  /** Ascending. */
  readonly rows: Int32Array;
  /** How many times as far from the middle as the median row they are, by their median. */
  readonly times: number;
}

/**
 * Undefined where there are none, or where they are too many to be an exception.
 * @param sizes [rows] squared distances from a point near the mean
 * @param distinct rows of which none is a copy of another: copies, as of padding, say nothing about what is usual
 */
export function massiveRows(sizes: Float64Array, distinct: Int32Array): MassiveRows | undefined {
  const usual = usualSize(sizes, distinct);
  const bound = massiveTimes ** 2 * usual;
  if (usual === 0) return undefined;
  const most = mostShare * sizes.length;
  const rows: number[] = [];
  for (let n = 0; n < sizes.length && rows.length <= most; n++) if (sizes[n] > bound) rows.push(n);
  if (rows.length === 0 || rows.length > most) return undefined;
  return { rows: Int32Array.from(rows), times: Math.sqrt(median(rows.map((n) => sizes[n])) / usual) };
}

/** Median over rows drawn at random: evenly spaced ones could all be first tokens of contexts. */
function usualSize(sizes: Float64Array, distinct: Int32Array): number {
  if (distinct.length <= sample) return median(Float64Array.from(distinct, (n) => sizes[n]));
  const rng = new Rng(0, 'massive-rows');
  return median(Float64Array.from({ length: sample }, () => sizes[distinct[rng.below(distinct.length)]]));
}

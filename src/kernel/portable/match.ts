// Best matches between rows: all products, tile by tile; only the best two per row and column are kept.
//
// Cost: 2·F·G·d flops; memory: B packed in float64, and one strip of products.
import type { Best, BestMatches } from '../interface.js';
import { emptyBest, offer } from './best.js';
import { laneProducts, packedRows, packLanes } from './products.js';

const STRIP = 8;

export interface MatchJob {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly d: number;
  /** Rows of B. */
  readonly g: number;
  /** The part of A's rows that this job takes. */
  readonly from: number;
  readonly to: number;
}

/** Partners of A's rows `from … to)` among all of B, and of B's rows among those rows of A. */
export function matchRows({ a, b, d, g, from, to }: MatchJob): BestMatches {
  const n = to - from;
  const rows = { signed: emptyBest(n), abs: emptyBest(n) };
  const cols = { signed: emptyBest(g), abs: emptyBest(g) };
  const wide = packedRows(g);
  const packedB = new Float64Array(wide * d);
  packLanes(b, 0, g, d, packedB);
  const packedA = new Float64Array(STRIP * d);
  const strip = new Float64Array(STRIP * wide);
  for (let i0 = from; i0 < to; i0 += STRIP) {
    const height = Math.min(STRIP, to - i0);
    packLanes(a, i0, height, d, packedA);
    laneProducts(packedA, packedRows(height), packedB, wide, d, strip);
    for (let r = 0; r < height; r++) offerRow(strip, r * wide, g, i0 + r, i0 + r - from, rows, cols);
  }
  return { aToB: rows, bToA: cols };
}

/** Offers one row of products to the row's own table (at `own`) and to every column's. */
export function offerRow(
  values: Float64Array,
  at: number,
  g: number,
  row: number,
  own: number,
  rows: { signed: Best; abs: Best },
  cols: { signed: Best; abs: Best },
): void {
  for (let j = 0; j < g; j++) {
    const value = values[at + j];
    const size = Math.abs(value);
    offer(rows.signed, own, j, value);
    offer(rows.abs, own, j, size);
    offer(cols.signed, j, row, value);
    offer(cols.abs, j, row, size);
  }
}

// The values of pairs that are to be assigned, row by row: products of directions, or cosines of code columns.
import { columnsOf } from '../assign.js';
import type { CodePairs, Pairs, RowPairs } from '../assignment.js';
import { addCoFiring } from './co-firing.js';
import { productsWithRows } from './combine.js';
import { laneProducts, packedRows, packLanes } from './products.js';

const STRIP = 8;

/** Calls `take` with the g values of each row `from … to)`, which stand in `strip` from `at` on. */
export function eachRow(
  pairs: Pairs,
  from: number,
  to: number,
  take: (strip: Float64Array, at: number, row: number) => void,
): void {
  if (pairs.kind === 'rows') {
    eachStrip(pairs, from, to, take);
  } else {
    const values = rowValues(pairs);
    for (let i = from; i < to; i++) take(values(i), 0, i);
  }
}

/** A function that computes the g values of one row; they are valid until its next call. */
export function rowValues(pairs: Pairs): (row: number) => Float64Array {
  const out = new Float64Array(columnsOf(pairs));
  const fill = pairs.kind === 'rows' ? products(pairs) : cosines(pairs);
  return (row) => {
    fill(row, out);
    if (pairs.absolute) for (let j = 0; j < out.length; j++) out[j] = Math.abs(out[j]);
    return out;
  };
}

function products({ a, b }: RowPairs) {
  const d = a.cols;
  const columns = Int32Array.from({ length: b.rows }, (_, j) => j);
  return (i: number, out: Float64Array): void => {
    const own = Float64Array.from(a.data.subarray(i * d, (i + 1) * d));
    productsWithRows(out, own, 0, d, columns, 0, columns.length, b.data);
  };
}

function cosines({ a, b, normsA, normsB }: CodePairs) {
  return (i: number, out: Float64Array): void => {
    out.fill(0);
    addCoFiring(out, a, i, b);
    for (let j = 0; j < out.length; j++) out[j] /= normsA[i] * normsB[j];
  };
}

/** As `eachRow`, for rows that are multiplied some at a time. */
function eachStrip(
  { a, b, absolute }: RowPairs,
  from: number,
  to: number,
  take: (strip: Float64Array, at: number, row: number) => void,
): void {
  const d = a.cols;
  const wide = packedRows(b.rows);
  const packedB = new Float64Array(wide * d);
  packLanes(b.data, 0, b.rows, d, packedB);
  const packedA = new Float64Array(STRIP * d);
  const strip = new Float64Array(STRIP * wide);
  for (let i0 = from; i0 < to; i0 += STRIP) {
    const height = Math.min(STRIP, to - i0);
    packLanes(a.data, i0, height, d, packedA);
    laneProducts(packedA, packedRows(height), packedB, wide, d, strip);
    if (absolute) for (let e = 0; e < strip.length; e++) strip[e] = Math.abs(strip[e]);
    for (let r = 0; r < height; r++) take(strip, r * wide, i0 + r);
  }
}

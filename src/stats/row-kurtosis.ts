// How flat the entries of rows are: κ = d·Σv⁴/(Σv²)², which no length changes.
//
// 1.8 for uniform entries, 3d/(d + 2) for a direction without preference among coordinates, more where a few entries are large.
import { type Matrix, row } from '../tensor/matrix.js';

/** κ of a direction without preference in d dimensions, on average. */
export function freeKurtosis(d: number): number {
  return (3 * d) / (d + 2);
}

/** κ of uniform entries, but for terms of 1/d. */
export const uniformKurtosis = 1.8;

/** Mean κ over rows that have a length, about a centre [d] where one is given; undefined where there are none. */
export function rowKurtosis(x: Matrix, centre?: ArrayLike<number>): number | undefined {
  let sum = 0;
  let counted = 0;
  for (let n = 0; n < x.rows; n++) {
    const values = row(x, n);
    let [squares, fourth] = [0, 0];
    for (let j = 0; j < values.length; j++) {
      const square = (values[j] - (centre?.[j] ?? 0)) ** 2;
      squares += square;
      fourth += square * square;
    }
    if (squares === 0) continue;
    sum += (x.cols * fourth) / squares ** 2;
    counted++;
  }
  return counted === 0 ? undefined : sum / counted;
}

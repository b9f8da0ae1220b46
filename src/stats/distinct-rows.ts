// How many rows of a matrix are really different, up to rounding noise.
//
// Two rows are the same when no coordinate differs by more than 1e-4 of the SD over all entries. Such rows lie
// within 1e-4·SD·‖w‖₁ of each other along any direction w, so each row is compared only with the rows that
// fall into its own or a neighbouring cell of that length along one fixed pseudo-random direction.
import { ReseedError } from '../errors.js';
import type { Matrix } from '../tensor/matrix.js';
import { Rng } from '../tensor/rng.js';

/** Largest difference between coordinates of rows that count as the same, in SDs of all entries. */
const tolerance = 1e-4;

export interface DistinctRows {
  readonly count: number;
  /** [N] the first row that row n is the same as; its own index if there is none before it */
  readonly representative: Int32Array;
}

/**
 * Distinct rows of X [N×d]. "The same" is not transitive: a row joins the first earlier representative that it
 * is the same as.
 * @throws input.non-finite
 */
export function distinctRows(x: Matrix): DistinctRows {
  const apart = tolerance * overallSd(x);
  const direction = new Float32Array(x.cols);
  new Rng(0, 'distinct-rows').fillNormal(direction);
  // A hair wider than the bound, against rounding of the projections.
  const cell = apart * 1.001 * direction.reduce((sum, w) => sum + Math.abs(w), 0);
  const representative = new Int32Array(x.rows);
  const cells = new Map<number, number[]>();
  let count = 0;
  for (let n = 0; n < x.rows; n++) {
    const at = cell > 0 ? Math.floor(project(x, n, direction) / cell) : 0;
    let first = n;
    for (const near of [at - 1, at, at + 1]) {
      const same = cells.get(near)?.find((leader) => sameRow(x, leader, n, apart));
      if (same !== undefined && same < first) first = same;
    }
    representative[n] = first;
    if (first !== n) continue;
    count++;
    const leaders = cells.get(at);
    if (leaders) leaders.push(n);
    else cells.set(at, [n]);
  }
  return { count, representative };
}

function overallSd({ data, cols }: Matrix): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) {
      throw new ReseedError('input.non-finite', 'rows cannot be told apart', {
        field: `row ${Math.floor(i / cols)}, column ${i % cols}`,
        found: String(data[i]),
        expected: 'a finite number',
      });
    }
    sum += data[i];
  }
  const centre = sum / data.length;
  let squares = 0;
  for (let i = 0; i < data.length; i++) squares += (data[i] - centre) ** 2;
  return data.length === 0 ? 0 : Math.sqrt(squares / data.length);
}

function project({ cols, data }: Matrix, n: number, direction: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < cols; j++) sum += data[n * cols + j] * direction[j];
  return sum;
}

function sameRow({ cols, data }: Matrix, a: number, b: number, apart: number): boolean {
  for (let j = 0; j < cols; j++) {
    if (Math.abs(data[a * cols + j] - data[b * cols + j]) > apart) return false;
  }
  return true;
}

// Rows of an SAE that another of its rows repeats, up to sign.
//
// All pairs at full width take as long as the best matches of two SAEs, and nearly all of them are far from parallel.
// Shorter rows show that. For û, v̂ of length 1 with |û·v̂| > c, and any P with orthonormal rows,
//   ‖Pû ∓ Pv̂‖² ≤ ‖û ∓ v̂‖² < 2 − 2c,
// and ‖a ∓ b‖² ≥ 2‖a‖‖b‖(1 ∓ cos(a, b)), so that
//   |cos(Pû, Pv̂)| > 1 − (1 − c) / (‖Pû‖‖Pv̂‖)   and   ‖Pv̂‖ > ‖Pû‖ − √(2 − 2c).
// A row whose best partner does not reach that has no parallel; the others are held against one another at full width.
// P adds up eight coordinates at a time, with signs drawn by chance: an eighth of the work. Where rows have few large
// coordinates, or many agree in these sums, up to a whole pass is left.
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { type Matrix, normalisedRows, rowNorms, takeRows, zeros } from '../tensor/matrix.js';
import { Rng } from '../tensor/rng.js';

/** Rows with a |cosine| above this are one feature written twice. */
export const parallel = 0.99;

/** Coordinates that are added up to one. */
const together = 8;

/** Shorter rows are compared whole at once. */
const least = 256;

/** What float32 can lose of a cosine, and more. */
const rounding = 1e-5;

/** Rows that are written more than once. */
export interface ParallelRows {
  /** How many rows have a |cosine| above 0.99 with another row. */
  readonly count: number;
  /** Of each such direction all rows but the first, ascending: what is left when every direction is kept once. */
  readonly repeated: Int32Array;
}

/**
 * Near rows are merged with their nearest neighbour, and what is left of them again, until none is near another.
 * @param unit [F × d] rows of length 1 @throws internal.cancelled
 */
export async function parallelRows(unit: Matrix, kernel: Kernel, work: WorkOptions): Promise<ParallelRows> {
  const all = Int32Array.from({ length: unit.rows }, (_, i) => i);
  let left = unit.cols < least ? all : Int32Array.from(await mayHaveParallel(unit, kernel, work));
  let count: number | undefined;
  const repeated: number[] = [];
  while (count === undefined || left.length > 1) {
    const near = await nearestRows(left.length === unit.rows ? unit : takeRows(unit, left), kernel, work);
    const first = firstOfEachGroup(near);
    const twin = (at: number) => near.cosine[at] > parallel;
    count ??= left.filter((_, at) => twin(at)).length;
    for (const [at, row] of left.entries()) if (first[at] === 0) repeated.push(row);
    left = left.filter((_, at) => twin(at) && first[at] === 1);
  }
  return { count, repeated: Int32Array.from(repeated).sort() };
}

interface Nearest {
  /** [F] the other row with the largest |cosine|; any where there is none, whose cosine is 0 */
  readonly index: Int32Array;
  readonly cosine: Float64Array;
}

async function nearestRows(unit: Matrix, kernel: Kernel, work: WorkOptions): Promise<Nearest> {
  if (unit.rows < 2) return { index: new Int32Array(unit.rows), cosine: new Float64Array(unit.rows) };
  // The best partner of a row in its own set is the row itself, or a copy of it; its nearest neighbour is the other of the two best.
  const { aToB } = await kernel.bestMatches(unit, unit, work);
  const { index, secondIndex, secondValue } = aToB.abs;
  return { index: index.map((at, i) => (at === i ? secondIndex[i] : at)), cosine: secondValue };
}

/** [F] 1 for the first row of each group that neighbours link, and for rows without a neighbour. */
function firstOfEachGroup({ index, cosine }: Nearest): Uint8Array {
  const parent = Int32Array.from(index.keys());
  const rootOf = (i: number): number => {
    let root = i;
    while (parent[root] !== root) root = parent[root];
    return root;
  };
  for (let i = 0; i < index.length; i++) {
    if (cosine[i] <= parallel) continue;
    const [a, b] = [rootOf(i), rootOf(index[i])];
    parent[Math.max(a, b)] = Math.min(a, b);
  }
  return Uint8Array.from(parent, (root, i) => (root === i ? 1 : 0));
}

/** Rows that the sums of their coordinates do not show to be without a parallel, ascending. */
async function mayHaveParallel(unit: Matrix, kernel: Kernel, work: WorkOptions): Promise<number[]> {
  const short = shortened(unit);
  const norms = rowNorms(short);
  const directed = Int32Array.from(norms.keys()).filter((i) => norms[i] > 0);
  // Of a row without a length nothing is known: its limit is −∞.
  const nearest = new Float64Array(unit.rows);
  const { cosine } = await nearestRows(normalisedRows(short, directed, norms), kernel, work);
  directed.forEach((i, at) => {
    nearest[i] = cosine[at];
  });
  const shortest = norms.reduce((smallest, norm) => Math.min(smallest, norm), 1);
  return Array.from(norms.keys()).filter((i) => {
    const partner = Math.max(shortest, norms[i] - Math.sqrt(2 - 2 * parallel));
    return nearest[i] > 1 - (1 - parallel) / (norms[i] * partner) - rounding;
  });
}

/** M·Pᵀ: sums of coordinates with signs, scaled so that the rows of P are orthonormal. */
function shortened({ rows, cols, data }: Matrix): Matrix {
  const width = Math.ceil(cols / together);
  const rng = new Rng(0, 'shortened');
  const scale = Float64Array.from({ length: cols }, (_, j) => {
    const group = j % width;
    const size = Math.floor((cols - 1 - group) / width) + 1;
    return (rng.below(2) === 0 ? 1 : -1) / Math.sqrt(size);
  });
  const short = zeros(rows, width);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) short.data[i * width + (j % width)] += scale[j] * data[i * cols + j];
  }
  return short;
}

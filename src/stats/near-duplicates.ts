// Whether rows are copies of a few up to noise: how many clusters they fall into, where they do.
//
// Of all pairs of a sample of rows, squared distances are compared with the distance s of unrelated rows (their third
// quartile). Rows are in clusters where, at some share t ≤ 1/10 of s, many pairs are nearer than t·s and hardly any lie
// between t·s and 3t·s: of a cloud in r dimensions there are 3^{r/2} − 1 times as many between as near. Clusters are counted as
// 1/(share of near pairs), the inverse of Simpson's index: for C clusters of equal size this is C, and rare rows hardly
// change it.
// Source: Simpson, "Measurement of diversity", Nature 163, 1949.
import { type Matrix, row, takeRows } from '../tensor/matrix.js';
import { Rng } from '../tensor/rng.js';
import { Leaders, squaredDistance } from './leaders.js';
import { quantileOfSorted } from './summary.js';

/** Rows of the sample; its pairs are half a million. */
const most = 1024;

/** Rows of which a permutation is drawn; of more it would take seconds, and they are drawn one by one. */
const fewEnough = 2 ** 20;

/** Shares of the distance of unrelated rows, from the coarsest: noise is at most a twentieth of the variance. */
const scales = [0.1, 0.03, 0.01, 0.003, 0.001];

/** How far the gap reaches. */
const reach = 3;

/** Pairs in the gap, as a share of the near ones: a cloud has at least 0.7 times as many, clusters hardly any. */
const gap = 0.1;

/** Rows of a cluster on average, at the least. */
const smallest = 2;

/** Fewer near pairs than this count clusters to worse than a fifth. */
const fewestPairs = 25;

export interface Clusters {
  /** Number of clusters, as 1/P(two rows are of one cluster); not a whole number. */
  readonly count: number;
  /** [C] one row of each cluster, in ascending order */
  readonly rows: Int32Array;
}

/** How clusters were told apart: two rows within the radius are of one. */
export interface ClusterScale {
  /** As in `Clusters`. */
  readonly count: number;
  readonly squaredRadius: number;
}

/**
 * Clusters of the rows of X [N×d] up to noise; undefined where the rows do not fall into clusters.
 * @param rows which rows to look at, each once however often it is repeated
 */
export function nearDuplicates(x: Matrix, rows: ArrayLike<number>): Clusters | undefined {
  const sample = takeRows(x, sampled(rows));
  const scale = clusterScale(pairDistances(sample), rows.length);
  if (!scale) return undefined;
  const leaders = new Leaders(scale.squaredRadius, x.cols);
  const kept = Array.from(rows).filter((n) => leaders.offer(row(x, n)));
  return { count: scale.count, rows: Int32Array.from(kept) };
}

/** At most 1024 of these rows, each once, drawn at random with a fixed seed. */
export function sampled(rows: ArrayLike<number>): Int32Array {
  if (rows.length <= most) return Int32Array.from(rows);
  const rng = new Rng(0, 'near-duplicates');
  if (rows.length <= fewEnough)
    return rng
      .permutation(rows.length)
      .slice(0, most)
      .map((at) => rows[at]);
  const drawn = new Set<number>();
  while (drawn.size < most) drawn.add(rng.below(rows.length));
  return Int32Array.from(drawn, (at) => rows[at]);
}

/**
 * Whether rows fall into clusters, from the squared distances of all pairs of a sample.
 * @param rows how many the sample is of
 */
export function clusterScale(distances: Float64Array, rows: number): ClusterScale | undefined {
  const sorted = distances.slice().sort();
  const unrelated = quantileOfSorted(sorted, 0.75);
  const within = (share: number) => countUpTo(sorted, share * unrelated);
  const scale = scales.find((share) => {
    const near = within(share);
    return near >= fewestPairs && within(reach * share) - near <= gap * near;
  });
  if (unrelated === 0 || scale === undefined) return undefined;
  const count = distances.length / within(scale);
  // A few rows with a twin among many without are no clusters.
  if (count > rows / smallest) return undefined;
  return { count, squaredRadius: scale * unrelated };
}

/** Squared distances of all pairs of rows of X [n×d]. */
export function pairDistances(x: Matrix): Float64Array {
  const out = new Float64Array((x.rows * (x.rows - 1)) / 2);
  addPairDistances(x, 0, x.rows, out);
  return out;
}

/** Those of rows `from … to)` with the rows before them, at their place in `out`. */
export function addPairDistances(x: Matrix, from: number, to: number, out: Float64Array): void {
  const { cols } = x;
  let at = (from * (from - 1)) / 2;
  for (let i = from; i < to; i++) {
    const a = Float64Array.from(row(x, i));
    let j = 0;
    for (; j + 4 <= i; j += 4, at += 4) fourDistances(a, x.data, j * cols, out, at);
    for (; j < i; j++) out[at++] = squaredDistance(a, row(x, j), Number.POSITIVE_INFINITY);
  }
}

/** Squared distances of a row to four that follow each other: one reads it once for all. */
function fourDistances(
  a: Float64Array,
  data: Float32Array,
  from: number,
  out: Float64Array,
  at: number,
): void {
  const d = a.length;
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let j = 0, p = from; j < d; j++, p++) {
    const v = a[j];
    const d0 = v - data[p];
    const d1 = v - data[p + d];
    const d2 = v - data[p + 2 * d];
    const d3 = v - data[p + 3 * d];
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  out[at] = s0;
  out[at + 1] = s1;
  out[at + 2] = s2;
  out[at + 3] = s3;
}

/** Number of entries up to a limit. */
function countUpTo(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Whether rows are copies of a few up to noise: how many clusters they fall into, where they do.
//
// Of all pairs of a sample of rows, squared distances are compared with the distance s of unrelated rows (their third
// quartile). Rows are in clusters where, at some share t ≤ 1/10 of s, many pairs are nearer than t·s and hardly any lie
// between t·s and 3t·s: of a cloud in r dimensions there are 3^{r/2} − 1 times as many between as near. Clusters are counted as
// 1/(share of near pairs), the inverse of Simpson's index: for C clusters of equal size this is C, and rare rows hardly
// change it.
// Source: Simpson, "Measurement of diversity", Nature 163, 1949.
import { type Matrix, row } from '../tensor/matrix.js';
import { Rng } from '../tensor/rng.js';
import { quantile } from './summary.js';

/** Rows of the sample; its pairs are half a million. */
const most = 1024;

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

/**
 * Clusters of the rows of X [N×d] up to noise; undefined where the rows do not fall into clusters.
 * @param rows which rows to look at, each once however often it is repeated
 */
export function nearDuplicates(x: Matrix, rows: ArrayLike<number>): Clusters | undefined {
  const sample = sampled(rows);
  if (sample.length < 3) return undefined;
  const distances = pairDistances(x, sample);
  const unrelated = quantile(distances, 0.75);
  const within = (share: number) => distances.filter((value) => value <= share * unrelated).length;
  const scale = scales.find((share) => {
    const near = within(share);
    return near >= fewestPairs && within(reach * share) - near <= gap * near;
  });
  if (unrelated === 0 || scale === undefined) return undefined;
  const count = distances.length / within(scale);
  // A few rows with a twin among many without are no clusters.
  if (count > rows.length / smallest) return undefined;
  return { count, rows: leaders(x, rows, scale * unrelated) };
}

function sampled(rows: ArrayLike<number>): Int32Array {
  const all = Int32Array.from(rows);
  if (all.length <= most) return all;
  const order = new Rng(0, 'near-duplicates').permutation(all.length);
  return order.subarray(0, most).map((at) => all[at]);
}

function pairDistances(x: Matrix, rows: Int32Array): Float64Array {
  const out = new Float64Array((rows.length * (rows.length - 1)) / 2);
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < i; j++) out[at++] = squaredDistance(x, rows[i], rows[j]);
  }
  return out;
}

/** Rows that are not within the radius of an earlier one that was kept. */
function leaders(x: Matrix, rows: ArrayLike<number>, squaredRadius: number): Int32Array {
  const kept: number[] = [];
  for (let n = 0; n < rows.length; n++) {
    if (!kept.some((leader) => squaredDistance(x, leader, rows[n]) <= squaredRadius)) kept.push(rows[n]);
  }
  return Int32Array.from(kept);
}

function squaredDistance(x: Matrix, a: number, b: number): number {
  const [from, to] = [row(x, a), row(x, b)];
  let sum = 0;
  for (let j = 0; j < from.length; j++) sum += (from[j] - to[j]) ** 2;
  return sum;
}

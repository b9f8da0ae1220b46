// What the tests of assignment share: the portable steps without threads, brute force, and rows to assign.

import { assignLimits } from '../../src/kernel/assign.js';
import type { Assignment, AssignmentSteps } from '../../src/kernel/assignment.js';
import { assignmentJobs, assignmentSteps } from '../../src/kernel/portable/assign.js';
import { type JobOf, perform } from '../../src/kernel/portable/job.js';
import { type Matrix, Rng, unitRows, zeros } from '../../src/tensor/index.js';
import { laneProduct } from './lane-product.js';

/** The portable kernel's steps, done where they are called. */
export const portableSteps: AssignmentSteps = assignmentSteps(
  async <T>(job: JobOf<typeof assignmentJobs>) => perform(assignmentJobs, job) as T,
);

/** Limits under which every problem goes through lists of m candidates. */
export const lists = (m: number, rounds = 6, scans = 4) => ({
  ...assignLimits,
  small: -1,
  candidates: m,
  rounds,
  scans: () => scans,
});

/** All values [F][G], the way a reader would write them. */
export function values(a: Matrix, b: Matrix, absolute: boolean): number[][] {
  return Array.from({ length: a.rows }, (_, i) =>
    Array.from({ length: b.rows }, (_, j) => {
      const value = laneProduct(a, i, b, j);
      return absolute ? Math.abs(value) : value;
    }),
  );
}

/** The largest total by trying everything. */
export function bruteForce(table: readonly (readonly number[])[], cols: number): number {
  if (table.length > cols) {
    return bruteForce(
      Array.from({ length: cols }, (_, j) => table.map((r) => r[j])),
      table.length,
    );
  }
  const used = new Array<boolean>(cols).fill(false);
  const best = (i: number): number => {
    if (i === table.length) return 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < cols; j++) {
      if (used[j]) continue;
      used[j] = true;
      most = Math.max(most, table[i][j] + best(i + 1));
      used[j] = false;
    }
    return most;
  };
  return best(0);
}

/** Throws unless this is min(F, G) pairs of distinct rows with their exact values, and a total that is their sum. */
export function checkPairs(found: Assignment, table: readonly (readonly number[])[], cols: number): void {
  const used = new Set<number>();
  let total = 0;
  found.partner.forEach((j, i) => {
    if (j < 0) {
      if (found.value[i] !== 0) throw new Error(`row ${i} has a value and no partner`);
      return;
    }
    if (used.has(j) || j >= cols) throw new Error(`column ${j} is taken twice, or not there`);
    if (found.value[i] !== table[i][j]) throw new Error(`row ${i}: ${found.value[i]} is not ${table[i][j]}`);
    used.add(j);
    total += found.value[i];
  });
  if (used.size !== Math.min(table.length, cols)) throw new Error(`${used.size} pairs`);
  if (Math.abs(total - found.total) > 1e-12 * (1 + used.size))
    throw new Error(`total ${found.total}, not ${total}`);
  if (found.upperBound < found.total) throw new Error('the bound is below the total');
}

/** Random unit rows; a share of B's are noisy copies of rows of A. */
export function planted(
  f: number,
  g: number,
  d: number,
  shared: number,
  seed: number,
): { a: Matrix; b: Matrix } {
  const rng = new Rng(seed, 'assignment');
  const a = zeros(f, d);
  const b = zeros(g, d);
  rng.fillNormal(a.data);
  rng.fillNormal(b.data);
  const from = rng.permutation(f);
  const to = rng.permutation(g);
  for (let s = 0; s < Math.floor(shared * Math.min(f, g)); s++) {
    for (let t = 0; t < d; t++) b.data[to[s] * d + t] = a.data[from[s] * d + t] + 0.3 * rng.normal();
  }
  return { a: unitRows(a).unit, b: unitRows(b).unit };
}

// Assignment on all values, or on lists of the best: the jobs of the portable kernel.
import { columnsOf } from '../assign.js';
import type { AssignmentSteps, AssignState, ColumnLists, ListLimits, Pairs } from '../assignment.js';
import { AssignSolver } from './assign-solver.js';
import type { JobOf } from './job.js';
import { eachRow, rowValues } from './pair-values.js';
import { firstChoice, TopList } from './top-list.js';
import { topMatchRows } from './top-matches.js';

/** List length where whole rows are at hand. */
const DENSE_LIST = 32;

/** Rows of A in one job of `topMatches`. */
const ROWS_PER_JOB = 256;

export interface DenseAssignJob {
  readonly pairs: Pairs;
  readonly state: AssignState;
}

export interface ListAssignJob extends DenseAssignJob {
  readonly lists: ColumnLists;
  readonly limits: ListLimits;
}

/** What one thread does; results go into the arrays of the job, which must be shared memory. */
export const assignmentJobs = { topMatches: topMatchRows, assignDense, assignOnLists };

/** The steps of an assignment, over a function that has jobs done. */
export function assignmentSteps(
  run: <T>(job: JobOf<typeof assignmentJobs>, signal?: AbortSignal) => Promise<T>,
): AssignmentSteps {
  return {
    dense: (pairs, state, signal) => run<number>({ op: 'assignDense', args: { pairs, state } }, signal),

    async topMatches(pairs, price, lists, signal) {
      const jobs: Promise<void>[] = [];
      for (let from = 0; from < pairs.a.rows; from += ROWS_PER_JOB) {
        const to = Math.min(pairs.a.rows, from + ROWS_PER_JOB);
        jobs.push(run({ op: 'topMatches', args: { pairs, price, lists, from, to } }, signal));
      }
      await Promise.all(jobs);
    },

    onLists: (pairs, lists, state, limits, signal) =>
      run({ op: 'assignOnLists', args: { pairs, lists, state, limits } }, signal),
  };
}

/** Solves with all values in memory; returns Σ_i max_j (value_ij − p_j) + Σ_j p_j at the final prices p. */
export function assignDense({ pairs, state }: DenseAssignJob): number {
  const f = pairs.a.rows;
  const g = columnsOf(pairs);
  if (f === 0) return 0;
  const m = Math.min(g, DENSE_LIST);
  const values = new Float64Array(f * g);
  const lists = { m, index: new Int32Array(f * m), value: new Float64Array(f * m) };
  const top = new TopList(m);
  eachRow(pairs, 0, f, (strip, at, i) => {
    values.set(strip.subarray(at, at + g), i * g);
    top.select(strip, at, state.price, g, firstChoice(i, f, g), lists.index, lists.value, i * m);
  });
  new AssignSolver(lists, state, (i) => values.subarray(i * g, (i + 1) * g)).run(Number.POSITIVE_INFINITY);
  let bound = 0;
  for (let i = 0; i < f; i++) {
    let most = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < g; j++) most = Math.max(most, values[i * g + j] - state.price[j]);
    bound += most;
  }
  return state.price.reduce((sum, p) => sum + p, bound);
}

/** Goes on from a state with lists made at its prices; returns the upper bound if the scans suffice. */
export function assignOnLists({ pairs, lists, state, limits }: ListAssignJob): number | undefined {
  if (pairs.a.rows === 0) return 0;
  const solver = new AssignSolver(lists, state, rowValues(pairs));
  solver.run(limits.scans);
  if (solver.allAssigned()) return solver.upperBound();
  if (limits.complete) solver.complete();
  return undefined;
}

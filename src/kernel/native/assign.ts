// The steps of an assignment, done by the addon.
import type { AssignmentSteps, AssignState, ColumnLists, Pairs } from '../assignment.js';
import type { Call, RunOptions } from './calls.js';

export interface AssignmentAddon {
  assignDense(run: RunOptions, job: DenseAssignJob): Promise<void>;
  assignOnLists(run: RunOptions, job: ListAssignJob): Promise<void>;
  topMatches(run: RunOptions, job: TopMatchesJob): Promise<void>;
}

interface DenseAssignJob {
  readonly pairs: Pairs;
  readonly state: AssignState;
  /** [1] result */
  readonly upperBound: Float64Array;
}

interface ListAssignJob {
  readonly pairs: Pairs;
  readonly state: AssignState;
  readonly lists: ColumnLists;
  readonly scans: number;
  readonly complete: boolean;
  /** [1] result; NaN where the scans did not suffice */
  readonly upperBound: Float64Array;
}

interface TopMatchesJob {
  readonly pairs: Pairs;
  readonly price: Float64Array;
  readonly lists: ColumnLists;
}

export function nativeAssignmentSteps(addon: AssignmentAddon, call: Call): AssignmentSteps {
  return {
    async dense(pairs, state, signal) {
      const upperBound = new Float64Array(1);
      await call({ ...(signal && { signal }) }, (run) =>
        addon.assignDense(run, { pairs, state, upperBound }),
      );
      return upperBound[0];
    },

    topMatches: (pairs, price, lists, signal) =>
      call({ ...(signal && { signal }) }, (run) => addon.topMatches(run, { pairs, price, lists })),

    async onLists(pairs, lists, state, { scans, complete }, signal) {
      const upperBound = new Float64Array(1);
      await call({ ...(signal && { signal }) }, (run) =>
        addon.assignOnLists(run, { pairs, lists, state, scans, complete, upperBound }),
      );
      return Number.isNaN(upperBound[0]) ? undefined : upperBound[0];
    },
  };
}

// The steps of an assignment, done by the addon.
import type { AssignmentSteps } from '../assignment.js';
import type { Addon } from './addon.js';
import type { Call } from './calls.js';

export function nativeAssignmentSteps(addon: Addon, call: Call): AssignmentSteps {
  return {
    async dense(pairs, state, signal) {
      const upperBound = new Float64Array(1);
      await call({ ...(signal && { signal }) }, (orders) =>
        addon.assignDense(orders, { pairs, state, upperBound }),
      );
      return upperBound[0];
    },

    topMatches: (pairs, price, lists, signal) =>
      call({ ...(signal && { signal }) }, (orders) => addon.topMatches(orders, { pairs, price, lists })),

    async onLists(pairs, lists, state, { scans, complete }, signal) {
      const upperBound = new Float64Array(1);
      await call({ ...(signal && { signal }) }, (orders) =>
        addon.assignOnLists(orders, { pairs, lists, state, scans, complete, upperBound }),
      );
      return Number.isNaN(upperBound[0]) ? undefined : upperBound[0];
    },
  };
}

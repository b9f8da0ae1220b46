// The m nearest rows of B to each row of A, from the pass that an assignment makes its candidate lists with.
import { throwIfCancelled } from '../errors.js';
import { type Matrix, sharedInt32 } from '../tensor/index.js';
import { requireFinite, requireSameWidth } from './arguments.js';
import { sharedFloat64 } from './assign.js';
import type { AssignmentSteps, AssignOptions, NearestRows } from './assignment.js';

/**
 * The rows of B [G×d] with the largest products with each row of A [F×d].
 * @param m at most G
 * @throws input.shape when widths differ; input.non-finite; internal.cancelled
 */
export async function nearestWith(
  steps: AssignmentSteps,
  a: Matrix,
  b: Matrix,
  m: number,
  { absolute = false, signal }: Pick<AssignOptions, 'absolute' | 'signal'> = {},
): Promise<NearestRows> {
  requireSameWidth(a, b);
  requireFinite('a', a);
  requireFinite('b', b);
  const each = Math.min(m, b.rows);
  const lists = { m: each, index: sharedInt32(a.rows * each), value: sharedFloat64(a.rows * each) };
  if (lists.index.length > 0) {
    await steps.topMatches({ kind: 'rows', a, b, absolute }, sharedFloat64(b.rows), lists, signal);
  }
  throwIfCancelled(signal);
  return lists;
}

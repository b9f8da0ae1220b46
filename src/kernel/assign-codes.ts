// Assignment of code columns: picks those that fire, and hands them to the assignment of rows as pairs of columns.
//
// value_ij = Σ_n a_ni·b_nj / (‖a_i‖·‖b_j‖) as in co-firing, summed in float64 in ascending n from whichever side. A row
// of values takes a multiply-add for every entry of B on the rows where the column fires, so all of them together
// N·k_a·k_b. That is little beside what it takes to write a table of all values down; so the table is held up to a
// larger size than for rows, where it saves the second pass that proves the bound.
import {
  type SparseCodes,
  sharedInt32,
  takeCodeColumns,
  takeCodeRows,
  transposeCodes,
} from '../tensor/index.js';
import { requireFiniteCodes, requireSameRows } from './arguments.js';
import { type AssignLimits, assignLimits, assignPairs, sharedFloat64 } from './assign.js';
import type { Assignment, AssignmentSteps, AssignOptions, CodePairs } from './assignment.js';

export const assignCodeLimits: AssignLimits = {
  ...assignLimits,
  small: 2 ** 28,
  // A column by itself takes no longer than in a pass, which several threads share.
  scans: (f) => Math.max(64, f >> 2),
};

/** The columns of some codes that fire. */
interface Live {
  readonly codes: SparseCodes;
  /** [live] which they are, ascending */
  readonly columns: Int32Array;
  /** [live] Euclidean, above 0 */
  readonly norms: Float64Array;
}

/**
 * Assigns the live code columns of A [N×F] to those of B [N×G].
 * @throws input.shape when rows differ; input.non-finite; internal.cancelled
 */
export async function assignCodesWith(
  steps: AssignmentSteps,
  a: SparseCodes,
  b: SparseCodes,
  options: AssignOptions = {},
  limits: AssignLimits = assignCodeLimits,
): Promise<Assignment> {
  requireSameRows(a, b);
  requireFiniteCodes('a', a);
  requireFiniteCodes('b', b);
  const [liveA, liveB] = [liveColumns(a), liveColumns(b)];
  const turned = liveA.columns.length > liveB.columns.length;
  const [narrow, wide] = turned ? [liveB, liveA] : [liveA, liveB];
  const pairs: CodePairs = {
    kind: 'codes',
    a: seenFromColumns(narrow),
    b: withoutSilent(wide),
    normsA: narrow.norms,
    normsB: wide.norms,
    absolute: options.absolute ?? false,
  };
  const found = await assignPairs(steps, pairs, options, limits);
  const partner = sharedInt32(a.features).fill(-1);
  const value = sharedFloat64(a.features);
  found.partner.forEach((j, i) => {
    const [ofA, ofB] = turned ? [j, i] : [i, j];
    partner[liveA.columns[ofA]] = liveB.columns[ofB];
    value[liveA.columns[ofA]] = found.value[i];
  });
  return { ...found, partner, value };
}

function liveColumns(codes: SparseCodes): Live {
  const squares = new Float64Array(codes.features);
  for (let e = 0; e < codes.indices.length; e++) squares[codes.indices[e]] += codes.values[e] ** 2;
  const columns = Int32Array.from(squares.keys()).filter((i) => squares[i] > 0);
  const norms = sharedFloat64(columns.length);
  columns.forEach((column, i) => {
    norms[i] = Math.sqrt(squares[column]);
  });
  return { codes, columns, norms };
}

/** [live × N] */
function seenFromColumns({ codes, columns }: Live): SparseCodes {
  const all = transposeCodes(codes);
  return columns.length === codes.features ? all : takeCodeRows(all, columns);
}

/** [N × live] */
function withoutSilent({ codes, columns }: Live): SparseCodes {
  return columns.length === codes.features ? codes : takeCodeColumns(codes, columns);
}

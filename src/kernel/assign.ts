// Optimal one-to-one assignment with a certificate: the same course for every kernel, over the steps it provides.
//
// Max Σ value[i][partner(i)] over the rows of the smaller side. For any prices p ≥ 0 of columns,
//   Σ_i max_j (value_ij − p_j) + Σ_j p_j ≥ the total of every assignment  (weak duality),
// whatever came before. The maximum over the columns of a row's list is at hand; no column outside it is worth more
// than the last one in it was when the list was made, since prices only rise. So the lists that the solver ends with
// prove the bound; it computes the few rows whose best has fallen below that.
//
// Small problems hold all values. Larger ones hold m candidates a row, found by a pass over tiles; the solver
// computes a row anew where its list does not reach, so its result is optimal too. When that happens too often,
// all lists are made again at current prices, twice as long. If rows are left after some rounds (nearly equal
// values everywhere), all values are held if they fit; if not, the rest is assigned greedily, and one last pass over
// all pairs at the final prices proves the gap: what that may have cost.
import { throwIfCancelled } from '../errors.js';
import { type Matrix, sharedInt32 } from '../tensor/index.js';
import { sharedBytes } from '../tensor/shared-memory.js';
import { requireFinite, requireSameWidth } from './arguments.js';
import type {
  Assignment,
  AssignmentSteps,
  AssignOptions,
  AssignState,
  ColumnLists,
  Pairs,
} from './assignment.js';

export interface AssignLimits {
  /** Up to this many bytes, all values are held from the start. */
  readonly small: number;
  /** Length of the first lists. */
  readonly candidates: number;
  /** How often lists are made. */
  readonly rounds: number;
  /** Rows that may be computed anew in a round, of f. */
  readonly scans: (f: number) => number;
}

export const assignLimits: AssignLimits = {
  small: 2 ** 22,
  candidates: 64,
  rounds: 6,
  // Computing this many rows one by one takes no longer than one pass over all of them.
  scans: (f) => Math.max(64, f >> 4),
};

interface Solved {
  readonly state: AssignState;
  readonly upperBound: number;
  readonly candidates?: number;
}

/**
 * Assigns the rows of A [F×d] to rows of B [G×d].
 * @throws input.shape when widths differ; input.non-finite; internal.cancelled
 */
export async function assignWith(
  steps: AssignmentSteps,
  a: Matrix,
  b: Matrix,
  options: AssignOptions = {},
  limits: AssignLimits = assignLimits,
): Promise<Assignment> {
  requireSameWidth(a, b);
  requireFinite('a', a);
  requireFinite('b', b);
  const { absolute = false } = options;
  if (a.rows <= b.rows) return assignPairs(steps, { kind: 'rows', a, b, absolute }, options, limits);
  const found = await assignPairs(steps, { kind: 'rows', a: b, b: a, absolute }, options, limits);
  return { ...found, ...turnAround(found, a.rows) };
}

/** Assigns the rows of pairs with f ≤ g. @throws internal.cancelled */
export async function assignPairs(
  steps: AssignmentSteps,
  pairs: Pairs,
  options: AssignOptions,
  limits: AssignLimits,
): Promise<Assignment> {
  const { state, upperBound: bound, candidates } = await solve(steps, pairs, options, limits);
  throwIfCancelled(options.signal);
  const { partner, value } = state;
  const total = value.reduce((sum, v) => sum + v, 0);
  // Where the assignment is optimal, rounding alone can leave the bound an ulp short of the total.
  const upperBound = Math.max(bound, total);
  return {
    partner,
    value,
    total,
    upperBound,
    gap: partner.length === 0 ? 0 : (upperBound - total) / partner.length,
    ...(candidates === undefined ? { method: 'dense' } : { method: 'candidates', candidates }),
  };
}

async function solve(
  steps: AssignmentSteps,
  pairs: Pairs,
  { memory = 2 ** 30, signal, onProgress }: AssignOptions,
  limits: AssignLimits,
): Promise<Solved> {
  const f = pairs.a.rows;
  const g = columnsOf(pairs);
  const dense = async (): Promise<Solved> => {
    const state = emptyState(f, g);
    const upperBound = await steps.dense(pairs, state, signal);
    onProgress?.(f, f);
    return { state, upperBound };
  };
  const wholeFits = 8 * f * g <= memory;
  if (f === 0 || (wholeFits && 8 * f * g <= limits.small)) return dense();

  const state = emptyState(f, g);
  const longest = Math.max(Math.min(2, g), Math.min(g, Math.floor(memory / (12 * f))));
  let m = Math.min(longest, limits.candidates);
  for (let round = 1; ; round++) {
    const lists = emptyLists(f, m);
    await steps.topMatches(pairs, state.price, lists, signal);
    const complete = round >= limits.rounds && !wholeFits;
    const upperBound = await steps.onLists(pairs, lists, state, { scans: limits.scans(f), complete }, signal);
    throwIfCancelled(signal);
    const left = state.partner.reduce((count, j) => count + (j < 0 ? 1 : 0), 0);
    onProgress?.(f - left, f);
    if (left === 0) {
      return {
        state,
        upperBound: upperBound ?? (await boundAt(steps, pairs, state.price, signal)),
        candidates: m,
      };
    }
    if (round >= limits.rounds) return dense();
    m = Math.min(longest, 2 * m);
  }
}

/** Σ_i max_j (value_ij − p_j) + Σ_j p_j, every maximum over all pairs. */
async function boundAt(
  steps: AssignmentSteps,
  pairs: Pairs,
  price: Float64Array,
  signal: AbortSignal | undefined,
): Promise<number> {
  const best = emptyLists(pairs.a.rows, 1);
  await steps.topMatches(pairs, price, best, signal);
  let bound = 0;
  for (let i = 0; i < best.index.length; i++) bound += best.value[i] - price[best.index[i]];
  return price.reduce((sum, p) => sum + p, bound);
}

/** Zeros [n] in shared memory. */
export function sharedFloat64(n: number): Float64Array {
  return new Float64Array(sharedBytes(8 * n));
}

function emptyState(f: number, g: number): AssignState {
  return { partner: sharedInt32(f).fill(-1), value: sharedFloat64(f), price: sharedFloat64(g) };
}

function emptyLists(f: number, m: number): ColumnLists {
  return { m, index: sharedInt32(f * m), value: sharedFloat64(f * m) };
}

/** How many columns there are; rows are `pairs.a.rows` either way. */
export function columnsOf(pairs: Pairs): number {
  return pairs.kind === 'rows' ? pairs.b.rows : pairs.b.features;
}

/** The same pairs, seen from the `rows` rows of the other side. */
function turnAround(
  found: Pick<Assignment, 'partner' | 'value'>,
  rows: number,
): Pick<Assignment, 'partner' | 'value'> {
  const partner = sharedInt32(rows).fill(-1);
  const value = sharedFloat64(rows);
  found.partner.forEach((j, i) => {
    partner[j] = i;
    value[j] = found.value[i];
  });
  return { partner, value };
}

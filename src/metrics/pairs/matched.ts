// decoder.matched, decoder.matched.abs, encoder.matched: mean cosine over the best one-to-one assignment.
//
// score = (1/P) Σ c(i, π(i)), π the assignment of P = min(F, G) pairs with the largest sum. Rows of norm 0 have no
// direction: left out and counted. Signed (c a cosine): Song et al. 2025, PW-MCC, there for F = G; with
// c = |cosine|: the MCC of SAELens.
import { throwIfCancelled } from '../../errors.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import type { Member } from '../../sae/member.js';
import { sideBySide } from '../../side-by-side.js';
import type { Matrix } from '../../tensor/matrix.js';
import type { MetricContext } from '../context.js';
import { type Directions, directionSides } from './directions.js';
import type { DetailedScores, FeatureMatches, PairMatches, PairOptions, Side } from './pair-loop.js';
import { pairsOf } from './pair-scores.js';
import type { PairWork } from './unit-rows.js';

/** One-to-one partners of a pair: each feature has at most one, and both sides tell of the same pairs. */
export interface PairAssignment extends PairMatches {
  /** No assignment has a mean larger than this one's by more than this; 0 or rounding where it is the best. */
  readonly gap: number;
}

/** Scores with the assignment behind each of them; `value`, `aToB` and `bToA` of a pair are the same number. */
export interface MatchedScores extends DetailedScores {
  readonly matches: readonly PairAssignment[];
}

/** What a solved assignment comes to, as JSON: by position among the scored features. */
export interface SolvedAssignment {
  /** [n] position in b of the partner of each scored feature of a, −1 = none */
  readonly partner: readonly number[];
  /** [n] its value; 0 where there is none */
  readonly value: readonly number[];
  readonly gap: number;
}

export interface MatchedOptions extends PairWork {
  /** Match by the size of the cosine. */
  readonly absolute?: boolean;
}

/** Bytes for the solver: with the unit rows of two large SAEs it stays below 1 GiB. */
const solverMemory = 3 * 2 ** 28;

/** The assignment of decoder rows of a group, which several metrics and tables rest on. */
export function assignedDecoders(
  { members, kernel, work, units, once }: MetricContext,
  absolute: boolean,
): Promise<MatchedScores | undefined> {
  const name = absolute ? 'decoder.matched.abs' : 'decoder.matched';
  return once(name, () => decoderMatched(members, kernel, { absolute, units, ...work }));
}

export function assignedEncoders({
  members,
  kernel,
  work,
  units,
  once,
}: MetricContext): Promise<MatchedScores | undefined> {
  return once('encoder.matched', () => encoderMatched(members, kernel, { units, ...work }));
}

export function decoderRows(members: readonly Member[]): Directions[] {
  return members.map(({ id, sae }) => ({ id, rows: sae.decoder }));
}

/** The mean over the best assignment of two sets of unit rows. */
export function matchedScore(absolute: boolean) {
  return async (a: Matrix, b: Matrix, kernel: Kernel, work: WorkOptions): Promise<number> => {
    const { total } = await kernel.assign(a, b, { absolute, memory: solverMemory, ...work });
    return total / Math.min(a.rows, b.rows);
  };
}

/**
 * Assigns decoder rows. Undefined where some member has no scorable feature.
 * @throws input.shape when the members differ in d
 */
export function decoderMatched(
  members: readonly Member[],
  kernel: Kernel,
  options: MatchedOptions = {},
): Promise<MatchedScores | undefined> {
  const id = options.absolute ? 'decoder.matched.abs' : 'decoder.matched';
  return directionMatched(id, decoderRows(members), kernel, options);
}

/** Assigns encoder rows, signed. Undefined and errors as for `decoderMatched`. */
export function encoderMatched(
  members: readonly Member[],
  kernel: Kernel,
  options: Omit<MatchedOptions, 'absolute'> = {},
): Promise<MatchedScores | undefined> {
  const sets = members.map(({ id, sae }) => ({ id, rows: sae.encoder }));
  return directionMatched('encoder.matched', sets, kernel, { ...options, absolute: false });
}

/**
 * Assigns the directions of every pair of sets. Undefined where a set has no direction at all.
 * @throws input.shape when the sets differ in d
 */
export async function directionMatched(
  id: string,
  sets: readonly Directions[],
  kernel: Kernel,
  { absolute = false, units, ...work }: MatchedOptions = {},
): Promise<MatchedScores | undefined> {
  const { sides, withUnits, atOnce } = directionSides(sets, units);
  const options = { absolute, memory: solverMemory, ...work };
  const solve = async (i: number, j: number): Promise<SolvedAssignment> =>
    solved(await withUnits([i, j], (a, b) => kernel.assign(a, b, options)));
  return scoreAssignments(id, sides, solve, { ...work, atOnce });
}

/** The JSON of an assignment. */
export function solved({ partner, value, gap }: Awaited<ReturnType<Kernel['assign']>>): SolvedAssignment {
  return {
    partner: Array.from(partner),
    // Unit rows are rounded to float32, so a product can exceed 1 by that rounding; JSON knows no −0.
    value: Array.from(value, (v) => Math.max(-1, Math.min(1, v)) + 0),
    gap,
  };
}

/**
 * Scores all pairs of the group by the assignment that `solve` gives between the scored features of sides i and j.
 * Undefined where some side has no scorable feature, or where there is no pair.
 */
export async function scoreAssignments(
  id: string,
  sides: readonly Side[],
  solve: (i: number, j: number) => Promise<SolvedAssignment>,
  { signal, atOnce = 1 }: PairOptions = {},
): Promise<MatchedScores | undefined> {
  if (sides.length < 2 || sides.some(({ features }) => features.length === 0)) return undefined;
  const found = await sideBySide(pairsOf(sides.length), atOnce, async ([i, j]) => {
    throwIfCancelled(signal);
    const [a, b] = [sides[i], sides[j]];
    const { partner, value, gap } = await solve(i, j);
    const total = value.reduce((sum, v) => sum + v, 0);
    const mean = total / Math.min(a.features.length, b.features.length);
    return {
      pair: { a: a.id, b: b.id, value: mean, aToB: mean, bToA: mean },
      match: { a: a.id, b: b.id, ...bothWays(a.features, b.features, partner, value), gap },
    };
  });
  const pairs = found.map(({ pair }) => pair);
  const matches = found.map(({ match }): PairAssignment => match);
  return {
    id,
    pairs,
    leftOut: sides.reduce((sum, side) => sum + side.leftOut, 0),
    members: sides.map((side) => side.id),
    widths: sides.map(({ features }) => features.length),
    matches,
  };
}

function bothWays(
  ofA: Int32Array,
  ofB: Int32Array,
  partner: readonly number[],
  value: readonly number[],
): { aToB: FeatureMatches; bToA: FeatureMatches } {
  const back: FeatureMatches = {
    features: ofB,
    best: new Float64Array(ofB.length),
    partner: new Int32Array(ofB.length).fill(-1),
  };
  partner.forEach((at, i) => {
    if (at < 0) return;
    back.best[at] = value[i];
    back.partner[at] = ofA[i];
  });
  return {
    aToB: {
      features: ofA,
      best: Float64Array.from(value),
      partner: Int32Array.from(partner, (at) => (at < 0 ? -1 : ofB[at])),
    },
    bToA: back,
  };
}

// The one loop over pairs that every metric shares, and the per-feature values that its scores are means of.
import { throwIfCancelled } from '../../errors.js';
import type { Best, BestMatches, WorkOptions } from '../../kernel/interface.js';
import { sideBySide } from '../../side-by-side.js';
import { mean } from '../../stats/summary.js';
import { type PairScores, pairsOf } from './pair-scores.js';

/** The partner of each scored feature of one SAE among the features of another. */
export interface FeatureMatches {
  /** [n] the scored features, ascending */
  readonly features: Int32Array;
  /** [n] |cosine| with the partner, in [0, 1] (with its sign where an assignment is signed); 0 where there is none */
  readonly best: Float64Array;
  /** [n] feature of the other SAE that it is reached with, −1 where there is none */
  readonly partner: Int32Array;
}

export interface PairMatches {
  readonly a: string;
  readonly b: string;
  readonly aToB: FeatureMatches;
  readonly bToA: FeatureMatches;
}

/** Scores of a group, and what a null of them has to match. */
export interface GroupScores extends PairScores {
  readonly members: readonly string[];
  /** Features scored per member, in the order of `members`. */
  readonly widths: readonly number[];
}

/** Scores with the features behind them; usable wherever `PairScores` is. */
export interface DetailedScores extends GroupScores {
  /** One per pair, in the order of `pairs`. */
  readonly matches: readonly PairMatches[];
}

export interface PopulationOptions extends WorkOptions {
  /** Over the features that fire on the group's activations, in both SAEs, instead of over all. */
  readonly live?: boolean;
}

/** How a loop over pairs goes. */
export interface PairOptions extends WorkOptions {
  /** Pairs that are compared at a time; 1 by default. */
  readonly atOnce?: number;
}

/** One SAE in the loop: which features it is scored on; the kernel sees them in this order. */
export interface Side {
  readonly id: string;
  /** [n] ascending */
  readonly features: Int32Array;
  /** Features that have no direction and are not scored. */
  readonly leftOut: number;
}

/**
 * Scores all pairs of the group. `match` gives the partners between the scored features of sides i and j.
 * Undefined where some side has no scorable feature, or where there is no pair.
 */
export async function scorePairs(
  id: string,
  sides: readonly Side[],
  match: (i: number, j: number) => Promise<BestMatches>,
  { signal, atOnce = 1 }: PairOptions = {},
): Promise<DetailedScores | undefined> {
  if (sides.some((side) => side.features.length === 0)) return undefined;
  const matches = await sideBySide(pairsOf(sides.length), atOnce, async ([i, j]): Promise<PairMatches> => {
    throwIfCancelled(signal);
    const { aToB, bToA } = await match(i, j);
    return {
      a: sides[i].id,
      b: sides[j].id,
      aToB: featureMatches(aToB.abs, sides[i].features, sides[j].features),
      bToA: featureMatches(bToA.abs, sides[j].features, sides[i].features),
    };
  });
  const leftOut = sides.reduce((sum, side) => sum + side.leftOut, 0);
  return summarise(
    id,
    sides.map((side) => side.id),
    matches,
    leftOut,
  );
}

/**
 * The same matches, scored on some of the features only: `keep[i]` of member i. It narrows down what is
 * scored, not what a feature may be matched with.
 */
export function restrictTo(
  id: string,
  scores: DetailedScores,
  keep: readonly Int32Array[],
): DetailedScores | undefined {
  const kept = new Map(scores.members.map((member, i) => [member, new Set(keep[i])]));
  const matches = scores.matches.map((pair) => ({
    ...pair,
    aToB: takeFeatures(pair.aToB, kept.get(pair.a)!),
    bToA: takeFeatures(pair.bToA, kept.get(pair.b)!),
  }));
  return summarise(id, scores.members, matches, scores.leftOut);
}

function summarise(
  id: string,
  members: readonly string[],
  matches: readonly PairMatches[],
  leftOut: number,
): DetailedScores | undefined {
  const widthOf = new Map(
    matches.flatMap(({ a, b, aToB, bToA }) => [
      [a, aToB.features.length] as const,
      [b, bToA.features.length] as const,
    ]),
  );
  const widths = members.map((member) => widthOf.get(member) ?? 0);
  if (widths.length < 2 || widths.includes(0)) return undefined;
  const pairs = matches.map(({ a, b, ...pair }) => {
    const aToB = mean(pair.aToB.best);
    const bToA = mean(pair.bToA.best);
    return { a, b, value: 0.5 * (aToB + bToA), aToB, bToA };
  });
  return { id, pairs, leftOut, members, widths, matches };
}

function featureMatches(best: Best, features: Int32Array, others: Int32Array): FeatureMatches {
  return {
    features,
    // Unit rows are rounded to float32, so a product can exceed 1 by that rounding.
    best: best.value.map((value) => Math.min(value, 1)),
    partner: best.index.map((at) => (at < 0 ? -1 : others[at])),
  };
}

function takeFeatures(matches: FeatureMatches, keep: ReadonlySet<number>): FeatureMatches {
  const at = Array.from(matches.features.keys()).filter((i) => keep.has(matches.features[i]));
  return {
    features: Int32Array.from(at, (i) => matches.features[i]),
    best: Float64Array.from(at, (i) => matches.best[i]),
    partner: Int32Array.from(at, (i) => matches.partner[i]),
  };
}

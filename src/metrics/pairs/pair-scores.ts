// The scores of a group of SAEs: one for each pair, never just a mean.

/**
 * Score of one pair, seen from both; `value` is the mean of both ways. Best matches and shares lie in [0, 1],
 * signed one-to-one scores in [−1, 1]. One-to-one scores and subspaces are the same from both sides.
 */
export interface PairScore {
  readonly a: string;
  readonly b: string;
  readonly value: number;
  /** Over the features of a; for best matches the mean of the best |cosine| in b. */
  readonly aToB: number;
  readonly bToA: number;
}

/** A metric over all pairs of a group. */
export interface PairScores {
  /** Of the metric. */
  readonly id: string;
  /** Pairs in the order (0,1), (0,2) … (n−2,n−1). */
  readonly pairs: readonly PairScore[];
  /** Features that could not be scored (no direction), summed over members. */
  readonly leftOut: number;
}

/** All pairs i < j of n members. */
export function pairsOf(n: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) pairs.push([i, j]);
  return pairs;
}

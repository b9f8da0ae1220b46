// How much of a score comes from features that fire and how much from features that never do.
//
// Over all pairs and both directions: score = liveShare·liveScore + deadShare·deadScore. A feature is live or
// dead by its own firing, whatever its best partner does.

import type { DetailedScores, FeatureMatches } from '../metrics/pairs/pair-loop.js';
import { liveOf, type Member } from '../sae/member.js';
import { mean } from '../stats/summary.js';

export interface LivenessSplit {
  /** Share of the scored features that fire, 0 … 1. */
  readonly liveShare: number;
  /** Their mean best |cosine|; absent where no scored feature fires. */
  readonly liveScore?: number;
  /** Share of the scored features that never fire: 1 − liveShare. */
  readonly deadShare: number;
  /** Their mean best |cosine|; absent where every scored feature fires. */
  readonly deadScore?: number;
}

/** Splits the group's mean of a metric over all features; undefined where some member has no codes. */
export function splitByLiveness(
  scores: DetailedScores,
  members: readonly Member[],
): LivenessSplit | undefined {
  const live = new Map(
    members.flatMap((member) => {
      const features = liveOf(member);
      return features ? [[member.id, new Set(features)] as const] : [];
    }),
  );
  if (scores.members.some((id) => !live.has(id))) return undefined;
  const directions = scores.matches.flatMap(({ a, b, aToB, bToA }) => [
    liveParts(aToB, live.get(a)!),
    liveParts(bToA, live.get(b)!),
  ]);
  const liveShare = mean(directions.map((part) => part.liveShare));
  const deadShare = mean(directions.map((part) => part.deadShare));
  const liveSum = mean(directions.map((part) => part.live));
  const deadSum = mean(directions.map((part) => part.dead));
  return {
    liveShare,
    ...(liveShare > 0 ? { liveScore: liveSum / liveShare } : {}),
    deadShare,
    ...(deadShare > 0 ? { deadScore: deadSum / deadShare } : {}),
  };
}

/** What live and dead features add to the mean of one direction, and their shares in it. */
function liveParts({ features, best }: FeatureMatches, live: ReadonlySet<number>) {
  const n = features.length;
  const parts = { liveShare: 0, deadShare: 0, live: 0, dead: 0 };
  features.forEach((feature, i) => {
    const isLive = live.has(feature);
    parts[isLive ? 'liveShare' : 'deadShare'] += 1 / n;
    parts[isLive ? 'live' : 'dead'] += best[i] / n;
  });
  return parts;
}

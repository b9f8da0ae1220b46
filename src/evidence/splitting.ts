// Where widths differ: how many features of the narrower SAE are several of the wider one.
//
// A feature of the wider SAE is a part of the feature of the narrower one that is nearest to it, where their |cosine| is at least
// 0.7. A feature with two parts or more is split (Bricken et al., "Towards monosemanticity", 2023; Chanin et al., "A is for
// absorption", 2024).
import type { PairMatches } from '../metrics/pairs/pair-loop.js';
import { expectedMax } from '../stats/best-cosine.js';
import type { Evidence, Splitting } from './evidence.js';
import { rankOf } from './massive.js';

/** What is taken for the same feature by the threshold that Paulo and Belrose (2025) set. */
const near = 0.7;

/** Times as wide: SAEs of nearly one width have no room for parts. */
const wider = 1.25;

/** A third of the features: a one-to-one score finds one of the parts, and misses the others. */
const many = 1 / 3;

/** From here on two random directions in as many are near enough to pass for parts now and then. */
const crowded = 0.6;

/** Undefined where the wider SAE is not a quarter wider. */
export function splittingOf({ a, b, aToB, bToA }: PairMatches): Splitting | undefined {
  const bIsWider = bToA.features.length > aToB.features.length;
  const [narrow, wide] = bIsWider ? [aToB, bToA] : [bToA, aToB];
  if (wide.features.length < wider * narrow.features.length) return undefined;
  const parts = new Map<number, number>();
  wide.best.forEach((cosine, i) => {
    if (cosine >= near) parts.set(wide.partner[i], (parts.get(wide.partner[i]) ?? 0) + 1);
  });
  const split = [...parts.values()].filter((count) => count >= 2);
  return {
    narrow: bIsWider ? a : b,
    wide: bIsWider ? b : a,
    features: narrow.features.length,
    split: split.length,
    parts: split.reduce((sum, count) => sum + count, 0),
  };
}

/** The pair in which the largest share of the features is split, where widths differ. */
export function mostSplit({ splitting = [] }: Pick<Evidence, 'splitting'>): Splitting | undefined {
  return [...splitting].sort((one, other) => other.split / other.features - one.split / one.features)[0];
}

export function featuresSplit(evidence: Pick<Evidence, 'splitting' | 'activations' | 'members'>): boolean {
  const most = mostSplit(evidence);
  const [first] = evidence.members;
  if (!most || !first) return false;
  const rank = evidence.activations ? Math.round(rankOf(evidence.activations)) : first.width;
  const chance = expectedMax(Math.max(1, Math.min(rank, first.width)), most.features);
  return most.split > many * most.features && chance < crowded;
}

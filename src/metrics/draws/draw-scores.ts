// Mean and spread of a group's mean score over sets that are drawn: whole groups where they are small, else pairs.
//
// A group of n sets has P = n(n − 1)/2 pairs. Drawing whole groups assumes nothing, and costs n sets and P scores a
// draw. Pairs are drawn by kind (what their two members are like): a round draws at most two sets of each label and
// scores one pair of each kind. With v the variance of a kind over the rounds and c its number of pairs in the group,
//   SD² = Σ c·v / P²,   (error of the mean)² = Σ (c/P)²·v / rounds,
// which takes the scores of two pairs that share a set for uncorrelated. They are exactly so where the expected score
// given one of the sets is the same whatever that set is. For random directions the correlation falls with the
// dimensions: docs/statistics.md has it as measured.
import { ReseedError, throwIfCancelled } from '../../errors.js';
import type { WorkOptions } from '../../kernel/interface.js';
import { mean, sampleSd } from '../../stats/summary.js';
import { Rng } from '../../tensor/rng.js';
import { type Drawn, drawnFrom } from '../nulls/null.js';
import { pairsOf } from '../pairs/pair-scores.js';
import { requireDraws } from './draws.js';

/** Sets of members with the same label are drawn from the same distribution. */
type Label = string | number;

/** How to draw the sets of a group and score two of them. */
export interface DrawnSets<Drawing> {
  /** Name of the null: the stream of random numbers. */
  readonly stream: string;
  /** One per member. */
  readonly labels: readonly Label[];
  readonly make: (member: number, rng: Rng) => Drawing | Promise<Drawing>;
  /** Any number of scores of the same two sets. */
  readonly score: (a: Drawing, b: Drawing) => Promise<readonly number[]>;
  /** Whole groups rather than independent pairs. */
  readonly whole: boolean;
}

export interface DrawScoresOptions extends WorkOptions {
  readonly seed: number;
  /** Whole groups, or pairs over all kinds; a kind has at least two, so there can be more. At least 2. */
  readonly draws: number;
}

/** One result per score. @throws usage.argument below two members or two draws */
export async function drawScores<Drawing>(
  sets: DrawnSets<Drawing>,
  options: DrawScoresOptions,
): Promise<Drawn[]> {
  requireDraws(options.draws);
  requirePairs(sets.labels.length);
  return sets.whole ? drawGroups(sets, options) : drawPairs(sets, options);
}

/** @throws usage.argument below two members */
export function requirePairs(members: number): void {
  if (members >= 2) return;
  throw new ReseedError('usage.argument', 'a null over pairs needs two members', {
    found: String(members),
  });
}

async function drawGroups<Drawing>(
  { stream, labels, make, score }: DrawnSets<Drawing>,
  { seed, draws, signal }: DrawScoresOptions,
): Promise<Drawn[]> {
  const groupMeans: number[][] = [];
  for (let draw = 0; draw < draws; draw++) {
    const group: Drawing[] = [];
    for (const member of labels.keys()) {
      group.push(await make(member, new Rng(seed, 'null', stream, draw, member)));
    }
    const scores: (readonly number[])[] = [];
    for (const [i, j] of pairsOf(labels.length)) {
      throwIfCancelled(signal);
      scores.push(await score(group[i], group[j]));
    }
    groupMeans.push(columns(scores).map(mean));
  }
  return columns(groupMeans).map(drawnFrom);
}

async function drawPairs<Drawing>(
  { stream, labels, make, score }: DrawnSets<Drawing>,
  { seed, draws, signal }: DrawScoresOptions,
): Promise<Drawn[]> {
  const members = twoOfEach(labels);
  const kinds = pairKinds(labels);
  const rounds = Math.max(2, Math.ceil(draws / kinds.size));
  const rows = new Map([...kinds.keys()].map((kind) => [kind, [] as (readonly number[])[]]));
  for (let round = 0; round < rounds; round++) {
    const drawn: Drawing[] = [];
    for (const [at, member] of members.entries()) {
      drawn.push(await make(member, new Rng(seed, 'null', stream, 'pairs', round, at)));
    }
    const done = new Set<string>();
    for (const [i, j] of pairsOf(members.length)) {
      const kind = kindOf(labels[members[i]], labels[members[j]]);
      if (done.has(kind)) continue;
      done.add(kind);
      throwIfCancelled(signal);
      rows.get(kind)!.push(await score(drawn[i], drawn[j]));
    }
  }
  const pairs = pairsOf(labels.length).length;
  const parts = [...kinds].map(([kind, count]) => ({
    share: count / pairs,
    scores: columns(rows.get(kind)!),
  }));
  return parts[0].scores.map((_, which) => {
    const of = parts.map(({ share, scores }) => ({
      share,
      mean: mean(scores[which]),
      variance: sampleSd(scores[which]) ** 2,
    }));
    const sum = (term: (part: (typeof of)[number]) => number) => of.reduce((s, p) => s + term(p), 0);
    return {
      mean: sum((p) => p.share * p.mean),
      sd: Math.sqrt(sum((p) => (p.share * p.variance) / pairs)),
      meanError: Math.sqrt(sum((p) => (p.share ** 2 * p.variance) / rounds)),
      draws: rounds * kinds.size,
    };
  });
}

/** The first two members of each label: between them there is a pair of every kind. */
function twoOfEach(labels: readonly Label[]): number[] {
  return [...labels.keys()].filter((at) => labels.slice(0, at).filter((l) => l === labels[at]).length < 2);
}

/** How many pairs of the group there are of each kind. */
function pairKinds(labels: readonly Label[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [i, j] of pairsOf(labels.length)) {
    const kind = kindOf(labels[i], labels[j]);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function kindOf(a: Label, b: Label): string {
  return [String(a), String(b)].sort().join('·');
}

function columns(rows: readonly (readonly number[])[]): number[][] {
  return rows[0].map((_, at) => rows.map((r) => r[at]));
}

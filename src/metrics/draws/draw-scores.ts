// Mean and spread of a group's mean score over sets that are drawn, until the mean is known well enough.
//
// A group of n sets has P = n(n − 1)/2 pairs. Where sets are small a draw is a whole group: that assumes nothing, and
// costs n sets and P scores. Else a draw is one pair, of two sets that no other draw has. The pairs take turns, in cycles
// of random order, so the mean of the draws is that of the group, and what the members differ in is part of its error
// until every kind of pair (what its two members are like) has been drawn twice: stats/mean-of-draws.ts. With v_k the
// variance of a pair of kind k, of which the group has c_k,
//   SD² = Σ c_k·v_k / P²,
// which takes the scores of two pairs that share a set for uncorrelated. They are exactly so where the expected score
// given one of the sets is the same whatever that set is. For random directions the correlation falls with the
// dimensions: docs/statistics.md has it as measured.
import { ReseedError, throwIfCancelled } from '../../errors.js';
import type { WorkOptions } from '../../kernel/interface.js';
import { meanOfDraws, type Strata } from '../../stats/mean-of-draws.js';
import { mean } from '../../stats/summary.js';
import { Rng } from '../../tensor/rng.js';
import type { Drawn } from '../nulls/null.js';
import { pairsOf } from '../pairs/pair-scores.js';
import { defaultPrecision, requireDraws, requirePrecision } from './draws.js';

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
  /**
   * The smallest step of the scores, where they count something that may be rare. None seen in n draws may still be
   * three of them (95 %), so no error is below 1.5 steps in n.
   */
  readonly step?: number;
}

export interface DrawScoresOptions extends WorkOptions {
  readonly seed: number;
  /** The most draws, at least 2. */
  readonly draws: number;
  /** As in `DrawOptions`. */
  readonly precision?: number | undefined;
}

/** One result per score; drawing ends when all of them are known well enough. @throws usage.argument below two members or two draws */
export async function drawScores<Drawing>(
  sets: DrawnSets<Drawing>,
  { seed, draws, precision = defaultPrecision, ...work }: DrawScoresOptions,
): Promise<Drawn[]> {
  requireDraws(draws);
  requirePrecision(precision);
  requirePairs(sets.labels.length);
  const { strata, draw } = sets.whole ? groups(sets, seed, work) : pairs(sets, seed, work);
  const scores: (readonly number[])[] = [];
  const of: string[] = [];
  const most = wholeCycles(draws, strata);
  for (;;) {
    const drawn = await draw(scores.length);
    scores.push(drawn.scores);
    of.push(drawn.stratum);
    if (scores.length < 2) continue;
    const found = scores[0].map((_, which): Drawn => {
      const column = scores.map((row) => row[which]);
      const { mean: centre, error, spread } = meanOfDraws(column, of, strata);
      const rare = (1.5 * (sets.step ?? 0)) / column.length;
      return { mean: centre, sd: spread, meanError: Math.max(error, rare), draws: column.length };
    });
    if (scores.length === most || found.every(({ meanError }) => meanError <= precision)) return found;
  }
}

/** @throws usage.argument below two members */
export function requirePairs(members: number): void {
  if (members >= 2) return;
  throw new ReseedError('usage.argument', 'a null over pairs needs two members', {
    found: String(members),
  });
}

/** The most draws, without those that would leave strata unbalanced again after two cycles. */
export function wholeCycles(draws: number, strata: Strata): number {
  const cycle = [...strata.values()].reduce((sum, count) => sum + count, 0);
  return strata.size > 1 && draws >= 2 * cycle ? draws - (draws % cycle) : draws;
}

/** What is drawn, one after the other. */
interface Drawings {
  readonly strata: Strata;
  readonly draw: (n: number) => Promise<{ readonly stratum: string; readonly scores: readonly number[] }>;
}

function groups<Drawing>(
  { stream, labels, make, score }: DrawnSets<Drawing>,
  seed: number,
  { signal }: WorkOptions,
): Drawings {
  const draw = async (n: number) => {
    const group: Drawing[] = [];
    for (const member of labels.keys()) {
      throwIfCancelled(signal);
      group.push(await make(member, new Rng(seed, 'null', stream, n, member)));
    }
    const rows: (readonly number[])[] = [];
    for (const [i, j] of pairsOf(labels.length)) {
      throwIfCancelled(signal);
      rows.push(await score(group[i], group[j]));
    }
    return { stratum: 'group', scores: rows[0].map((_, at) => mean(rows.map((row) => row[at]))) };
  };
  return { strata: new Map([['group', 1]]), draw };
}

function pairs<Drawing>(
  { stream, labels, make, score }: DrawnSets<Drawing>,
  seed: number,
  { signal }: WorkOptions,
): Drawings {
  const all = pairsOf(labels.length);
  const kinds = all.map(([i, j]) => kindOf(labels[i], labels[j]));
  const draw = async (n: number) => {
    throwIfCancelled(signal);
    const at = inTurn(n, all.length, seed, stream);
    const [i, j] = all[at];
    const a = await make(i, new Rng(seed, 'null', stream, 'pairs', n, 0));
    const b = await make(j, new Rng(seed, 'null', stream, 'pairs', n, 1));
    return { stratum: kinds[at], scores: await score(a, b) };
  };
  return { strata: countsOf(kinds), draw };
}

/** Which of `count` things draw n is of: each once in a cycle, in an order of its own. */
export function inTurn(n: number, count: number, seed: number, stream: string): number {
  const order = new Rng(seed, 'null', stream, 'order', Math.floor(n / count)).permutation(count);
  return order[n % count];
}

export function countsOf(kinds: readonly string[]): Strata {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function kindOf(a: Label, b: Label): string {
  return [String(a), String(b)].sort().join('·');
}

// Families: features of several SAEs that are the same one, each SAE with one of them at most.
//
// Which features may be in one family. Two features of different SAEs that are each other's nearest by |cosine|, or that are both
// so with a third; with |cosine| ≥ τ and a significant p-value. All pairs of a family are such pairs: there are no chains, in
// which the first and the last have nothing to do with each other. τ is above ½, so the signs of a family fit together: three
// lines whose cosines have a negative product are nowhere nearer than ½ all three.
//
// Which families. Of all ways to put features into families the one with the largest Σ over families Σ over pairs (|cosine| − τ),
// by stats/clique-partition.ts, which bounds how much better any other could be (`optimum`): mostly it is proven.
//
// What is significant. p-values of pairs (view.ts) are adjusted over all pairs that there could be between two SAEs, Σ min(F_a, F_b)
// of them, by Benjamini and Hochberg at 5 %; what does not pass joins nothing.
// The chance of a family of m of n SAEs is that of the hypothesis that fewer of them have it: some member is in the others by
// accident. With p the largest of its pairs, and n − m + 1 SAEs in which that could have happened (the partial conjunction of
// Benjamini and Heller 2008, by Bonferroni), it is min(1, (n − m + 1)·p). `q` is that adjusted over ⌊Σ F/2⌋ hypotheses: no more
// families can be made of the features. With nothing in common, pairs at p ≤ t are about C(n, 2)·F·t, which is what
// ⌊Σ F/2⌋·t families with (n − 1)·p ≤ t come to. Families above 5 % are dropped.
// Nothing is drawn. The order of SAEs and features, signs and lengths of rows change nothing but the numbers of families.
// Source: Benjamini and Heller, "Screening for partial conjunction hypotheses", Biometrics 64, 2008.
import { ReseedError } from '../../errors.js';
import type { WorkOptions } from '../../kernel/interface.js';
import { pairsOf } from '../../metrics/pairs/pair-scores.js';
import { cliquePartition } from '../../stats/clique-partition.js';
import { benjaminiHochberg } from '../../stats/multiple-testing.js';
import { falseDiscoveryRate } from '../feature-stability.js';
import type { FeatureView, ViewName } from './view.js';

/** What is taken for the same feature by the threshold that Paulo and Belrose (2025) set. */
export const usualCosine = 0.7;

export interface FamilyOptions extends WorkOptions {
  /** τ, above 0.5 and at most 1; 0.7 by default. */
  readonly cosine?: number;
  /** Called with the share of the pairs of SAEs that have been compared. */
  readonly onProgress?: (share: number) => void;
}

/** A feature in its family. */
export interface FamilyMember {
  /** SAE by its number among the members. */
  readonly sae: number;
  readonly feature: number;
  /** 1, or −1 where it points against the first member of the family. */
  readonly sign: 1 | -1;
  /** Mean |cosine| with the other members. */
  readonly agreement: number;
}

export interface Family {
  /** By SAE, ascending; `support` is how many they are. */
  readonly members: readonly FamilyMember[];
  /** Mean and smallest |cosine| over its pairs. */
  readonly agreement: number;
  readonly leastCosine: number;
  /** Of such a support by accident. */
  readonly chance: number;
  /** The chance adjusted over all families that there could be (Benjamini–Hochberg). */
  readonly q: number;
}

export interface Families {
  readonly by: ViewName;
  /** τ */
  readonly cosine: number;
  /** Ids, in the order of the members. */
  readonly saes: readonly string[];
  /** Features of each SAE that could have been in a family. */
  readonly scored: readonly number[];
  /** By support, the largest first, then by agreement. */
  readonly families: readonly Family[];
  /** What the grouping is worth, what the best would be worth at most, and of how many of the parts that it falls into the optimum is proven. */
  readonly optimum: {
    readonly value: number;
    readonly upperBound: number;
    readonly components: number;
    readonly proven: number;
  };
  /** Pairs of SAEs whose features are the same: support counts one SAE twice. */
  readonly copies: readonly (readonly [string, string])[];
  /** Groups that were dropped, because support as theirs is no rarer by accident. */
  readonly dropped: number;
}

interface Edge {
  readonly cosine: number;
  readonly pValue: number;
}

/**
 * Undefined below two SAEs.
 * @param ids of the SAEs of the view
 * @throws usage.argument for a threshold that cannot be; what the view throws
 */
export async function familiesOf(
  ids: readonly string[],
  view: FeatureView,
  { cosine: least = usualCosine, onProgress, ...work }: FamilyOptions = {},
): Promise<Families | undefined> {
  requireThreshold(least);
  if (ids.length < 2) return undefined;
  const scored = view.features.map(({ length }) => length);
  const graph = new PairGraph(ids.length, scored.length === 0 ? 0 : 1 + largest(view.features));
  const pairs = pairsOf(ids.length);
  const found = [];
  for (const [at, [a, b]] of pairs.entries()) {
    found.push({ a, b, pairs: await view.mutual(a, b, work) });
    onProgress?.((at + 1) / (pairs.length + 1));
  }
  const tests = pairs.reduce((sum, [a, b]) => sum + Math.min(scored[a], scored[b]), 0);
  const limit = significantUpTo(
    found.flatMap((one) => [...one.pairs.pValue]),
    tests,
  );
  const holds = ({ cosine, pValue }: Edge) => Math.abs(cosine) >= least && pValue <= limit;
  for (const { a, b, pairs: mutual } of found) {
    mutual.i.forEach((i, e) => {
      const edge = { cosine: mutual.cosine[e], pValue: mutual.pValue[e] };
      if (holds(edge)) graph.add(graph.node(a, i), graph.node(b, mutual.j[e]), edge);
    });
  }
  for (const { a, b, i, j } of graph.sharingANearest()) {
    const { cosine, pValue } = await view.likeness(a, b, { i, j }, work);
    cosine.forEach((c, e) => {
      const edge = { cosine: c, pValue: pValue[e] };
      if (holds(edge)) graph.add(graph.node(a, i[e]), graph.node(b, j[e]), edge);
    });
  }
  const { groups, ...optimum } = graph.partition(least);
  const grown = groups.map((group) => graph.family(group, ids.length));
  const q = benjaminiHochberg(
    grown.map(({ chance }) => chance),
    Math.floor(scored.reduce((sum, features) => sum + features, 0) / 2),
  );
  const families = grown
    .map((family, f): Family => ({ ...family, q: q[f] }))
    .filter((family) => family.q <= falseDiscoveryRate)
    .sort((one, other) => other.members.length - one.members.length || other.agreement - one.agreement);
  onProgress?.(1);
  return {
    by: view.by,
    cosine: least,
    saes: ids,
    scored,
    families,
    optimum,
    copies: found
      .filter(({ a, b, pairs: mutual }) => areCopies(mutual.cosine, Math.max(scored[a], scored[b])))
      .map(({ a, b }) => [ids[a], ids[b]] as const),
    dropped: grown.length - families.length,
  };
}

/** As for `seeds.not-applied`: two runs never end with 99 of 100 directions the same to four digits. */
function areCopies(cosine: Float64Array, features: number): boolean {
  return features > 0 && cosine.filter((c) => Math.abs(c) >= 0.9999).length >= 0.99 * features;
}

function requireThreshold(cosine: number): void {
  if (cosine > 0.5 && cosine <= 1) return;
  throw new ReseedError('usage.argument', 'not a cosine that tells the same features', {
    field: 'cosine',
    found: String(cosine),
    expected: 'above 0.5, at most 1',
  });
}

function largest(features: readonly Int32Array[]): number {
  return features.reduce((most, of) => Math.max(most, of.length > 0 ? of[of.length - 1] : 0), 0);
}

/** The largest p-value that is significant among so many tests; below 0 where none is. */
function significantUpTo(p: readonly number[], tests: number): number {
  const q = benjaminiHochberg(p, tests);
  return p.reduce((most, value, e) => (q[e] <= falseDiscoveryRate ? Math.max(most, value) : most), -1);
}

/** Features of all SAEs as nodes, and the pairs that may be in one family. */
class PairGraph {
  readonly #near = new Map<number, Map<number, Edge>>();

  /** @param width more than the number of any feature */
  constructor(
    readonly saes: number,
    readonly width: number,
  ) {}

  node(sae: number, feature: number): number {
    return sae * this.width + feature;
  }

  add(u: number, v: number, edge: Edge): void {
    this.#of(u).set(v, edge);
    this.#of(v).set(u, edge);
  }

  #of(node: number): Map<number, Edge> {
    const known = this.#near.get(node) ?? new Map<number, Edge>();
    this.#near.set(node, known);
    return known;
  }

  #saeOf(node: number): number {
    return Math.floor(node / this.width);
  }

  /** Pairs of features that have a nearest feature in common and are not nearest themselves, by pair of SAEs, each once. */
  sharingANearest(): {
    readonly a: number;
    readonly b: number;
    readonly i: Int32Array;
    readonly j: Int32Array;
  }[] {
    const found = new Map<string, { a: number; b: number; nodes: Map<number, Set<number>> }>();
    for (const near of this.#near.values()) {
      const nodes = [...near.keys()].sort((u, v) => u - v);
      for (const [at, u] of nodes.entries()) {
        for (const v of nodes.slice(at + 1)) {
          const [a, b] = [this.#saeOf(u), this.#saeOf(v)];
          if (a === b || this.#near.get(u)!.has(v)) continue;
          const one = found.get(`${a},${b}`) ?? { a, b, nodes: new Map<number, Set<number>>() };
          found.set(`${a},${b}`, one);
          one.nodes.set(u, (one.nodes.get(u) ?? new Set()).add(v));
        }
      }
    }
    return Array.from(found.values(), ({ a, b, nodes }) => {
      const pairs = Array.from(nodes, ([u, partners]) => Array.from(partners, (v) => [u, v])).flat();
      return {
        a,
        b,
        i: Int32Array.from(pairs, ([u]) => u - this.node(a, 0)),
        j: Int32Array.from(pairs, ([, v]) => v - this.node(b, 0)),
      };
    });
  }

  /** The groups by their nodes, and how good they are. */
  partition(least: number) {
    const nodes = [...this.#near.keys()].sort((u, v) => u - v);
    const at = new Map(nodes.map((node, n) => [node, n]));
    const [a, b, weight]: number[][] = [[], [], []];
    for (const [u, near] of this.#near) {
      for (const [v, { cosine }] of near) {
        if (u >= v) continue;
        a.push(at.get(u)!);
        b.push(at.get(v)!);
        // Where it is just the threshold, being together is still better than being alone.
        weight.push(Math.max(Number.EPSILON, Math.abs(cosine) - least));
      }
    }
    const { groups, ...optimum } = cliquePartition(
      Int32Array.from(nodes, (node) => this.#saeOf(node)),
      { a: Int32Array.from(a), b: Int32Array.from(b), weight: Float64Array.from(weight) },
    );
    return { groups: groups.map((group) => group.map((n) => nodes[n])), ...optimum };
  }

  /** @param nodes ascending @param saes of how many SAEs they could have been */
  family(nodes: readonly number[], saes: number): Omit<Family, 'q'> {
    const edge = (u: number, v: number) => this.#near.get(u)!.get(v)!;
    const [first] = nodes;
    const members = nodes.map((node): FamilyMember => {
      const others = nodes.filter((other) => other !== node);
      return {
        sae: this.#saeOf(node),
        feature: node - this.node(this.#saeOf(node), 0),
        sign: node !== first && edge(first, node).cosine < 0 ? -1 : 1,
        agreement: others.reduce((sum, other) => sum + Math.abs(edge(node, other).cosine), 0) / others.length,
      };
    });
    const edges = nodes.flatMap((u, at) => nodes.slice(at + 1).map((v) => edge(u, v)));
    const pValue = Math.max(...edges.map((one) => one.pValue));
    return {
      members,
      agreement: members.reduce((sum, { agreement }) => sum + agreement, 0) / members.length,
      leastCosine: Math.min(...edges.map(({ cosine }) => Math.abs(cosine))),
      chance: Math.min(1, (saes - members.length + 1) * pValue),
    };
  }
}

// Groups in which every pair fits: a partition into cliques whose weights have the largest sum, with a proven bound.
//
// Nodes are of classes (features of SAEs). Some pairs of nodes of different classes may stand in one group; pair (u, v) is then
// worth w_uv > 0. Wanted is a partition in which all pairs of a group are such pairs, so that a group has at most one node of
// a class, with the largest
//   V = Σ over groups Σ over pairs {u, v} of the group w_uv.
// This is clique partitioning (Grötschel and Wakabayashi 1989), NP-hard in general; with two classes it is an assignment.
//
// Bound. A partition pairs each node of class a with at most one of class b: its pairs between a and b are a matching. So
//   V ≤ Σ over pairs of classes of the best matching ≤ Σ min(Σ_{u in a} max_v w_uv, Σ_{v in b} max_u w_uv).
// Components of the graph of pairs are solved one by one. Where the bound is reached the component is proven; it is for every
// component that is a clique itself. Else branch and bound over its nodes, which proves the optimum or gives up; what it
// gives up keeps the best that was found and the bound.
//
// First a greedy partition (heaviest pairs first, groups merge where all of their pairs fit), improved by moving single nodes, also
// into the place of one of their own class, until nothing gains. Nothing is drawn. Equal sums are told apart by the order of nodes.
// Source: Grötschel and Wakabayashi, "A cutting plane algorithm for a clustering problem", Math. Programming 45, 1989.

/** Pairs {a, b} of nodes that may stand in one group [m]; each pair once, of different classes. */
export interface AllowedPairs {
  readonly a: Int32Array;
  readonly b: Int32Array;
  /** Above 0. */
  readonly weight: Float64Array;
}

export interface CliquePartition {
  /** Groups of two nodes or more, each ascending, in the order of their first nodes. */
  readonly groups: readonly (readonly number[])[];
  /** V */
  readonly value: number;
  /** No partition has a larger V. */
  readonly upperBound: number;
  /** Components that have pairs at all, and of how many the optimum is proven. */
  readonly components: number;
  readonly proven: number;
}

/** Nodes that branch and bound looks at in a component before it gives up. */
const mostVisits = 20_000;

/** Components with more nodes are not worth a try. */
const mostNodes = 40;

/** Sums of weights that differ by less are the same. */
const rounding = 1e-9;

type Neighbours = ReadonlyMap<number, number>;

/** @param classOf [n] class of each node */
export function cliquePartition(classOf: Int32Array, pairs: AllowedPairs): CliquePartition {
  const near = neighboursOf(pairs);
  const groups: number[][] = [];
  const out = { value: 0, upperBound: 0, components: 0, proven: 0 };
  for (const nodes of componentsOf(near)) {
    const solved = solveComponent(nodes, near, classOf);
    groups.push(...solved.groups.filter((group) => group.length > 1));
    out.value += solved.value;
    out.upperBound += solved.upperBound;
    out.components++;
    if (solved.proven) out.proven++;
  }
  for (const group of groups) group.sort((u, v) => u - v);
  return { groups: groups.sort(([u], [v]) => u - v), ...out };
}

function neighboursOf({ a, b, weight }: AllowedPairs): Map<number, Map<number, number>> {
  const near = new Map<number, Map<number, number>>();
  const of = (node: number) => {
    const known = near.get(node) ?? new Map<number, number>();
    near.set(node, known);
    return known;
  };
  for (let e = 0; e < a.length; e++) {
    of(a[e]).set(b[e], weight[e]);
    of(b[e]).set(a[e], weight[e]);
  }
  return near;
}

function componentsOf(near: ReadonlyMap<number, Neighbours>): number[][] {
  const seen = new Set<number>();
  const components: number[][] = [];
  for (const first of [...near.keys()].sort((u, v) => u - v)) {
    if (seen.has(first)) continue;
    seen.add(first);
    const nodes = [first];
    for (let at = 0; at < nodes.length; at++) {
      for (const next of near.get(nodes[at])!.keys()) {
        if (seen.has(next)) continue;
        seen.add(next);
        nodes.push(next);
      }
    }
    components.push(nodes.sort((u, v) => u - v));
  }
  return components;
}

interface Solved {
  readonly groups: number[][];
  readonly value: number;
  readonly upperBound: number;
  readonly proven: boolean;
}

function solveComponent(
  nodes: readonly number[],
  near: ReadonlyMap<number, Neighbours>,
  classOf: Int32Array,
): Solved {
  const bound = matchingBound(nodes, near, classOf);
  const found = improved(greedy(nodes, near), near, classOf);
  const value = worthOf(found, near);
  if (value >= bound - rounding) return { groups: found, value, upperBound: value, proven: true };
  if (nodes.length > mostNodes) return { groups: found, value, upperBound: bound, proven: false };
  const best = branchAndBound(nodes, near, classOf, { groups: found, value });
  return { ...best, upperBound: best.proven ? best.value : bound };
}

/** Σ over pairs of classes of min(Σ_u max_v w_uv, Σ_v max_u w_uv). */
function matchingBound(
  nodes: readonly number[],
  near: ReadonlyMap<number, Neighbours>,
  classOf: Int32Array,
): number {
  // By ordered pair of classes: what the nodes of the first can have at most of the second.
  const sums = new Map<string, number>();
  for (const node of nodes) {
    const best = new Map<number, number>();
    for (const [other, weight] of near.get(node)!) {
      best.set(classOf[other], Math.max(best.get(classOf[other]) ?? 0, weight));
    }
    for (const [other, weight] of best) {
      const key = `${classOf[node]},${other}`;
      sums.set(key, (sums.get(key) ?? 0) + weight);
    }
  }
  let total = 0;
  for (const [key, sum] of sums) {
    const [from, to] = key.split(',');
    if (Number(from) < Number(to)) total += Math.min(sum, sums.get(`${to},${from}`)!);
  }
  return total;
}

/** Groups merge along the heaviest pairs first, where all pairs of both fit. */
function greedy(nodes: readonly number[], near: ReadonlyMap<number, Neighbours>): number[][] {
  const groupOf = new Map<number, number[]>(nodes.map((node) => [node, [node]]));
  const pairs: { readonly u: number; readonly v: number; readonly weight: number }[] = [];
  for (const u of nodes) for (const [v, weight] of near.get(u)!) if (u < v) pairs.push({ u, v, weight });
  pairs.sort((p, q) => q.weight - p.weight || p.u - q.u || p.v - q.v);
  for (const { u, v } of pairs) {
    const [one, other] = [groupOf.get(u)!, groupOf.get(v)!];
    if (one === other || !one.every((node) => fits(node, other, near))) continue;
    one.push(...other);
    for (const node of other) groupOf.set(node, one);
  }
  return [...new Set(groupOf.values())];
}

function fits(node: number, group: readonly number[], near: ReadonlyMap<number, Neighbours>): boolean {
  const own = near.get(node)!;
  return group.every((other) => own.has(other));
}

function weightIn(node: number, group: readonly number[], near: ReadonlyMap<number, Neighbours>): number {
  const own = near.get(node)!;
  return group.reduce((sum, other) => sum + (own.get(other) ?? 0), 0);
}

/** Moves single nodes as long as that gains: into another group, where one of its own class makes room and stays alone. */
function improved(
  groups: number[][],
  near: ReadonlyMap<number, Neighbours>,
  classOf: Int32Array,
): number[][] {
  const groupOf = new Map<number, number[]>();
  for (const group of groups) for (const node of group) groupOf.set(node, group);
  const nodes = [...groupOf.keys()].sort((u, v) => u - v);
  // Each move gains, so this ends; a component of many nodes is left after as many rounds.
  for (let round = 0; round < 20; round++) {
    let moved = false;
    for (const node of nodes) {
      const own = groupOf.get(node)!;
      let best:
        | { readonly gain: number; readonly to: number[]; readonly out: number | undefined }
        | undefined;
      for (const to of new Set(Array.from(near.get(node)!.keys(), (other) => groupOf.get(other)!))) {
        if (to === own) continue;
        const out = to.find((other) => classOf[other] === classOf[node]);
        const rest = to.filter((other) => other !== out);
        if (!fits(node, rest, near)) continue;
        const lost = weightIn(node, own, near) + (out === undefined ? 0 : weightIn(out, to, near));
        const gain = weightIn(node, rest, near) - lost;
        if (gain > (best?.gain ?? rounding)) best = { gain, to, out };
      }
      if (!best) continue;
      const { to, out } = best;
      own.splice(own.indexOf(node), 1);
      if (out !== undefined) {
        to.splice(to.indexOf(out), 1);
        groupOf.set(out, [out]);
      }
      to.push(node);
      groupOf.set(node, to);
      moved = true;
    }
    if (!moved) break;
  }
  return [...new Set(groupOf.values())];
}

function worthOf(groups: readonly (readonly number[])[], near: ReadonlyMap<number, Neighbours>): number {
  let sum = 0;
  for (const group of groups) for (const node of group) sum += weightIn(node, group, near);
  return sum / 2;
}

/**
 * Nodes join one of the groups so far, or begin their own, in turn. A node that is still to come adds at most the best that it has
 * of each class among those before it.
 */
function branchAndBound(
  nodes: readonly number[],
  near: ReadonlyMap<number, Neighbours>,
  classOf: Int32Array,
  start: { readonly groups: number[][]; readonly value: number },
): { groups: number[][]; value: number; proven: boolean } {
  const strength = (node: number) => [...near.get(node)!.values()].reduce((sum, weight) => sum + weight, 0);
  const order = [...nodes].sort((u, v) => strength(v) - strength(u) || u - v);
  const left = new Float64Array(order.length + 1);
  for (let at = order.length - 1; at >= 0; at--) {
    const own = near.get(order[at])!;
    const best = new Map<number, number>();
    for (let before = 0; before < at; before++) {
      const other = classOf[order[before]];
      best.set(other, Math.max(best.get(other) ?? 0, own.get(order[before]) ?? 0));
    }
    left[at] = left[at + 1];
    for (const weight of best.values()) left[at] += weight;
  }
  let best = start;
  let visits = 0;
  const groups: number[][] = [];
  const visit = (at: number, value: number): void => {
    if (++visits > mostVisits || value + left[at] <= best.value + rounding) return;
    if (at === order.length) {
      best = { groups: groups.map((group) => [...group]), value };
      return;
    }
    const node = order[at];
    const joins = groups
      .filter((group) => fits(node, group, near))
      .map((group) => ({ group, gain: weightIn(node, group, near) }))
      .sort((one, other) => other.gain - one.gain);
    for (const { group, gain } of joins) {
      group.push(node);
      visit(at + 1, value + gain);
      group.pop();
    }
    groups.push([node]);
    visit(at + 1, value);
    groups.pop();
  };
  visit(0, 0);
  return { ...best, proven: visits <= mostVisits };
}

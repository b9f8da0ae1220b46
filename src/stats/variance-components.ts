// Init against order: how much of the disagreement between SAEs each seed explains, from a full cross of both.
//
// SAEs (i, j) with init seed i of I and order seed j of J. Pairs come in three kinds, and δ is the mean of 1 − score over
// the pairs of a kind:
//   δ_I  they differ in init alone (j = j′)      δ_O  in order alone (i = i′)      δ_IO  in both
// Crossed random effects: let an SAE be a point φ_ij = μ + a_i + b_j + c_ij, the effects independent with mean 0. A
// dissimilarity that is a squared distance, as 1 − cosine is (½‖u − v‖² of unit vectors), then has the expectations
//   δ_I = A + C,   δ_O = B + C,   δ_IO = A + B + C   with A = E‖a − a′‖², B = E‖b − b′‖², C = E‖c − c′‖² (up to one factor)
// and equating them with the means gives the components without bias, and their shares of δ_IO, which sum to 1:
//   init   A/δ_IO = 1 − δ_O/δ_IO    what goes away when the init is kept and the order changes
//   order  B/δ_IO = 1 − δ_I/δ_IO    what goes away when the order is kept and the init changes
//   either C/δ_IO = (δ_I + δ_O)/δ_IO − 1    what is there as soon as either of them changes
// One SAE a cell, so C holds the interaction; training is deterministic, so nothing else is in it. A share can come out a
// little below 0 by chance, and is not cut off. Correcting the score for chance divides every δ by 1 − null: the shares
// stay. Rows that never moved keep a shared init and feign that init matters: use scores over live features beside.
// Source: ANOVA estimators of a crossed design, Searle, Casella & McCulloch, "Variance Components", 1992, ch. 4, in terms
// of distances as in Anderson, "A new method for non-parametric multivariate analysis of variance", 2001.
//
// Intervals: delete-one jackknife over init seeds and over order seeds (each leaves a smaller cross),
// SE² = SE_init² + SE_order², which counts what both see of C twice and so is too wide rather than too narrow
// (Efron & Stein 1981; Owen 2007 for crossed designs); t with Satterthwaite's degrees of freedom.
import { ReseedError } from '../errors.js';
import type { Interval } from './jackknife.js';
import { studentTQuantile } from './student-t.js';
import { mean } from './summary.js';

/** An SAE of the cross. */
export interface CrossedMember {
  readonly id: string;
  readonly initSeed: number;
  readonly orderSeed: number;
}

/** How two SAEs of the cross differ. */
export const crossedKinds = ['init', 'order', 'both'] as const;
export type CrossedKind = (typeof crossedKinds)[number];

export interface KindOfPairs {
  /** Mean of 1 − score. */
  readonly disagreement: number;
  /** Number of pairs. */
  readonly n: number;
}

export interface Share {
  /** Share of the disagreement of pairs that differ in both; the three sum to 1. */
  readonly value: number;
  /** 95 %; absent below three seeds of either kind. */
  readonly interval?: Interval;
}

export const components = ['init', 'order', 'either'] as const;
export type Component = (typeof components)[number];

export interface VarianceComponents {
  readonly initSeeds: number;
  readonly orderSeeds: number;
  /** By what the two SAEs of a pair differ in. */
  readonly kinds: Readonly<Record<CrossedKind, KindOfPairs>>;
  readonly shares: Readonly<Record<Component, Share>>;
}

interface Difference {
  readonly a: CrossedMember;
  readonly b: CrossedMember;
  readonly kind: CrossedKind;
  readonly value: number;
}

/**
 * Components of the disagreement 1 − value of pairs. SAEs that are missing from the cross are done without, as long as
 * every kind of pair is there. Undefined where a kind of pair is missing, or SAEs that differ in both do not disagree.
 * @throws usage.argument when a pair names no member, or two members have both seeds in common
 */
export function varianceComponents(
  pairs: readonly { readonly a: string; readonly b: string; readonly value: number }[],
  members: readonly CrossedMember[],
): VarianceComponents | undefined {
  const all = differences(pairs, members);
  const whole = sharesOf(all);
  if (!whole) return undefined;
  const inits = distinct(members.map((m) => m.initSeed));
  const orders = distinct(members.map((m) => m.orderSeed));
  const withoutInit = inits.map((s) =>
    sharesOf(all.filter(({ a, b }) => a.initSeed !== s && b.initSeed !== s)),
  );
  const withoutOrder = orders.map((s) =>
    sharesOf(all.filter(({ a, b }) => a.orderSeed !== s && b.orderSeed !== s)),
  );
  const share = (component: Component): Share => {
    const interval = crossedInterval(
      whole[component],
      [withoutInit, withoutOrder].map((left) => left.map((shares) => shares?.[component])),
    );
    return { value: whole[component], ...(interval ? { interval } : {}) };
  };
  return {
    initSeeds: inits.length,
    orderSeeds: orders.length,
    kinds: { init: kindOf(all, 'init'), order: kindOf(all, 'order'), both: kindOf(all, 'both') },
    shares: { init: share('init'), order: share('order'), either: share('either') },
  };
}

function differences(
  pairs: readonly { readonly a: string; readonly b: string; readonly value: number }[],
  members: readonly CrossedMember[],
): Difference[] {
  const byId = new Map(members.map((m) => [m.id, m]));
  return pairs.map(({ a, b, value }) => {
    const [one, other] = [byId.get(a), byId.get(b)];
    const sameInit = one?.initSeed === other?.initSeed;
    const sameOrder = one?.orderSeed === other?.orderSeed;
    if (!one || !other || (sameInit && sameOrder)) {
      throw new ReseedError('usage.argument', 'a pair of a cross differs in init seed, order seed, or both', {
        field: `${a}, ${b}`,
        found: one && other ? 'the same seeds' : `no SAE ${one ? b : a}`,
      });
    }
    return { a: one, b: other, kind: sameInit ? 'order' : sameOrder ? 'init' : 'both', value: 1 - value };
  });
}

function kindOf(all: readonly Difference[], kind: CrossedKind): KindOfPairs {
  const values = all.filter((pair) => pair.kind === kind).map(({ value }) => value);
  return { disagreement: mean(values), n: values.length };
}

/** Undefined where a kind of pair is missing, or there is no disagreement to share out. */
function sharesOf(all: readonly Difference[]): Record<Component, number> | undefined {
  const [init, order, both] = crossedKinds.map((kind) => kindOf(all, kind));
  if (init.n === 0 || order.n === 0 || !(both.disagreement > 0)) return undefined;
  const [differInit, differOrder] = [init, order].map((k) => k.disagreement / both.disagreement);
  return { init: 1 - differOrder, order: 1 - differInit, either: differInit + differOrder - 1 };
}

/** @param left for each way of leaving out, the values without each seed in turn */
function crossedInterval(
  value: number,
  left: readonly (readonly (number | undefined)[])[],
): Interval | undefined {
  const variances = left.map((values) => {
    const n = values.length;
    const known = values.filter((v) => v !== undefined);
    // Of two seeds, leaving one out leaves no pair that differs.
    if (known.length < n) return undefined;
    const centre = mean(known);
    return { variance: ((n - 1) / n) * known.reduce((s, v) => s + (v - centre) ** 2, 0), degrees: n - 1 };
  });
  const [init, order] = variances;
  if (!init || !order) return undefined;
  const variance = init.variance + order.variance;
  const degrees =
    variance === 0
      ? Math.min(init.degrees, order.degrees)
      : variance ** 2 / (init.variance ** 2 / init.degrees + order.variance ** 2 / order.degrees);
  const reach = studentTQuantile(0.975, degrees) * Math.sqrt(variance);
  return { low: value - reach, high: value + reach, level: 0.95, method: 'jackknife-init-and-order-t' };
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)];
}

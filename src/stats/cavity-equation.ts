// The mean weight of an optimal one-to-one assignment of f rows and g ≥ f columns with random weights, nothing drawn.
//
// Let p be the density of one weight. What a row gains from its best column beyond what that column costs is
//   X = max (w − Y) over its g columns,  what a column gains is  Y = max(0, max (w − X)) over its f rows,
// the 0 because with g > f a column may stay alone; with f = g there is no 0, and X and Y are alike. Seen from one edge
// (i, j) the maxima leave that edge out, and the edge is used where w > X + Y. With I(x) = ∫ p(w)·P(Y < w − x) dw,
//   P(X < x) = (1 − I(x))^(g−1),  P(Y < y) = (1 − J(y))^(f−1) for y ≥ 0,  J(y) = ∫ p(w)·P(X < w − y) dw,
// solved by iteration. At the solution the total is f·E[X] + g·E[Y] − f·g·E[(w − X − Y)⁺], where the first two maxima are
// over all edges (exponents g and f), and E[(w − X − Y)⁺] = ∫ I(x)·P(X < x) dx. It is stationary in both distributions:
// what they are off by enters squared. A row is matched with probability g·∫₀¹ (1 − I)^(g−1) dI = 1.
// Source: Mézard & Parisi, "Replicas and optimization", J. Physique Lett. 46, 1985; Aldous, "The ζ(2) limit in the
// random assignment problem", Random Structures & Algorithms 18(4), 2001; the cavity form of the energy: Mézard &
// Montanari, "Information, Physics, and Computation", 2009, chapter 16.
//
// Both distributions live on one lattice of multiples of a step. The integrands are smooth and vanish at both ends, where
// the trapezoid rule is nearly exact, except at w = 0 (folded weights) and y = 0, where a sum starts with the weights of
// Gregory's rule of fourth order.

/** The distribution of one weight: even about 0 and on [−1, 1], or folded to [0, 1]. */
export interface EdgeWeights {
  readonly folded: boolean;
  /** p(w) inside the support, −1 < w < 1. */
  readonly density: (w: number) => number;
  /** The w that is exceeded with this probability; the lower end of the support for 1 and above. */
  readonly exceeded: (probability: number) => number;
}

/** Lattice points over the range of X. */
const defaultPoints = 128;

/** Probabilities below this are left out. */
const negligible = 1e-10;

/** Largest change of a probability in the last round; it enters the mean squared. */
const closeEnough = 1e-7;
const mostRounds = 200;

const gregory = [3 / 8, 7 / 6, 23 / 24];

/**
 * Mean weight of the min(f, g) edges of the optimum. f and g need not be whole: they are exponents.
 * @param f rows @param g columns, 1 ≤ f ≤ g
 * @param points lattice points over the range of X; the default is off by about 1e-6 at most for cosines in 16 dimensions or more
 */
export function meanOptimalWeight(
  weights: EdgeWeights,
  f: number,
  g: number,
  points = defaultPoints,
): number {
  const { step, x, y, p } = lattice(weights, f, g, points);
  const even = f === g;
  const belowX = new Float64Array(x.size);
  // The rounds end in the same place from anywhere.
  const belowY = new Float64Array(y.size).fill(0.5);
  // The sum over y ≥ 0 starts at a jump.
  const rule = Float64Array.from({ length: y.size }, (_, j) => (even ? 1 : (gregory[j] ?? 1)));
  const beatenX = () => chancesToBeat(p, belowY, rule, x.size);
  const beatenY = () => chancesToBeat(p, belowX, undefined, y.size);

  for (let round = 0; round < mostRounds; round++) {
    belowX.set(powers(beatenX(), g - 1));
    const wanted = even ? belowX : withSomeAlone(beatenY(), f, g);
    let off = 0;
    wanted.forEach((value, j) => {
      off = Math.max(off, Math.abs(value - belowY[j]));
      // Half a step: each of the two grows as the other falls.
      belowY[j] = (belowY[j] + value) / 2;
    });
    if (off < closeEnough) break;
  }

  const beaten = beatenX();
  const others = powers(beaten, g - 1);
  const all = powers(beaten, g);
  // E[X] = highest − ∫ P(X < x) dx.
  const gainX = (x.first + x.size - 1 + 0.5) * step - step * sum(all);
  const gainY = even ? gainX : step * sum(powers(beatenY(), f).map((below, j) => rule[j] * (1 - below)));
  const used = step * sum(beaten.map((chance, k) => chance * others[k]));
  return gainX + (g / f) * gainY - g * used;
}

interface Range {
  /** Multiple of the step at which it begins. */
  readonly first: number;
  readonly size: number;
}

interface Lattice {
  readonly step: number;
  readonly x: Range;
  readonly y: Range;
  /** step·p(w) at w = step·(x.first + y.first + i), with the weights of the rule where it starts. */
  readonly p: Float64Array;
}

/** Only where the distributions change: a few SDs of a maximum, however many dimensions there are. */
function lattice({ folded, density, exceeded }: EdgeWeights, f: number, g: number, points: number): Lattice {
  const even = f === g;
  // Y is at most half of a typical best weight in the middle; below `lowest` a row has 70/2 better columns on average. Of few
  // columns it begins where weights do: the end of the support can be many SDs further down, with nothing on the way.
  const share = folded ? 70 / g : Math.min(70 / g, 1 - negligible);
  const lowest = exceeded(share) - exceeded(0.5 / g) / 2;
  const highest = exceeded(negligible / g) - (even ? lowest : 0);
  const step = (highest - lowest) / points;
  const size = (first: number, last: number) => Math.ceil(last / step) - first + 1;
  const first = Math.floor(lowest / step);
  const x = { first, size: size(first, highest) };
  const y = even ? x : { first: 0, size: size(0, exceeded(negligible / f) - lowest) };
  const p = new Float64Array(x.size + y.size);
  for (let i = 0; i < p.length; i++) {
    const at = x.first + y.first + i;
    const w = at * step;
    if (w <= -1 || w >= 1 || (folded && at < 0)) continue;
    p[i] = step * density(w) * (folded ? (gregory[at] ?? 1) : 1);
  }
  return { step, x, y, p };
}

/** ∫ p(w)·P(other < w − x) dw for the first `size` x. Beyond the range of `below` there are next to no weights. */
function chancesToBeat(
  p: Float64Array,
  below: Float64Array,
  rule: Float64Array | undefined,
  size: number,
): Float64Array {
  const weighted = rule ? below.map((value, j) => value * rule[j]) : below;
  const chances = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    let sum = 0;
    for (let j = 0; j < weighted.length; j++) sum += p[k + j] * weighted[j];
    chances[k] = sum;
  }
  return chances;
}

/**
 * P(Y < y) with a share of exactly 1 − f/g of the columns alone, as at the solution. Without this the rounds would take
 * very many to settle how much X gains at the cost of Y where g is just above f.
 */
function withSomeAlone(chances: Float64Array, f: number, g: number): Float64Array {
  const alone = f * Math.log1p(-Math.min(1, chances[0]));
  return powers(chances, ((f - 1) * Math.log1p(-f / g)) / alone);
}

/** (1 − chance)^n. */
function powers(chances: Float64Array, n: number): Float64Array {
  return chances.map((chance) => (n === 0 ? 1 : Math.exp(n * Math.log1p(-Math.min(1, chance)))));
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

// The tail of the best |cosine| of a given direction among directions that crowd into some dimensions.
//
// For a unit direction û and x ~ N(0, Λ), with u_k its coordinates on the axes of Λ,
//   p₁(c) = P(|cos(û, x)| ≥ c) = P(Q ≥ 0), Q = (û·x)² − c²‖x‖²,
// and of G independent such x the best reaches c with probability 1 − (1 − p₁)^G. Q is a quadratic form of normals. Its
// matrix is a rank-one update of −c²Λ, so with s = 2tc² its cumulant generating function is
//   K = −½[A(s) + ln(1 − (s/c²)·B(s))], A = Σ_k ln(1 + s·λ_k), B = Σ_k u_k²·λ_k/(1 + s·λ_k).
// At the saddlepoint ŝ, where K is least, w = √(−2K) and v = ŝ·√K″ say how far out 0 lies. A direction in the crowd
// has the p₁ of one among isotropic directions in some number of dimensions, δ: that in which w is the same for this c. So
//   p₁ ≈ p_iso(δ, c)·v_iso(δ, c)/v,  p_iso(δ, c) = I_{1−c²}((δ − 1)/2, ½), δ real.
// This is Lugannani and Rice's formula with the isotropic case as base in place of the normal distribution; it is exact
// where Λ is isotropic. Against numerical inversion of the characteristic function it is within 7 % at p₁ = 1e-6, 10 % at
// 1e-4, 23 % at 1e-2, over spectra from flat to k^−2 and one dominant axis (docs/statistics.md). δ = 1/ûᵀMû alone, with M
// the second moment of the directions, would be off by orders of magnitude.
// A is needed once per crowd, and B at fixed s is a product of matrices, so both are taken on a grid of ln s and
// interpolated: A and ln(B) vary on the scale of 1.
// Sources: Lugannani and Rice, "Saddle point approximation for the distribution of the sum of independent random
// variables", Adv. Appl. Prob. 12(2), 1980; Wood, Booth and Butler, "Saddlepoint approximations to the CDF of some
// statistics with nonnormal limit distributions", JASA 88(422), 1993.
import { ReseedError } from '../errors.js';
import { incompleteBeta } from './incomplete-beta.js';

/** What is needed of a crowd: Λ at the points of the grid. */
export interface CrowdTail {
  /** [S] equally spaced ln s, from s·λ_max = 1e-5 to s·λ_min = 1e10 */
  readonly logS: Float64Array;
  /** Σ_k ln(1 + s·λ_k) [S] */
  readonly a: Float64Array;
  /** λ_k/(1 + s·λ_k) [S × r]: times the u_k² it gives B. */
  readonly weights: Float32Array;
  /** λ [r] with sum 1 */
  readonly lambda: Float64Array;
}

const step = 0.2;

/** The grid for a spectrum λ [r], none negative. @throws usage.argument where its sum is not above 0 */
export function crowdTail(lambda: Float64Array): CrowdTail {
  const total = lambda.reduce((sum, value) => sum + value, 0);
  if (!(total > 0 && Number.isFinite(total))) {
    throw new ReseedError('usage.argument', 'no spectrum', {
      field: 'lambda',
      found: `sum ${total}`,
      expected: 'a sum above 0',
    });
  }
  const scaled = lambda.map((value) => value / total);
  const positive = scaled.filter((value) => value > 0);
  const largest = positive.reduce((most, value) => Math.max(most, value), 0);
  const smallest = positive.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const from = Math.log(1e-5 / largest);
  const to = Math.log(1e10 / Math.max(smallest, 1e-9 * largest));
  const points = Math.ceil((to - from) / step) + 1;
  const logS = Float64Array.from({ length: points }, (_, i) => from + step * i);
  const weights = new Float32Array(points * scaled.length);
  const a = logS.map((at, i) => {
    const s = Math.exp(at);
    let sum = 0;
    scaled.forEach((value, k) => {
      sum += Math.log1p(s * value);
      weights[i * scaled.length + k] = value / (1 + s * value);
    });
    return sum;
  });
  return { logS, a, weights, lambda: scaled };
}

/** A direction as a crowd sees it. */
export interface SeenDirection {
  /** B at the points of the grid [S]: Σ_k u_k²·weights[i][k] */
  readonly b: ArrayLike<number>;
  /** Σ u_k², below 1 where the crowd does not span the direction */
  readonly within: number;
}

/** P(max_j |cos(û, x_j)| ≥ cosine) over `features` directions of the crowd: the p-value of a best |cosine| in it. */
export function maxSurvivalInCrowd(
  crowd: CrowdTail,
  features: number,
  seen: SeenDirection,
  cosine: number,
): number {
  const one = survivalInCrowd(crowd, seen, cosine);
  return one >= 1 ? 1 : -Math.expm1(features * Math.log1p(-one));
}

/** Float32 rows know a cosine to about this. */
const rounding = 1e-6;

/** p₁: P(|cos(û, x)| ≥ cosine) for one direction x of the crowd. */
export function survivalInCrowd(crowd: CrowdTail, { b, within }: SeenDirection, cosine: number): number {
  const { logS, lambda } = crowd;
  // All of a crowd on one line has the same cosine.
  if (lambda.length === 1) return cosine <= Math.sqrt(within) + rounding ? 1 : 0;
  // What lies outside the span of the crowd makes all cosines smaller by the same factor.
  const square = (cosine * cosine) / within;
  if (!(square < 1)) return cosine === 0 ? 1 : 0;
  // E[Q] ≥ 0: 0 is not in the tail, and the mean cos² says enough.
  const most = b[0] / within;
  if (square <= most) return isotropicTail(1 / most, square);
  let top = 0;
  let height = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logS.length; i++) {
    const left = 1 - (Math.exp(logS[i]) * b[i]) / (within * square);
    if (left <= 0) break;
    const at = crowd.a[i] + Math.log(left);
    if (at > height) [top, height] = [i, at];
  }
  if (top === 0) return isotropicTail(1 / square, square);
  const { twiceK, v } = saddlepoint(crowd, b, within * square, top);
  const dimensions = isotropicDimensions(twiceK, square);
  const base = isotropicTail(dimensions, square);
  const ofBase = Math.sqrt(dimensions / (dimensions - 1) / 2) * (dimensions * square - 1);
  // Where 0 is near the mean both are nearly 0, and their ratio is 1.
  return ofBase < 1e-3 || !(v > 0) ? base : Math.min(1, (base * ofBase) / v);
}

/** −2K and v at the saddlepoint, which is next to the point of the grid where −2K is largest. */
function saddlepoint({ logS, a }: CrowdTail, b: ArrayLike<number>, squareCosine: number, near: number) {
  let low = logS[near - 1];
  let high = near + 1 < logS.length ? logS[near + 1] : logS[near];
  let y = logS[near];
  let found = { twiceK: 0, v: 0 };
  const first = Math.max(0, Math.min(logS.length - 6, near - 2));
  const logB = Float64Array.from({ length: 6 }, (_, i) => Math.log(b[first + i]));
  const ofA = a.subarray(first, first + 6);
  for (let round = 0; round < 40; round++) {
    const at = (y - logS[first]) / step;
    const [value, slope, bend] = sextic(ofA, at);
    const [beta, betaSlope, betaBend] = sextic(logB, at);
    const g = Math.exp(y + beta) / squareCosine;
    if (g >= 1) {
      high = y;
      y = 0.5 * (low + high);
      continue;
    }
    const rise = 1 + betaSlope;
    const part = (g * rise) / (1 - g);
    const gradient = slope - part;
    const curvature = bend - (g * (rise * rise + betaBend)) / (1 - g) - part * part;
    found = { twiceK: value + Math.log1p(-g), v: Math.sqrt(Math.max(0, -0.5 * curvature)) };
    if (gradient > 0) low = y;
    else high = y;
    const newton = y - gradient / curvature;
    const next = curvature < 0 && newton > low && newton < high ? newton : 0.5 * (low + high);
    if (Math.abs(next - y) < 1e-7) break;
    y = next;
  }
  return found;
}

/** Value, first and second derivative (by y, not by the index) of the polynomial through six points of the grid, at index `at`. */
function sextic(f: ArrayLike<number>, at: number): [number, number, number] {
  // Newton's forward differences, then Horner's scheme with both derivatives.
  const difference = [f[0], f[1], f[2], f[3], f[4], f[5]];
  for (let order = 1; order < 6; order++) {
    for (let i = 5; i >= order; i--) difference[i] = (difference[i] - difference[i - 1]) / order;
  }
  let [value, slope, bend] = [difference[5], 0, 0];
  for (let i = 4; i >= 0; i--) {
    bend = bend * (at - i) + 2 * slope;
    slope = slope * (at - i) + value;
    value = value * (at - i) + difference[i];
  }
  return [value, slope / step, bend / (step * step)];
}

/** δ ≥ 1/c² with −2K_iso(δ, c) = (δ − 1)·ln((δ − 1)/((1 − c²)δ)) − ln(δc²) as given; it is convex and grows from 0. */
function isotropicDimensions(twiceK: number, square: number): number {
  const least = 1 / square;
  if (!(twiceK > 0)) return least;
  let delta = least + Math.sqrt(2 * twiceK * least * (least - 1));
  for (let round = 0; round < 60; round++) {
    const slope = Math.log((delta - 1) / ((1 - square) * delta));
    const next = delta - ((delta - 1) * slope - Math.log(delta * square) - twiceK) / slope;
    const inside = Math.max(next, 0.5 * (least + delta));
    if (Math.abs(inside - delta) < 1e-12 * delta) return inside;
    delta = inside;
  }
  return delta;
}

/** P(|cosine| ≥ c) of two isotropic directions in a real number of dimensions ≥ 1. */
function isotropicTail(dimensions: number, square: number): number {
  if (dimensions <= 1) return 1;
  return incompleteBeta(1 - square, (dimensions - 1) / 2, 0.5);
}

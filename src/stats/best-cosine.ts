// The distribution of a best |cosine| among directions drawn uniformly on the sphere: mean, spread and tail.
//
// The |cosine| of two independent directions in d dimensions has G(t) = I_{t²}(½, (d − 1)/2); the largest of F
// independent ones has distribution function G(t)^F and mean ∫₀¹ 1 − G(t)^F dt.
// Source: |cosine|² ~ Beta(½, (d − 1)/2), Muirhead, "Aspects of Multivariate Statistical Theory", 1982, §1.5.
import { ReseedError } from '../errors.js';
import { incompleteBeta } from './incomplete-beta.js';
import { integrate } from './quadrature.js';

/**
 * E[max_j |c_j|] over `features` random directions in `width` dimensions, to 1e-8.
 * @throws usage.argument unless both are whole numbers ≥ 1
 */
export function expectedMax(width: number, features: number): number {
  requireCounts({ width, features });
  if (width === 1) return 1;
  // With t = cos φ the integrand is smooth up to both ends.
  const integrand = (angle: number) =>
    survival(features, upperTail(width, Math.sin(angle) ** 2)) * Math.sin(angle);
  return integrate(integrand, 0, Math.PI / 2, 1e-9);
}

/**
 * P(max_j |c_j| ≥ cosine) = 1 − G(cosine)^F: the p-value of a best |cosine| among `features` random directions.
 * It keeps its digits down to 1e-300.
 * @throws usage.argument unless width and features are whole numbers ≥ 1 and 0 ≤ cosine ≤ 1
 */
export function maxSurvival(width: number, features: number, cosine: number): number {
  requireCounts({ width, features });
  if (!(cosine >= 0 && cosine <= 1)) {
    throw new ReseedError('usage.argument', 'not an absolute cosine', {
      found: String(cosine),
      expected: '0 … 1',
    });
  }
  // In one dimension every |cosine| is 1.
  if (width === 1) return 1;
  return survival(features, upperTail(width, (1 - cosine) * (1 + cosine)));
}

/**
 * SD of a pair's score ½(mean_i max_j |c_ij| + mean_j max_i |c_ij|) over F and G random directions.
 *
 * With m_G the best of G, Var = ¼(Var(m_G)/F + Var(m_F)/G + 2κ). κ = Cov(row maximum, column maximum) is exact: the two
 * share one of F + G − 1 independent entries, so κ = ∫∫ [G(min(s,t))·G(s)^{G−1}·G(t)^{F−1} − G(s)^G·G(t)^F] ds dt. Two
 * rows are taken for uncorrelated; they are nearly so, and the more dimensions the more (docs/statistics.md).
 */
export function pairSpread(width: number, a: number, b: number): number {
  requireCounts({ width, a, b });
  if (width === 1) return 0;
  const { alone, shared } = pairVariance(width, a, b);
  return Math.sqrt(alone + shared);
}

/**
 * By what ¼(Var(m_G)/F + Var(m_F)/G) is to be multiplied for the variance of a pair's score: both its means share cosines.
 * 1.8 for equal numbers, and in all but a few dimensions nearly the same, so it serves other directions too.
 */
export function bothWays(width: number, a: number, b: number): number {
  requireCounts({ width, a, b });
  if (width === 1) return 1;
  const { alone, shared } = pairVariance(width, a, b);
  return 1 + shared / alone;
}

function pairVariance(
  width: number,
  a: number,
  b: number,
): { readonly alone: number; readonly shared: number } {
  const table = distributionTable(width);
  return {
    alone: 0.25 * (varianceOfMax(table, b) / a + varianceOfMax(table, a) / b),
    shared: 0.5 * sharedEntry(table, a, b),
  };
}

/** 1 − (1 − tail)^F without cancellation. */
function survival(features: number, tail: number): number {
  return -Math.expm1(features * Math.log1p(-tail));
}

/** P(|cosine| > t) at 1 − t² = `sineSquared`, taken directly so that small tails keep their digits. */
function upperTail(width: number, sineSquared: number): number {
  return incompleteBeta(sineSquared, (width - 1) / 2, 0.5);
}

/** t = sin θ on a uniform grid of θ over [0, π/2], with the weight of each point and the tail there. */
interface DistributionTable {
  readonly t: Float64Array;
  /** dt of the trapezoid rule, exact to high order as the integrands are flat at both ends. */
  readonly weight: Float64Array;
  readonly tail: Float64Array;
}

const panels = 1 << 13;

function distributionTable(width: number): DistributionTable {
  const angle = Float64Array.from({ length: panels + 1 }, (_, i) => (i * Math.PI) / 2 / panels);
  const step = Math.PI / 2 / panels;
  return {
    t: angle.map(Math.sin),
    weight: angle.map((at, i) => Math.cos(at) * step * (i === 0 || i === panels ? 0.5 : 1)),
    tail: angle.map((at) => upperTail(width, Math.cos(at) ** 2)),
  };
}

/** Var(m_F) = ∫ 2t·(1 − G^F) dt − mean². */
function varianceOfMax({ t, weight, tail }: DistributionTable, features: number): number {
  let mean = 0;
  let square = 0;
  tail.forEach((above, i) => {
    const mass = survival(features, above) * weight[i];
    mean += mass;
    square += 2 * t[i] * mass;
  });
  return square - mean * mean;
}

/** κ: for s ≤ t the integrand is G(s)^G·G(t)^{F−1}·(1 − G(t)), for s ≥ t the same with F and G swapped. */
function sharedEntry({ weight, tail }: DistributionTable, a: number, b: number): number {
  let belowA = 0;
  let belowB = 0;
  let total = 0;
  tail.forEach((above, i) => {
    const power = (n: number) => Math.exp(n * Math.log1p(-above));
    // A tail of 1 stands only at t = 0, where 0⁰ would be asked for.
    if (above === 1) return;
    const [toA, toB] = [power(a) * weight[i], power(b) * weight[i]];
    // The diagonal s = t belongs half to either side.
    total += (belowB + toB / 2) * power(a - 1) * above * weight[i];
    total += (belowA + toA / 2) * power(b - 1) * above * weight[i];
    belowA += toA;
    belowB += toB;
  });
  return total;
}

/** @throws usage.argument unless all are whole numbers ≥ 1 */
export function requireCounts(counts: Record<string, number>): void {
  for (const [field, found] of Object.entries(counts)) {
    if (Number.isInteger(found) && found >= 1) continue;
    throw new ReseedError('usage.argument', 'no chance level', {
      field,
      found: String(found),
      expected: 'a whole number ≥ 1',
    });
  }
}

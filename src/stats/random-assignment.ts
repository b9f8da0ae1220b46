// The mean cosine of the best one-to-one assignment of two sets of random directions, and its SD, with nothing drawn.
//
// The cosine w of two random directions in d dimensions has density ∝ (1 − w²)^((d−3)/2) (Muirhead 1982, §1.5). Were all
// f·g cosines independent, the mean M over the min(f, g) pairs would follow from the cavity equation (cavity-equation.ts)
// up to terms of order 1/f. With f ≤ g, ρ = f/g and s = ∂M/∂ln f at fixed ρ the null is
//   mean = M + 0.58·s·ρ^4.5/f − c·ρ^2.5/(d^1.8·f^0.4),  c = 1.8 for signed and 0.85 for absolute cosines,
//   SD   = s·√((1.4 − 0.36·ρ^1.7)/f).
// The second term is what short cycles of a finite graph add, the third what the dependence of the cosines of few
// dimensions takes away. Both, and the factor of the SD, are fitted to drawn pairs: docs/statistics.md says how well.
import { ReseedError } from '../errors.js';
import { type EdgeWeights, meanOptimalWeight } from './cavity-equation.js';
import { incompleteBeta } from './incomplete-beta.js';
import { logBeta } from './log-beta.js';

const cycles = { size: 0.58, power: 4.5 } as const;
const dependence = { signed: 1.8, absolute: 0.85, ratio: 2.5, dimensions: 1.8, features: 0.4 } as const;
const spread = { apart: 1.4, together: 0.36, power: 1.7 } as const;

/** Shapes that the formula was held against; below `crowded` dimensions only up to g = 4d². */
const held = { dimensions: 16, features: 8, crowded: 64 } as const;

/**
 * Mean cosine, or mean |cosine|, over the min(f, g) pairs of the assignment that maximises it, of f and g independent
 * random directions in d dimensions. Takes milliseconds at any size; the discretisation is off by less than 2e-6.
 * @param d dimensions @param f directions on one side @param g on the other, in any order
 * @throws usage.argument where `assignmentFormulaHolds` does not
 */
export function expectedAssignment(d: number, f: number, g: number, absolute: boolean): number {
  requireFormula(d, f, g);
  const mean = independentMean(d, f, g, absolute);
  const fewer = Math.min(f, g);
  const ratio = fewer / Math.max(f, g);
  const added = (cycles.size * sensitivity(d, f, g, absolute, mean) * ratio ** cycles.power) / fewer;
  const size = absolute ? dependence.absolute : dependence.signed;
  const taken =
    (size * ratio ** dependence.ratio) / (d ** dependence.dimensions * fewer ** dependence.features);
  return mean + added - taken;
}

/**
 * SD of that mean from one pair of sets to the next, to 10 %.
 * @throws usage.argument like `expectedAssignment`
 */
export function assignmentSpread(d: number, f: number, g: number, absolute: boolean): number {
  requireFormula(d, f, g);
  const fewer = Math.min(f, g);
  const ratio = fewer / Math.max(f, g);
  const variance = (spread.apart - spread.together * ratio ** spread.power) / fewer;
  const mean = independentMean(d, f, g, absolute);
  return sensitivity(d, f, g, absolute, mean) * Math.sqrt(variance);
}

/**
 * Whether the formulas are as good as 1,000 drawn pairs for that shape. Where not, drawing is quick, except of very many
 * features in few dimensions, for which nobody has looked.
 * @throws usage.argument unless all are whole numbers ≥ 1
 */
export function assignmentFormulaHolds(d: number, f: number, g: number): boolean {
  for (const [field, found] of Object.entries({ d, f, g })) {
    if (!(Number.isInteger(found) && found >= 1)) throw noFormula(field, found, 'a whole number ≥ 1');
  }
  if (d < held.dimensions || Math.min(f, g) < held.features) return false;
  return d >= held.crowded || Math.max(f, g) <= 4 * d * d;
}

/** s = ∂M/∂ln f with f/g kept, M being `mean`. */
function sensitivity(d: number, f: number, g: number, absolute: boolean, mean: number): number {
  const factor = 1.1;
  return (independentMean(d, f, g, absolute, factor) - mean) / Math.log(factor);
}

/** M for widths multiplied by `factor`, which need not come out whole. */
function independentMean(d: number, f: number, g: number, absolute: boolean, factor = 1): number {
  return meanOptimalWeight(cosines(d, absolute), factor * Math.min(f, g), factor * Math.max(f, g));
}

/** The cosine of two random directions in d dimensions, or its absolute value. */
export function cosines(d: number, folded: boolean): EdgeWeights {
  const side = folded ? 1 : 0.5;
  const height = (2 * side) / Math.exp(logBeta(0.5, (d - 1) / 2));
  const tail = (t: number) => side * incompleteBeta(1 - t * t, (d - 1) / 2, 0.5);
  const exceeded = (probability: number): number => {
    if (probability >= 1) return folded ? 0 : -1;
    if (probability > side) return -exceeded(1 - probability);
    let [low, high] = [0, 1];
    for (let halving = 0; halving < 40; halving++) {
      const middle = (low + high) / 2;
      if (tail(middle) > probability) low = middle;
      else high = middle;
    }
    return high;
  };
  return { folded, density: (w) => height * (1 - w * w) ** ((d - 3) / 2), exceeded };
}

function requireFormula(d: number, f: number, g: number): void {
  if (assignmentFormulaHolds(d, f, g)) return;
  const expected = `d ≥ ${held.crowded}, or d ≥ ${held.dimensions} and f, g ≤ 4d²; f, g ≥ ${held.features}`;
  throw noFormula('d, f, g', [d, f, g].join(', '), expected);
}

function noFormula(field: string, found: string | number, expected: string): ReseedError {
  return new ReseedError('usage.argument', 'no formula for an assignment of that size', {
    field,
    found: String(found),
    expected,
  });
}

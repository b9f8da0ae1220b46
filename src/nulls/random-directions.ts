// The chance level of a best |cosine|: what directions drawn uniformly on the sphere give.
//
// The |cosine| of two independent directions in d dimensions has G(t) = I_{t²}(½, (d − 1)/2); the largest of F
// independent ones has mean ∫₀¹ 1 − G(t)^F dt. A pair's chance is the mean of that over both its widths.
// Source: |cosine|² ~ Beta(½, (d − 1)/2), Muirhead, "Aspects of Multivariate Statistical Theory", 1982, §1.5.
import { ReseedError } from '../errors.js';
import { directionMax } from '../similarity/directions.js';
import { pairsOf } from '../similarity/metric.js';
import { incompleteBeta } from '../stats/incomplete-beta.js';
import { integrate } from '../stats/quadrature.js';
import { mean, sampleSd } from '../stats/summary.js';
import { zeros } from '../tensor/matrix.js';
import { Rng } from '../tensor/rng.js';
import { type DrawOptions, requireDraws } from './draws.js';
import { type Null, nullBand } from './null.js';

/**
 * E[max_j |c_j|] over `features` random directions in `width` dimensions, to 1e-8.
 * @throws usage.argument unless both are whole numbers ≥ 1
 */
export function expectedMax(width: number, features: number): number {
  for (const [field, found] of Object.entries({ width, features })) {
    if (!Number.isInteger(found) || found < 1) {
      throw new ReseedError('usage.argument', 'no chance level', {
        field,
        found: String(found),
        expected: 'a whole number ≥ 1',
      });
    }
  }
  if (width === 1) return 1;
  // With t = cos φ the integrand is smooth up to both ends.
  const integrand = (angle: number) =>
    -Math.expm1(features * Math.log1p(-upperTail(width, angle))) * Math.sin(angle);
  return integrate(integrand, 0, Math.PI / 2, 1e-9);
}

/** P(|cosine| > cos φ) = 1 − G(cos φ), taken directly so that small tails keep their digits. */
function upperTail(width: number, angle: number): number {
  return incompleteBeta(Math.min(1, Math.sin(angle) ** 2), (width - 1) / 2, 0.5);
}

/**
 * The null of the mean over all pairs of a group, for members with these numbers of features: exact mean, SD
 * from sampled groups.
 * @param widths features per member, ≥ 1 @param width dimensions d of a direction
 * @throws usage.argument below two members, two draws or one feature
 */
export async function randomDirectionsNull(
  widths: readonly number[],
  width: number,
  { kernel, seed, draws, signal }: DrawOptions,
): Promise<Null> {
  requireDraws(draws);
  const chance = new Map([...new Set(widths)].map((features) => [features, expectedMax(width, features)]));
  const perPair = pairsOf(widths.length).map(
    ([i, j]) => 0.5 * (chance.get(widths[i])! + chance.get(widths[j])!),
  );
  const sampled: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const sets = widths.map((features, i) => {
      const rows = zeros(features, width);
      new Rng(seed, 'null', 'random-directions', draw, i).fillNormal(rows.data);
      return { id: String(i), rows };
    });
    const scores = await directionMax('decoder.max', sets, kernel, signal ? { signal } : {});
    if (!scores) {
      throw new ReseedError('usage.argument', 'a null over pairs needs two members', {
        field: 'widths',
        found: widths.join(', '),
      });
    }
    sampled.push(mean(scores.pairs.map((pair) => pair.value)));
  }
  return nullBand('random-directions', mean(perPair), sampleSd(sampled), draws, true);
}

// What planted dictionaries give: two sets of rows that share a part s, the others random.
//
// Best matches score s + (1 − s)·chance; one to one, the share s of the pairs has a cosine of 1. A feature is shared where
// both its rows are: in the smaller part, which is a part of the other.
import { expectedMax } from '../../stats/best-cosine.js';
import type { MetricControl } from '../metric.js';
import type { MatchedScores } from '../pairs/matched.js';

type Planted = NonNullable<MetricControl['planted']>;

/** Unit rows are rounded to float32. */
export const rounding = 1e-6;

/**
 * The mean over 128 random rows or more, in both directions, scatters by less than 0.0025 (SD of one best |cosine|
 * 0.04, over √128, and both ways round): six of that.
 */
const scatter = 0.015;

export function plantedBestMatches(part: 'decoder' | 'encoder'): Planted {
  return (scores, { [part]: share, features, width }) => ({
    expected: share + (1 - share) * expectedMax(width, features),
    measured: scores.pairs[0].value,
    tolerance: scatter,
  });
}

export function plantedPartners(part: 'decoder' | 'encoder'): Planted {
  return (scores, { [part]: share }) => {
    const { best } = (scores as MatchedScores).matches[0].aToB;
    const alike = best.filter((cosine) => cosine >= 1 - rounding).length / best.length;
    return { expected: share, measured: alike, tolerance: rounding };
  };
}

export const plantedShare: Planted = (scores, { decoder, encoder }) => ({
  expected: Math.min(decoder, encoder),
  measured: scores.pairs[0].value,
  tolerance: rounding,
});

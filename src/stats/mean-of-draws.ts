// Mean of draws that go through strata in turn: how far off it may be, and how far single draws spread.
//
// The draws come in cycles; in each, stratum k is drawn c_k times of C, in an order that is itself random. So the mean of
// n draws is unbiased after any of them. Its SE from all draws, √(v/n) with n − 1 degrees of freedom, counts the
// difference between strata as noise. After m ≥ 2 whole cycles (one, where no stratum is drawn only once in it) the
// strata are balanced, and √(Σ (c_k/C)²·v_k/(m·c_k)) with the degrees of freedom of Welch and Satterthwaite does without
// it. The smaller error counts.
// A few draws know their SD poorly: errors and spreads are stretched by t_{ν, 0.975}/1.96, so that ± 1.96 of them covers
// 95 %. Drawing until the error is small stops more often where draws look alike by accident: the error is stretched by
// 1 + 2/n more, with which ± 1.96 covers 94 to 97 % whenever it stops (docs/statistics.md).
// Source: Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bulletin 2, 1946.
import { studentTQuantile } from './student-t.js';
import { mean, sampleSd } from './summary.js';

/** How often each stratum is drawn in a cycle. */
export type Strata = ReadonlyMap<string, number>;

export interface MeanOfDraws {
  readonly mean: number;
  /** The mean is within 1.96 of these of the true one in 95 % of cases. */
  readonly error: number;
  /** SD of the mean over one whole cycle. */
  readonly spread: number;
}

/** @param values [n], n ≥ 2 @param of [n] stratum of each @param strata all of them */
export function meanOfDraws(values: readonly number[], of: readonly string[], strata: Strata): MeanOfDraws {
  const n = values.length;
  const cycle = [...strata.values()].reduce((sum, count) => sum + count, 0);
  const v = sampleSd(values) ** 2;
  const centre = mean(values);
  const overall = {
    error: stretched(v / n, n - 1) * (1 + 2 / n),
    spread: stretched(v / cycle, n - 1),
  };
  if (n % cycle > 0 || strata.size === 1) return { mean: centre, ...overall };
  const parts: { readonly share: number; readonly variance: number; readonly drawn: number }[] = [];
  for (const [stratum, count] of strata) {
    const drawn = values.filter((_, at) => of[at] === stratum);
    if (drawn.length < 2) return { mean: centre, ...overall };
    parts.push({ share: count / cycle, variance: sampleSd(drawn) ** 2, drawn: drawn.length });
  }
  const terms = parts.map(({ share, variance, drawn }) => (share ** 2 * variance) / drawn);
  const square = terms.reduce((sum, term) => sum + term, 0);
  const freedom =
    square === 0
      ? n - parts.length
      : square ** 2 / parts.reduce((sum, { drawn }, k) => sum + terms[k] ** 2 / (drawn - 1), 0);
  const error = stretched(square, freedom) * (1 + 2 / n);
  if (error > overall.error) return { mean: centre, ...overall };
  const one = parts.reduce((sum, { share, variance }) => sum + share * variance, 0) / cycle;
  return { mean: centre, error, spread: stretched(one, freedom) };
}

/** Memo of t_{ν, 0.975}/1.96, which is asked for after each draw. */
const known = new Map<number, number>();

function stretched(variance: number, freedom: number): number {
  const factor = known.get(freedom) ?? studentTQuantile(0.975, freedom) / 1.96;
  if (Number.isInteger(freedom)) known.set(freedom, factor);
  return Math.sqrt(variance) * factor;
}

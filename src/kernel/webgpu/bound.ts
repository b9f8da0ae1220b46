// How far a product that a WebGPU shader sums in float32 can be from the exact one, and how rows are scaled for it.
//
// WGSL (§ "Floating Point Accuracy") asks that x + y and x · y be correctly rounded, and means by it either of the two float32
// values next to the true one: so each operation is off by a factor of at most 1 ± u with u = 2⁻²³. It lets a compiler reassociate,
// fuse x · y + z, and flush subnormal inputs, results and intermediates to 0. For any order of the d − 1 additions, fused or not,
// a product passes through at most d operations (Higham, Accuracy and Stability, § 3.1), and so
//   |v − a·b| ≤ γ(d + 1)·Σ|a_t b_t| + flushed,  γ(n) = n·u/(1 − n·u);  Σ|a_t b_t| ≤ ‖a‖·‖b‖ (Cauchy–Schwarz).
// Flushing: rows are scaled by a power of two, so that ‖a‖ and ‖b‖ are at most 1. An input below 2⁻¹²⁶ loses at most that, times the
// other factor, which is at most 1; so does each product and each sum. With what scaling itself rounds, below 2⁻¹⁴⁹ an entry,
// that is less than d·2⁻¹²³.
// The kernel below settles in float64, whose own rounding is below 2⁻⁵⁰ of these terms and covered by the added 1 in γ(d + 1).
//
// What is compared is w = v − price, or |v| − price: the price is rounded to float32 (2⁻²⁴ of it) and the difference to
// either neighbour (2⁻²³ of it). The limit that w is compared with is a difference, too. Each of these is at most 2⁻²¹ of
// ‖a‖·‖b‖ + max |price| together with the others. So a pair that is among the m best of its row has
//   w ≥ (any m-th largest w of the row) − slack,  slack = 2·(γ(d + 1)·‖a‖·max‖b‖ + d·2⁻¹²³) + 2⁻²⁰·(‖a‖·max‖b‖ + max|price|).
//
// Not used, since only a measurement on real cards can say whether they win: float16 storage (`shader-f16`), which halves what is read and adds
// up to 2⁻¹¹ of each value of a row, some 5–7·10⁻⁴ in all, to a bound of 10⁻⁴ at d = 768; and `dot4I8Packed`, which is exact, but needs two
// limbs of 8 bits a value for a like bound, and so three integer products for one of float32.
import type { Matrix } from '../../tensor/matrix.js';

/** Rows as a shader sees them. */
export interface ScaledRows {
  /** Power of two that brings the longest row to length ½ … 1; 1 where all are 0 */
  readonly scale: number;
  /** [rows] lengths of the scaled rows, rounded up */
  readonly norms: Float64Array;
  /** The largest of them. */
  readonly longest: number;
}

/** Lengths, and the scale. */
export function measureRows({ rows, cols, data }: Matrix): ScaledRows {
  const norms = new Float64Array(rows);
  let longest = 0;
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let at = i * cols; at < (i + 1) * cols; at++) sum += data[at] * data[at];
    norms[i] = Math.sqrt(sum) * (1 + 2 ** -20);
    longest = Math.max(longest, norms[i]);
  }
  const scale = longest === 0 ? 1 : 2 ** (-Math.floor(Math.log2(longest)) - 1);
  for (let i = 0; i < rows; i++) norms[i] *= scale;
  return { scale, norms, longest: longest * scale };
}

/** What a row of length `norm` may miss the m-th best by, against rows no longer than `others`. */
export function slackOf(norm: number, others: number, d: number, price: number): number {
  const u = 2 ** -23;
  const terms = (d + 1) * u;
  // Beyond this depth float32 says little; everything is listed.
  if (terms > 0.0625) return Number.POSITIVE_INFINITY;
  const product = norm * others;
  return 2 * ((terms / (1 - terms)) * product + d * 2 ** -123) + 2 ** -20 * (product + price);
}

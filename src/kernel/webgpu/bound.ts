// How far a product that a WebGPU shader sums in float32 can be from the exact one, and what that leaves to be listed.
//
// WGSL (§ "Floating Point Accuracy") asks that x + y and x · y be correctly rounded, and means by it either of the two float32
// values next to the true one: so each operation is off by a factor of at most 1 ± u with u = 2⁻²³. It lets a compiler reassociate,
// fuse x · y + z, and flush subnormal inputs, results and intermediates to 0. For any order of the d − 1 additions, fused or not,
// a product passes through at most d operations (Higham, Accuracy and Stability, § 3.1), and so
//   |v − a·b| ≤ γ(d + 1)·Σ|a_t b_t| + flushed,  γ(n) = n·u/(1 − n·u);  Σ|a_t b_t| ≤ ‖a‖·‖b‖ (Cauchy–Schwarz).
// Flushing: no value is above LARGEST = 2²⁴ (a shader looks; a query with larger ones is left to the kernel below). An input below 2⁻¹²⁶
// loses at most that, times the other factor, so both of a term lose less than 2⁻¹⁰¹; each product and each sum loses at most 2⁻¹²⁶.
// In all that is less than d·2⁻¹⁰⁰. Nothing overflows: d ≤ 2¹⁹ below, so lengths stay under 2³⁴, products and squares under 2⁶⁸.
// The kernel below settles in float64, whose own rounding is below 2⁻⁵⁰ of these terms and covered by the added 1 in γ(d + 1).
//
// Lengths are taken on the device, too, from s, the float32 sum of the squares of a row in any order: by the same count
//   ‖a‖² ≤ s/(1 − γ(d + 1)) + d·2⁻¹²⁴,  and γ(d + 1) ≤ 1/15 below: so ‖a‖ ≤ √(1.09·s + d·2⁻¹²³),
// where 1.09 instead of 15/14 leaves 1.7 % for the two operations and for the root (WGSL: that of 1/inverseSqrt, 2 ULP and a division of 2.5).
//
// What is compared is w = v − price, or |v| − price: the price is rounded to float32 (2⁻²⁴ of it) and the difference to
// either neighbour (2⁻²³ of it). The limit that w is compared with is a difference, too. Each of these is at most 2⁻²¹ of
// ‖a‖·‖b‖ + max |price| together with the others. So a pair that is among the m best of its row has
//   w ≥ (any m-th largest w of the row) − slack,  slack = 2·(γ(d + 1)·‖a‖·max‖b‖ + d·2⁻¹⁰⁰) + 2⁻²⁰·(‖a‖·max‖b‖ + max|price|).
// The shader takes it as relative·‖a‖·max‖b‖ + absolute: three operations, for which both factors are raised by 2⁻¹⁸.
// For a column, max‖a‖ goes over the rows seen so far: no others have had a part in its limit.
//
// Not used, since only a measurement on real cards can say whether they win: float16 storage (`shader-f16`), which halves what is read and adds
// up to 2⁻¹¹ of each value of a row, some 5–7·10⁻⁴ in all, to a bound of 10⁻⁴ at d = 768; and `dot4I8Packed`, which is exact, but needs two
// limbs of 8 bits a value for a like bound, and so three integer products for one of float32.

/** The largest size of a value that the bound holds for. */
export const LARGEST = 2 ** 24;

export interface Slack {
  /** Of the product of a row's length and the longest of the others. */
  readonly relative: number;
  readonly absolute: number;
}

/**
 * What a row may miss the m-th best by.
 * @param price the largest size of a price @returns undefined where float32 says little: everything would be listed
 */
export function slackOf(d: number, price: number): Slack | undefined {
  const u = 2 ** -23;
  const terms = (d + 1) * u;
  const raised = 1 + 2 ** -18;
  const relative = raised * ((2 * terms) / (1 - terms) + 2 ** -20);
  const absolute = raised * (2 * d * 2 ** -100 + 2 ** -20 * price);
  return terms <= 0.0625 && absolute < 1e20 ? { relative, absolute } : undefined;
}

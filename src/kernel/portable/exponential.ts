// eˣ from additions and multiplications only, so that every kernel has it to the same bit.
//
// x = k·ln 2 + r with |r| ≤ ½·ln 2, eˣ = 2ᵏ·Σ rⁿ/n! for n ≤ 13: the rest is below 2⁻⁵⁷.

/** ln 2 in two parts; k times the first is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const INVERSE_LN2 = Math.LOG2E;
/** Past this, 2ᵏ leaves the range of float64. */
const LIMIT = 700;

const word = new Float64Array(1);
const halves = new Int32Array(word.buffer);

/** 2ᵏ for −1022 ≤ k ≤ 1023. */
function powerOfTwo(k: number): number {
  halves[0] = 0;
  halves[1] = (k + 1023) << 20;
  return word[0];
}

/** eˣ, x limited to ±700; within about one unit in the last place. */
export function exponential(x: number): number {
  const limited = x > LIMIT ? LIMIT : Math.max(x, -LIMIT);
  const k = Math.floor(limited * INVERSE_LN2 + 0.5);
  const r = limited - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let n = 13; n >= 1; n--) sum = 1 + (sum * r) / n;
  return sum * powerOfTwo(k);
}

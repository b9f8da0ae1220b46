// Half-width floats: float16 (IEEE 754 binary16) and bfloat16 (the upper half of a float32) to float32, exactly; and float32 to the
// nearest float16.

/** float16 bits (0 … 65535) to a number; NaN and infinities are kept. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Every float16 as a number, by its bits: made when first needed. */
let float16s: Float32Array | undefined;

/** Widens float16 bits [n] into `out` [n]. */
export function widenFloat16(bits: Uint16Array, out: Float32Array): void {
  float16s ??= Float32Array.from({ length: 2 ** 16 }, (_, i) => float16ToNumber(i));
  for (let i = 0; i < bits.length; i++) out[i] = float16s[bits[i]];
}

/** Widens bfloat16 bits [n] into `out` [n]. */
export function widenBfloat16(bits: Uint16Array, out: Float32Array): void {
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16;
}

/** Bits of the nearest float16 of each value [n], ties to even; of what is beyond 65,504 those of infinity. */
export function narrowToFloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(words, (word) => {
    const sign = (word >>> 16) & 0x8000;
    const size = word & 0x7fff_ffff;
    if (size > 0x7f80_0000) return sign | 0x7e00;
    // From 65,520 on the nearest is infinity.
    if (size >= 0x477f_f000) return sign | 0x7c00;
    // Below 2⁻¹⁴ steps are of 2⁻²⁴: adding a half brings the last bit of the fraction there, rounded to even.
    if (size < 0x3880_0000) return sign | subnormal(size);
    return sign | ((size - 0x3800_0000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
  });
}

const half = new Float32Array(1);
const halfBits = new Uint32Array(half.buffer);

function subnormal(size: number): number {
  halfBits[0] = size;
  half[0] += 0.5;
  return halfBits[0] - 0x3f00_0000;
}

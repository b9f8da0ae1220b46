// Half-width floats: float16 (IEEE 754 binary16) and bfloat16 (the upper half of a float32) to float32, exactly.

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

// Half-width floats: float16 (IEEE 754 binary16) and bfloat16 (the upper half of a float32) to float32, exactly.

const word = new Uint32Array(1);
const real = new Float32Array(word.buffer);

/** The float32 with these 32 bits. */
function fromBits(bits: number): number {
  word[0] = bits;
  return real[0];
}

/** float16 bits (0 … 65535) to a number; NaN and infinities are kept. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** bfloat16 bits (0 … 65535) to a number. */
export function bfloat16ToNumber(bits: number): number {
  return fromBits(bits << 16);
}

// Counter-based random numbers (Philox 4×32-10): the same stream in every kernel, on every machine.
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const mid = aHigh * bLow + ((aLow * bLow) >>> 16);
  const mid2 = aLow * bHigh + (mid % 65536);
  return (aHigh * bHigh + Math.floor(mid / 65536) + Math.floor(mid2 / 65536)) >>> 0;
}

/** One Philox block: counter [4] and key [2] → four unsigned 32-bit words, written to `out`. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
  out: Uint32Array,
): void {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(M0, c0);
    const low0 = Math.imul(M0, c0) >>> 0;
    const high1 = mulHigh(M1, c2);
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** FNV-1a of a label, 32 bits: turns names of streams into words of the counter. */
function hash(label: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(label)) h = Math.imul(h ^ byte, 0x01000193) >>> 0;
  return h;
}

/** A stream of random numbers, named by a seed and a path of labels. */
export class Rng {
  readonly #key: readonly [number, number];
  readonly #stream: readonly [number, number];
  readonly #block = new Uint32Array(4);
  #counter = 0;
  #used = 4;
  #spare: number | undefined;

  /** @param seed a whole number, 0 ≤ seed < 2⁵³ @param labels which stream of that seed */
  constructor(seed: number, ...labels: (string | number)[]) {
    this.#key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
    const path = labels.join('/');
    this.#stream = [hash(path), hash(`${path}#`)];
  }

  /** The next unsigned 32-bit word. */
  uint32(): number {
    if (this.#used === 4) {
      const low = this.#counter >>> 0;
      const high = Math.floor(this.#counter / 2 ** 32) >>> 0;
      philox([low, high, this.#stream[0], this.#stream[1]], this.#key, this.#block);
      this.#counter++;
      this.#used = 0;
    }
    return this.#block[this.#used++];
  }

  /** Uniform on [0, 1) with 53 bits. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Standard normal (Box–Muller, both of a pair are used). */
  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare;
      this.#spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** A whole number, uniform on 0 … n−1, without modulo bias. */
  below(n: number): number {
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const word = this.uint32();
      if (word < limit) return word % n;
    }
  }

  /** A random order of 0 … n−1 (Fisher–Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
  }

  /** Fills `out` with uniforms on [−bound, bound). */
  fillUniform(out: Float32Array, bound: number): void {
    for (let i = 0; i < out.length; i++) out[i] = (2 * this.uniform() - 1) * bound;
  }

  /** Fills `out` with standard normals. */
  fillNormal(out: Float32Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.normal();
  }
}

// Sets of rows as bits, 32 to a word: counted, joined and looked through a word at a time.

/** An empty set of rows [0, n). */
export function noBits(n: number): Uint32Array {
  return new Uint32Array((n + 31) >>> 5);
}

export function hasBit(bits: Uint32Array, i: number): boolean {
  return ((bits[i >>> 5] >>> (i & 31)) & 1) === 1;
}

/** Puts [from, to) in. */
export function setRange(bits: Uint32Array, from: number, to: number): void {
  eachWord(from, to, (word, within) => {
    bits[word] |= within;
  });
}

/** How many of [from, to) are in. */
export function countIn(bits: Uint32Array, from: number, to: number): number {
  if (to <= from) return 0;
  const [first, last] = [from >>> 5, (to - 1) >>> 5];
  if (first === last) return ones(bits[first] & startingAt(from) & endingBefore(to));
  let n = ones(bits[first] & startingAt(from)) + ones(bits[last] & endingBefore(to));
  for (let w = first + 1; w < last; w++) n += ones(bits[w]);
  return n;
}

/** [from, to) moved to begin at bit 0 of a word, as a copy; bits behind are 0. */
export function slice(bits: Uint32Array, from: number, to: number): Uint32Array {
  const [first, by] = [from >>> 5, from & 31];
  const out = noBits(to - from);
  if (by === 0) out.set(bits.subarray(first, first + out.length));
  else {
    for (let w = 0; w < out.length; w++) {
      out[w] = (bits[first + w] >>> by) | ((bits[first + w + 1] ?? 0) << (32 - by));
    }
  }
  if (out.length > 0) out[out.length - 1] &= endingBefore(to - from);
  return out;
}

/** Keeps what is in `others`, or what is not. */
export function keep(bits: Uint32Array, others: Uint32Array, wanted: boolean): void {
  const turn = wanted ? 0 : -1;
  for (let w = 0; w < bits.length; w++) bits[w] &= others[w] ^ turn;
}

/** How many are in one of two sets and not in the other. */
export function differing(a: Uint32Array, b: Uint32Array): number {
  let n = 0;
  for (let w = 0; w < a.length; w++) n += ones(a[w] ^ b[w]);
  return n;
}

/** How many bits of a word are 1: Warren, Hacker's Delight, 5–1. */
export function ones(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Words that hold some of [from, to), each with those of its bits that are of it. */
export function eachWord(from: number, to: number, use: (word: number, within: number) => void): void {
  if (to <= from) return;
  const [first, last] = [from >>> 5, (to - 1) >>> 5];
  for (let w = first; w <= last; w++) {
    use(w, (w === first ? startingAt(from) : -1) & (w === last ? endingBefore(to) : -1));
  }
}

/** Each of [from, to) that is in, ascending. */
export function eachBit(bits: Uint32Array, from: number, to: number, use: (i: number) => void): void {
  eachWord(from, to, (w, within) => {
    for (let left = bits[w] & within; left !== 0; left &= left - 1) use(32 * w + lowest(left));
  });
}

/** The lowest bit of a word that is 1. */
export function lowest(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function startingAt(i: number): number {
  return -1 << (i & 31);
}

/** @param i above 0 */
function endingBefore(i: number): number {
  return -1 >>> (31 - ((i - 1) & 31));
}

// Damage that knows nothing of formats: bits, numbers, cuts, copies and splices.
import type { Rng } from '../../src/tensor/rng.js';

/** Changes bytes; `other` gives another file of the same container. */
export type Mutate = (bytes: Buffer, rng: Rng, other: () => Buffer) => Buffer;

/** Numbers at which counts and widths go wrong. */
export const edges: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 4n, 7n, 8n, 16n, 64n, 100n, 255n, 256n, 1000n, 65535n, 65536n],
  ...[2n ** 20n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 40n, 2n ** 53n - 1n, 2n ** 53n],
  ...[2n ** 62n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n],
];

export function pick<T>(rng: Rng, from: readonly T[]): T {
  return from[rng.below(from.length)];
}

/** An edge, in so many bytes, least first. */
export function edgeBytes(rng: Rng, width: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(pick(rng, edges));
  return bytes.subarray(0, width);
}

/** A piece of text or bytes that is replaced, in a copy. */
export function replaced(bytes: Buffer, from: number, to: number, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);
}

const kinds: readonly Mutate[] = [
  function flipBit(bytes, rng) {
    const out = Buffer.from(bytes);
    if (out.length > 0) out[rng.below(out.length)] ^= 1 << rng.below(8);
    return out;
  },
  function setByte(bytes, rng) {
    const out = Buffer.from(bytes);
    if (out.length > 0) out[rng.below(out.length)] = rng.below(256);
    return out;
  },
  function setNumber(bytes, rng) {
    const out = Buffer.from(bytes);
    const number = edgeBytes(rng, pick(rng, [1, 2, 4, 8]));
    if (out.length >= number.length) number.copy(out, rng.below(out.length - number.length + 1));
    return out;
  },
  function cut(bytes, rng) {
    return bytes.subarray(0, rng.below(bytes.length + 1));
  },
  function leaveOut(bytes, rng) {
    const [from, to] = range(bytes.length, rng);
    return replaced(bytes, from, to, Buffer.alloc(0));
  },
  function repeat(bytes, rng) {
    const [from, to] = range(bytes.length, rng);
    return replaced(bytes, to, to, bytes.subarray(from, to));
  },
  function insert(bytes, rng) {
    const at = rng.below(bytes.length + 1);
    const junk = Buffer.from(Array.from({ length: 1 + rng.below(64) }, () => rng.below(256)));
    return replaced(bytes, at, at, junk);
  },
  function fill(bytes, rng) {
    const [from, to] = range(bytes.length, rng);
    return Buffer.from(bytes).fill(pick(rng, [0, 0x20, 0xff]), from, to);
  },
  function splice(bytes, rng, other) {
    const second = other();
    return Buffer.concat([
      bytes.subarray(0, rng.below(bytes.length + 1)),
      second.subarray(rng.below(second.length + 1)),
    ]);
  },
];

function range(length: number, rng: Rng): [number, number] {
  const from = rng.below(length + 1);
  const longest = Math.min(length - from, pick(rng, [1, 8, 64, 4096]));
  return [from, from + rng.below(longest + 1)];
}

/** How many changes are made to a file: mostly one, since most changes alone make it unreadable. */
export function fewTimes(rng: Rng): number {
  return pick(rng, [1, 1, 1, 2, 2, 4]);
}

/** Some of these, one after the other. */
export const mutateBytes: Mutate = (bytes, rng, other) => {
  let out = bytes;
  for (let left = fewTimes(rng); left > 0; left--) out = pick(rng, kinds)(out, rng, other);
  return out;
};

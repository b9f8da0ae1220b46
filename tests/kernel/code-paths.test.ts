// The code paths that the addon offers are those that the system says this CPU has.
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadNative } from '../../src/kernel/native/addon.js';

const native = loadNative();
const cpuinfo = '/proc/cpuinfo';
const flags = new Set(
  existsSync(cpuinfo) ? /^flags\s*:(.*)$/m.exec(readFileSync(cpuinfo, 'utf8'))?.[1].split(' ') : [],
);
const needs: Record<string, readonly string[]> = {
  amx: ['amx_tile', 'amx_bf16', 'avx512_bf16', 'avx512f'],
  'avx512-vnni': ['avx512_vnni', 'avx512f', 'avx512bw', 'avx512vl', 'avx512dq'],
  'avx512-bf16': ['avx512_bf16', 'avx512f', 'avx512bw', 'avx512vl', 'avx512dq'],
  avx512: ['avx512f', 'avx512bw', 'avx512vl', 'avx512dq'],
  'avx-vnni': ['avx_vnni', 'avx2', 'fma'],
  avx2: ['avx2', 'fma'],
};

/** What Linux tells every process, by key: pairs of 64-bit words. */
function auxiliaryVector(): Map<bigint, bigint> {
  const file = '/proc/self/auxv';
  const bytes = existsSync(file) ? readFileSync(file) : [];
  const words = new BigUint64Array(Uint8Array.from(bytes).buffer);
  return new Map(Array.from({ length: words.length / 2 }, (_, i) => [words[2 * i], words[2 * i + 1]]));
}

/** Bits of AT_HWCAP (16) and AT_HWCAP2 (26) on arm64, from Linux's list of them. */
const needsOnArm: Record<string, readonly (readonly [key: bigint, bit: bigint])[]> = {
  'neon-i8mm': [
    [26n, 13n],
    [26n, 14n],
  ],
  'neon-dotprod': [[16n, 20n]],
};

it('code paths are those of the CPU, the fastest first, and one for any CPU', () => {
  if (!('addon' in native)) return;
  expect(native.addon.paths.at(-1)).toBe('baseline');
  if (process.arch !== 'x64' || flags.size === 0) return;
  const expected = Object.keys(needs).filter((path) => needs[path].every((flag) => flags.has(flag)));
  expect(native.addon.paths).toEqual([...expected, 'baseline']);
});

it('on arm64 there is one for products of bytes, and one for those of small matrices, where the CPU has them', () => {
  if (!('addon' in native) || process.arch !== 'arm64' || process.platform !== 'linux') return;
  const told = auxiliaryVector();
  expect(told.has(16n) && told.has(26n)).toBe(true);
  const has = ([key, bit]: readonly [bigint, bigint]) => (((told.get(key) ?? 0n) >> bit) & 1n) === 1n;
  const expected = Object.keys(needsOnArm).filter((path) => needsOnArm[path].every(has));
  expect(native.addon.paths).toEqual([...expected, 'baseline']);
});

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

/** AT_HWCAP of arm64, as Linux gives it to every process: pairs of 64-bit words. */
function capabilities(): bigint | undefined {
  const file = '/proc/self/auxv';
  if (!existsSync(file)) return;
  const words = new BigUint64Array(Uint8Array.from(readFileSync(file)).buffer);
  for (let i = 0; i + 1 < words.length; i += 2) if (words[i] === 16n) return words[i + 1];
}

it('code paths are those of the CPU, the fastest first, and one for any CPU', () => {
  if (!('addon' in native)) return;
  expect(native.addon.paths.at(-1)).toBe('baseline');
  if (process.arch !== 'x64' || flags.size === 0) return;
  const expected = Object.keys(needs).filter((path) => needs[path].every((flag) => flags.has(flag)));
  expect(native.addon.paths).toEqual([...expected, 'baseline']);
});

it('on arm64 there is one for products of bytes where the CPU has them', () => {
  if (!('addon' in native) || process.arch !== 'arm64') return;
  const has = capabilities();
  if (process.platform === 'linux') expect(has).toBeDefined();
  if (has === undefined) return;
  const products = ((has >> 20n) & 1n) === 1n;
  expect(native.addon.paths).toEqual(products ? ['neon-dotprod', 'baseline'] : ['baseline']);
});

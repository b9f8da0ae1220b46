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

it('code paths are those of the CPU, the fastest first, and one for any CPU', () => {
  if (!('addon' in native)) return;
  expect(native.addon.paths.at(-1)).toBe('baseline');
  if (process.arch !== 'x64' || flags.size === 0) return;
  const expected = Object.keys(needs).filter((path) => needs[path].every((flag) => flags.has(flag)));
  expect(native.addon.paths).toEqual([...expected, 'baseline']);
});

// Safetensors files whose header says something else: types, shapes, offsets, keys, and its own length.
import type { Rng } from '../../src/tensor/rng.js';
import { edgeBytes, edges, fewTimes, type Mutate, pick, replaced } from './mutate-bytes.js';

/** Values that do not belong where they are put, as JSON. */
const odd = ['null', 'true', '-1', '-0', '1.5', '1e308', '1e999', '""', '"F32"', '{}', '[]', '[[]]', '[0,0]'];
const names = [
  '__metadata__',
  '__proto__',
  'constructor',
  '',
  'a/b',
  '../../etc/passwd',
  '\\u0000',
  '\\u001b[2J',
];
const dtypes = ['F64', 'F32', 'F16', 'BF16', 'I64', 'I32', 'I16', 'I8', 'U64', 'U32', 'U16', 'U8', 'BOOL'];

/** A place in the text of a header, and what may stand there instead. */
const places: readonly (readonly [pattern: RegExp, instead: (rng: Rng, found: string) => string])[] = [
  [
    /-?\d+/g,
    (rng, found) => pick(rng, [String(pick(rng, edges)), String(Number(found) + 1), pick(rng, odd)]),
  ],
  [/"dtype":\s*"\w+"/g, (rng) => `"dtype":"${pick(rng, [...dtypes, 'F8_E4M3', 'f32', 'toString'])}"`],
  [
    /"shape":\s*\[[^\]]*\]/g,
    (rng) => `"shape":${pick(rng, [numbers(rng), pick(rng, odd), '[1,'.repeat(99)])}`,
  ],
  [/"data_offsets":\s*\[[^\]]*\]/g, (rng) => `"data_offsets":${pick(rng, [numbers(rng), pick(rng, odd)])}`],
  [/"[^"]*"\s*:\s*\{/g, (rng) => `"${pick(rng, names)}":{`],
  [/\{[^{}]*\}/g, (rng, found) => pick(rng, [pick(rng, odd), found.repeat(2), `${found},"x":${found}`])],
  [/[{}[\]",:]/g, (rng) => pick(rng, ['', '{', '}', '[', ']', '"', ',', ':'])],
  [/$/g, (rng) => pick(rng, [' ', '\n', '\0', ',', '}']).repeat(1 + rng.below(9))],
  [
    /^\{/g,
    (rng) => pick(rng, ['{"a":'.repeat(20_000), '['.repeat(20_000), '{"__metadata__":{"a":"b"},', '{{']),
  ],
];

function numbers(rng: Rng): string {
  return `[${Array.from({ length: rng.below(6) }, () => String(pick(rng, edges.slice(0, 20))))}]`;
}

export const mutateSafetensors: Mutate = (bytes, rng) => {
  if (bytes.length < 8) return bytes;
  const claimed = bytes.readBigUInt64LE(0);
  const end = claimed > bytes.length - 8 ? bytes.length : 8 + Number(claimed);
  if (rng.below(8) === 0) return replaced(bytes, 0, 8, edgeBytes(rng, 8));
  let header = bytes.toString('latin1', 8, end);
  for (let left = fewTimes(rng); left > 0; left--) {
    const [pattern, instead] = pick(rng, places);
    const found = [...header.matchAll(pattern)];
    if (found.length === 0) continue;
    const { index, 0: text } = pick(rng, found);
    header = header.slice(0, index) + instead(rng, text) + header.slice(index + text.length);
  }
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header, 'latin1'), bytes.subarray(end)]);
};

// .npy files whose header says something else: version, length, type, order and shape.
import type { Rng } from '../../src/tensor/rng.js';
import { edgeBytes, edges, fewTimes, type Mutate, pick, replaced } from './mutate-bytes.js';

const types = [
  '<f8',
  '<f4',
  '>f4',
  '<f2',
  '|b1',
  '|u1',
  '>i8',
  '<u8',
  '=f4',
  '<c8',
  '|O',
  '<U5',
  '<M8[ns]',
  '<f16',
  '',
];
const odd = ['None', 'True', '-1', '1.5', '1e3', '()', '(,)', '[]', "''", '{}', '1L', '0x10', '1_000', "b''"];

const places: readonly (readonly [pattern: RegExp, instead: (rng: Rng, found: string) => string])[] = [
  [/\d+/g, (rng, found) => pick(rng, [String(pick(rng, edges)), String(Number(found) + 1), pick(rng, odd)])],
  [/'descr':\s*'[^']*'/g, (rng) => `'descr': '${pick(rng, types)}'`],
  [/'descr':\s*'[^']*'/g, (rng) => `'descr': ${pick(rng, [...odd, "[('a', '<f4')]", '['.repeat(500)])}`],
  [/True|False/g, (rng) => pick(rng, ['True', 'False', ...odd])],
  [
    /\([^)]*\)/g,
    (rng) => pick(rng, [shape(rng), shape(rng), pick(rng, odd), '('.repeat(500), `(${'1,'.repeat(70)})`]),
  ],
  [/'[^']*':/g, (rng) => `'${pick(rng, ['descr', 'fortran_order', 'shape', 'extra', '__proto__', ''])}':`],
  [/[{}()[\]',:]/g, (rng) => pick(rng, ['', '{', '}', '(', ')', "'", '"', ',', ':', '\\', '#'])],
  [/\s*$/g, (rng) => pick(rng, ['', '\n', ' '.repeat(rng.below(200)), '\0', 'x', ' '.repeat(70_000)])],
];

function shape(rng: Rng): string {
  return `(${Array.from({ length: rng.below(5) }, () => `${pick(rng, edges)}, `).join('')})`;
}

export const mutateNpy: Mutate = (bytes, rng) => {
  if (bytes.length < 12) return bytes;
  const width = bytes[6] === 1 ? 2 : 4;
  const start = 8 + width;
  const end = Math.min(bytes.length, start + bytes.readUIntLE(8, width));
  const what = rng.below(10);
  if (what === 0) return replaced(bytes, 6, 8, Buffer.from([rng.below(5), rng.below(3)]));
  if (what === 1) return replaced(bytes, 8, start, edgeBytes(rng, width));
  let header = bytes.toString('latin1', start, end);
  for (let left = fewTimes(rng); left > 0; left--) {
    const [pattern, instead] = pick(rng, places);
    const found = [...header.matchAll(pattern)];
    if (found.length === 0) continue;
    const { index, 0: text } = pick(rng, found);
    header = header.slice(0, index) + instead(rng, text) + header.slice(index + text.length);
  }
  const length = Buffer.alloc(width);
  length.writeUIntLE(header.length % 2 ** (8 * width), 0, width);
  return Buffer.concat([bytes.subarray(0, 8), length, Buffer.from(header, 'latin1'), bytes.subarray(end)]);
};

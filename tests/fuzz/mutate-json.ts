// Configurations whose fields say something else, in JSON or no longer in JSON.
import type { Rng } from '../../src/tensor/rng.js';
import { edges, fewTimes, type Mutate, mutateBytes, pick } from './mutate-bytes.js';

const odd = [
  'null',
  'true',
  'false',
  '-1',
  '0.5',
  '1e308',
  '1e999',
  '""',
  '"topk"',
  '{}',
  '[]',
  '[[1]]',
  '"\\u0000"',
];
const words = [
  'topk',
  'standard',
  'jumprelu',
  'gated',
  'batchtopk',
  'none',
  'layer_norm',
  'relu',
  'groupmax',
  '__proto__',
];
const numbers = ['0', '1', '3', '8', '16', '24', '-8', '8.5', String(2 ** 31), ...edges.map(String)];

const places: readonly (readonly [pattern: RegExp, instead: (rng: Rng, found: string) => string])[] = [
  [/(?<=:\s*)-?\d[\d.e+-]*/g, (rng) => pick(rng, [...numbers, ...odd])],
  [/(?<=:\s*)"[^"]*"/g, (rng) => pick(rng, [`"${pick(rng, words)}"`, ...odd])],
  [/(?<=:\s*)(true|false|null)/g, (rng) => pick(rng, odd)],
  [/"[^"]*"(?=\s*:)/g, (rng) => `"${pick(rng, [...words, 'k', 'd_in', 'd_sae', 'metadata'])}"`],
  [/"[^"]*"\s*:[^,{}[\]]*,?/g, (rng, found) => pick(rng, ['', found + found])],
  [/\{[^{}]*\}/g, (rng) => pick(rng, odd)],
  // The whole of JSON may be deep: to parse it takes no stack, to write it does.
  [/(?<=:\s*)("[^"]*"|[\w.]+)/g, () => '['.repeat(50_000) + ']'.repeat(50_000)],
  [
    /[{}[\]",:]/g,
    (rng) => pick(rng, ['', '{', '}', '[', ']', '"', ',', ':', '['.repeat(50_000), '{"a":'.repeat(50_000)]),
  ],
];

export const mutateJson: Mutate = (bytes, rng, other) => {
  if (rng.below(10) === 0) return mutateBytes(bytes, rng, other);
  let text = bytes.toString('latin1');
  for (let left = fewTimes(rng); left > 0; left--) {
    const [pattern, instead] = pick(rng, places);
    const found = [...text.matchAll(pattern)];
    if (found.length === 0) continue;
    const { index, 0: old } = pick(rng, found);
    text = text.slice(0, index) + instead(rng, old) + text.slice(index + old.length);
  }
  return Buffer.from(text, 'latin1');
};

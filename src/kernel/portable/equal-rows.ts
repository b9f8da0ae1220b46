// Finds rows that are equal to the last bit, so that training computes them once and counts them.
import type { Matrix } from '../../tensor/matrix.js';

/** For each row, the index of the first row with the same bytes [rows]. */
export function firstEqualRow({ rows, cols, data }: Matrix): Int32Array {
  const words = new Int32Array(data.buffer, data.byteOffset, data.length);
  const first = new Int32Array(rows);
  const byHash = new Map<number, number[]>();
  for (let n = 0; n < rows; n++) {
    const at = n * cols;
    let hash = 0;
    for (let j = 0; j < cols; j++) hash = Math.imul(hash ^ words[at + j], 0x01000193);
    const candidates = byHash.get(hash);
    const equal = candidates?.find((c) => sameWords(words, c * cols, at, cols));
    first[n] = equal ?? n;
    if (candidates === undefined) byHash.set(hash, [n]);
    else if (equal === undefined) candidates.push(n);
  }
  return first;
}

function sameWords(words: Int32Array, p: number, q: number, n: number): boolean {
  for (let j = 0; j < n; j++) if (words[p + j] !== words[q + j]) return false;
  return true;
}

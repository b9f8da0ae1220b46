// Codes of a planted world: which true features fire on each row, and how strongly.
//
// Two streams draw them. One is the same for every world and decides on the shared features; the other is the world's
// own. Every row takes as many numbers from each, whatever is shared.
import { Rng } from '../tensor/rng.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';

export interface PlantedCodesPlan {
  readonly features: number;
  readonly rows: number;
  readonly active: number;
  readonly firing: 'exactly' | 'independent';
  readonly zipf: number;
  /** The first so many features have the same codes in every world. */
  readonly shared: number;
  readonly seed: number;
}

/** Codes Z [N×n], uniform on [½, 1½) where not 0. */
export function plantedCodes(plan: PlantedCodesPlan, world: number): SparseCodes {
  const { features, rows, active, zipf, shared, seed } = plan;
  const weights = firingWeights(features, active, zipf, seed);
  const common = draws(plan, weights, new Rng(seed, 'planted', 'codes'));
  const own = draws(plan, weights, new Rng(seed, 'planted', 'codes', 'of', world));
  const offsets = new Int32Array(new SharedArrayBuffer(4 * (rows + 1)));
  const indices: number[] = [];
  const values: number[] = [];
  for (let n = 0; n < rows; n++) {
    const [first, second] = [common(), own()];
    const fires = chosen(plan, first.key, second.key);
    for (let i = 0; i < features; i++) {
      if (!fires[i]) continue;
      indices.push(i);
      values.push((i < shared ? first : second).code[i]);
    }
    offsets[n + 1] = indices.length;
  }
  const at = new Int32Array(new SharedArrayBuffer(4 * indices.length));
  const code = new Float32Array(new SharedArrayBuffer(4 * indices.length));
  at.set(indices);
  code.set(values);
  return { rows, features, offsets, indices: at, values: code };
}

/** One row: when each feature would fire, the smaller the sooner, and how strongly. Overwritten by the next row. */
interface RowDraw {
  readonly key: Float64Array;
  readonly code: Float64Array;
}

function draws({ features, firing }: PlantedCodesPlan, weights: Float64Array, rng: Rng): () => RowDraw {
  const key = new Float64Array(features);
  const code = new Float64Array(features);
  return () => {
    for (let i = 0; i < features; i++) {
      const u = rng.uniform();
      // A race has no end, so every feature has a time; alone, a feature fires where its time is below 1.
      key[i] = firing === 'exactly' ? -Math.log(1 - u) / weights[i] : u / weights[i];
      code[i] = 0.5 + rng.uniform();
    }
    return { key, code };
  };
}

/** Which features fire on a row [n]. */
function chosen(
  { features, active, firing, shared }: PlantedCodesPlan,
  common: Float64Array,
  own: Float64Array,
): Uint8Array {
  const fires = new Uint8Array(features);
  if (firing === 'independent') {
    for (let i = 0; i < features; i++) fires[i] = (i < shared ? common : own)[i] < 1 ? 1 : 0;
    return fires;
  }
  const winners = smallest(common, 0, active).filter((i) => i < shared);
  for (const i of [...winners, ...smallest(own, shared, active - winners.length)]) fires[i] = 1;
  return fires;
}

/** Indices of the `count` smallest keys from index `from` on. */
function smallest(key: Float64Array, from: number, count: number): number[] {
  const best: number[] = [];
  for (let i = from; i < key.length && count > 0; i++) {
    if (best.length === count && key[i] >= key[best[count - 1]]) continue;
    let at = Math.min(best.length, count - 1);
    for (; at > 0 && key[best[at - 1]] > key[i]; at--) best[at] = best[at - 1];
    best[at] = i;
  }
  return best;
}

/** Weights [n] that sum to k, none above 1, otherwise as rank^−zipf; ranks in a random order that the seed alone sets. */
export function firingWeights(features: number, active: number, zipf: number, seed: number): Float64Array {
  const ranks = new Rng(seed, 'planted', 'ranks').permutation(features);
  const plain = Float64Array.from(ranks, (rank) => (rank + 1) ** -zipf);
  // Features that would fire more often than always fire always; the others share what is left.
  let capped = 0;
  for (;;) {
    const free = plain.filter((_, i) => ranks[i] >= capped);
    const scale = (active - capped) / free.reduce((sum, w) => sum + w, 0);
    if (free.length === 0 || scale * Math.max(...free) <= 1) {
      return plain.map((w, i) => (ranks[i] < capped ? 1 : scale * w));
    }
    capped++;
  }
}

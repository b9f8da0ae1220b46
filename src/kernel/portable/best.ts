// Keeps the best and second-best partner of every row, with ties going to the lowest index.
import type { Best } from '../interface.js';

/** An empty table of partners for n rows. */
export function emptyBest(n: number): Best {
  return {
    index: new Int32Array(n).fill(-1),
    value: new Float64Array(n).fill(Number.NEGATIVE_INFINITY),
    secondIndex: new Int32Array(n).fill(-1),
    secondValue: new Float64Array(n).fill(Number.NEGATIVE_INFINITY),
  };
}

/** Offers `partner` with `value` to row `i`. Partners must be offered in ascending order of index. */
export function offer(best: Best, i: number, partner: number, value: number): void {
  if (!(value > best.secondValue[i])) return;
  if (value > best.value[i]) {
    best.secondValue[i] = best.value[i];
    best.secondIndex[i] = best.index[i];
    best.value[i] = value;
    best.index[i] = partner;
  } else {
    best.secondValue[i] = value;
    best.secondIndex[i] = partner;
  }
}

/** Replaces the −∞ of missing partners by 0, so that no result holds a non-finite number. */
export function finish(best: Best): Best {
  for (let i = 0; i < best.value.length; i++) {
    if (best.index[i] < 0) best.value[i] = 0;
    if (best.secondIndex[i] < 0) best.secondValue[i] = 0;
  }
  return best;
}

/** Rows of several tables, one after the other. */
export function concatBest(parts: readonly Best[]): Best {
  const join = <T extends Int32Array | Float64Array>(pick: (b: Best) => T, out: T): T => {
    let at = 0;
    for (const part of parts) {
      out.set(pick(part), at);
      at += pick(part).length;
    }
    return out;
  };
  const n = parts.reduce((sum, p) => sum + p.index.length, 0);
  return {
    index: join((b) => b.index, new Int32Array(n)),
    value: join((b) => b.value, new Float64Array(n)),
    secondIndex: join((b) => b.secondIndex, new Int32Array(n)),
    secondValue: join((b) => b.secondValue, new Float64Array(n)),
  };
}

/** Merges tables over the same rows, whose partners come from ascending, disjoint ranges. */
export function mergeBest(parts: readonly Best[]): Best {
  const out = emptyBest(parts[0].index.length);
  for (const part of parts) {
    for (let i = 0; i < part.index.length; i++) {
      if (part.index[i] >= 0) offer(out, i, part.index[i], part.value[i]);
      if (part.secondIndex[i] >= 0) offer(out, i, part.secondIndex[i], part.secondValue[i]);
    }
  }
  return out;
}

// ReLU: p = π + b, z = max(p, 0); the penalty pulls every active code by λ·w/B.
import type { DenseArrays } from '../dense.js';
import type { DenseRule } from './dense-rule.js';

export function reluRule({ perFeature: [bias] }: DenseArrays<Float32Array>): DenseRule {
  return {
    select(reach, at, entries) {
      for (let i = 0; i < bias.length; i++) {
        const p = Math.fround(reach[at + i] + bias[i]);
        if (p > 0) entries.add(i, p, 0, 0);
      }
    },
    pull(entries, e, toCode, _toGate, count, { share, weights }) {
      entries.pull[e] = toCode + share * count * weights[entries.features[e]];
    },
    sum(entries, { order, from, to }, i, _pull, [toBias]) {
      let sum = 0;
      for (let s = from; s < to; s++) sum += entries.pull[order[s]];
      toBias[i] = sum;
      return sum;
    },
  };
}

// Gated: y = max(π + b_g, 0) says whether a feature fires, z = max(eʳ·π + b_m, 0) how strongly.
//
// The gate lets no gradient through: its path π learns from y alone, which the penalty pulls by λ·w/B and the
// auxiliary reconstruction by D_i·r_aux.
import type { DenseArrays } from '../dense.js';
import type { DenseRule } from './dense-rule.js';
import { exponential } from './exponential.js';

export function gatedRule({
  perFeature: [gateBias, magnitudeBias, logScale],
}: DenseArrays<Float32Array>): DenseRule {
  const scale = Float64Array.from(logScale, exponential);
  return {
    select(reach, at, entries) {
      for (let i = 0; i < gateBias.length; i++) {
        const y = Math.fround(reach[at + i] + gateBias[i]);
        if (!(y > 0)) continue;
        const scaled = scale[i] * reach[at + i];
        const z = Math.fround(scaled + magnitudeBias[i]);
        entries.add(i, Math.max(z, 0), y, scaled);
      }
    },
    pull(entries, e, toCode, toGate, count, { share, weights }) {
      const i = entries.features[e];
      const code = entries.code[e] > 0 ? toCode : 0;
      const gate = toGate + share * count * weights[i];
      entries.codePull[e] = code;
      entries.gatePull[e] = gate;
      entries.pull[e] = scale[i] * code + gate;
    },
    sum(entries, { order, from, to }, i, _pull, [toGateBias, toMagnitudeBias, toLogScale]) {
      let sum = 0;
      let gate = 0;
      let code = 0;
      let log = 0;
      for (let s = from; s < to; s++) {
        const e = order[s];
        sum += entries.pull[e];
        gate += entries.gatePull[e];
        code += entries.codePull[e];
        log += entries.codePull[e] * entries.input[e];
      }
      toGateBias[i] = gate;
      toMagnitudeBias[i] = code;
      toLogScale[i] = log;
      return sum;
    },
  };
}

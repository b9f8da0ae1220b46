// JumpReLU: p = π + b, z = p where p > θ and p > 0; θ learns from the entries near it.
//
// With K(u) = 1 for |u| < ½: ∂θ = −(θ/ε)·Σ K((p − θ)/ε)·∂z − (∂loss/∂L0)/(B·ε)·Σ K((q − θ)/ε), where q is p, or the
// code z when L0 has a target. In that case inactive entries, all with z = 0, count wherever |θ| < ε/2.
import type { DenseArrays, DenseLoss } from '../dense.js';
import type { DenseRule } from './dense-rule.js';

export function jumpReluRule(
  { perFeature: [bias, threshold] }: DenseArrays<Float32Array>,
  { bandwidth = 0, targetL0 }: Partial<DenseLoss>,
): DenseRule {
  const near = (value: number, i: number): boolean => {
    const u = (value - threshold[i]) / bandwidth;
    return u > -0.5 && u < 0.5;
  };
  return {
    select(reach, at, entries) {
      for (let i = 0; i < bias.length; i++) {
        const p = Math.fround(reach[at + i] + bias[i]);
        const active = p > threshold[i] && p > 0;
        if (active || near(p, i)) entries.add(i, active ? p : 0, 0, p);
      }
    },
    pull(entries, e, toCode) {
      entries.codePull[e] = toCode;
      entries.pull[e] = entries.code[e] > 0 ? toCode : 0;
    },
    sum(entries, { order, rowOf, from, to }, i, { perActive, batchRows, counts }, [toBias, toThreshold]) {
      let sum = 0;
      let toCodes = 0;
      let steps = 0;
      let active = 0;
      for (let s = from; s < to; s++) {
        const e = order[s];
        const count = counts[rowOf[s]];
        const isNear = near(entries.input[e], i);
        const isActive = entries.code[e] > 0;
        sum += entries.pull[e];
        if (isNear) toCodes += entries.codePull[e];
        if (isActive) active += count;
        if (targetL0 === undefined ? isNear : isActive && isNear) steps += count;
      }
      if (targetL0 !== undefined && near(0, i)) steps += batchRows - active;
      toBias[i] = sum;
      toThreshold[i] = -(threshold[i] / bandwidth) * toCodes - (perActive / bandwidth) * steps;
      return sum;
    },
  };
}

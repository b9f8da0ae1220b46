// The rule of each dense architecture.
import type { DenseArrays, DenseEncoding, DenseLoss } from '../dense.js';
import { gatedRule } from './dense-gated.js';
import { jumpReluRule } from './dense-jumprelu.js';
import { reluRule } from './dense-relu.js';
import type { DenseRule } from './dense-rule.js';

/** The rule of these weights as they are now. */
export function ruleOf(
  weights: DenseArrays<Float32Array>,
  loss: DenseEncoding & Partial<DenseLoss>,
): DenseRule {
  switch (loss.architecture) {
    case 'relu':
      return reluRule(weights);
    case 'jumprelu':
      return jumpReluRule(weights, loss);
    case 'gated':
      return gatedRule(weights);
  }
}

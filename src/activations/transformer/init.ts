// The small transformer before training: how each weight is drawn.
// Embeddings N(0, 1/dModel), so that they have length 1; linear maps and their biases U(±1/√fan-in), as in
// PyTorch's nn.Linear; norms scale 1, bias 0.
import { sharedFloat32 } from '../../tensor/matrix.js';
import { Rng } from '../../tensor/rng.js';
import type { TransformerConfig } from './config.js';
import { type Transformer, weightSpecs } from './weights.js';

/** A model with fresh weights; every weight has its own stream, so that a wider model changes no other. */
export function initTransformer(config: TransformerConfig, seed: number): Transformer {
  const weights: Record<string, Float32Array> = {};
  for (const [name, { shape, role, fanIn }] of Object.entries(weightSpecs(config))) {
    const values = sharedFloat32(shape.reduce((product, n) => product * n, 1));
    const rng = new Rng(seed, 'transformer', 'init', name);
    if (role === 'embedding') {
      const scale = 1 / Math.sqrt(config.dModel);
      for (let i = 0; i < values.length; i++) values[i] = rng.normal() * scale;
    } else if (fanIn !== undefined) rng.fillUniform(values, 1 / Math.sqrt(fanIn));
    else if (role === 'norm-scale') values.fill(1);
    weights[name] = values;
  }
  return { config, weights };
}

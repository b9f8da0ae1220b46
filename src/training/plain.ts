// The plain recipe: Kaiming-uniform weights, biases 0, Adam at a flat rate, nothing normalised, nothing revived.
//
// Kaiming-uniform: entries uniform on ±√(6/fan-in) (He et al. 2015, eq. 10, for ReLU). The encoder's fan-in is
// d, the decoder's is F. Top k of the raw pre-activations, so codes can be negative; the encoder reads the input
// as it is. Adam with its published defaults (Kingma & Ba 2015).
import { type Matrix, Rng, sharedFloat32, zeros } from '../tensor/index.js';
import type { Recipe } from './recipe.js';

function kaimingUniform(rows: number, cols: number, fanIn: number, rng: Rng): Matrix {
  const out = zeros(rows, cols);
  rng.fillUniform(out.data, Math.sqrt(6 / fanIn));
  return out;
}

export const plain: Recipe = {
  name: 'plain',
  init: (seed, d, features) => ({
    encoder: kaimingUniform(features, d, d, new Rng(seed, 'init', 'encoder')),
    encoderBias: sharedFloat32(features),
    decoder: kaimingUniform(features, d, features, new Rng(seed, 'init', 'decoder')),
    decoderBias: sharedFloat32(d),
  }),
  learningRate: 3e-4,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  relu: false,
  subtractDecoderBias: false,
};

// Training steps of ReLU, JumpReLU and Gated autoencoders: a pass, Adam, and what keeps the decoder at length 1.
//
// Before Adam (adam.ts), ∂D_i can lose its part along D_i, D_i·(∂D_i·D_i)/‖D_i‖², and then all gradients can be scaled
// together to a norm of at most `clipNorm`; after it, D_i can be scaled to length 1.
import type { Matrix } from '../../tensor/matrix.js';
import {
  arrayList,
  type DenseArrays,
  type DenseGradients,
  type DenseHyper,
  type DenseLoss,
  type DenseLossParts,
  type DenseTask,
  denseArrays,
} from '../dense.js';
import { adamStep } from './adam.js';
import { squareSum } from './combine.js';
import { countRows, DensePass } from './dense.js';
import { firstEqualRow } from './equal-rows.js';
import { clipScale, normaliseRow, projectRow } from './unit-rows.js';

/** Σ g² over all gradients: feature by feature, its rows and its own parameters, and last ∂b_d. */
function gradientSquares({ encoder, decoder, decoderBias, perFeature }: DenseArrays<Float64Array>): number {
  const d = decoderBias.length;
  let squares = 0;
  for (let i = 0; i < perFeature[0].length; i++) {
    let own = squareSum(encoder, i * d, d) + squareSum(decoder, i * d, d);
    for (const values of perFeature) own += values[i] * values[i];
    squares += own;
  }
  return squares + squareSum(decoderBias, 0, d);
}

/** Takes the task's steps, in place. Returns the loss before each. */
export function trainDense(x: Matrix, task: DenseTask, hyper: DenseHyper): DenseLossParts[] {
  const { state, batches, learningRates, sparsities } = task;
  const { features, width, weights, first, second } = state;
  const gradients = denseArrays(hyper.architecture, features, width, (n) => new Float64Array(n));
  const pass = new DensePass(x, gradients);
  const firstEqual = firstEqualRow(x);
  return batches.map((batch, s) => {
    const parts = pass.run(weights, countRows(batch, firstEqual), { ...hyper, sparsity: sparsities[s] });
    if (hyper.projectGradient) {
      for (let i = 0; i < features; i++)
        projectRow(gradients.decoder, i * width, weights.decoder, i * width, width);
    }
    if (hyper.clipNorm !== undefined) {
      const scale = clipScale(gradientSquares(gradients), hyper.clipNorm);
      for (const g of arrayList(gradients)) for (let j = 0; j < g.length; j++) g[j] *= scale;
    }
    state.step++;
    const adam = adamStep(hyper, learningRates[s], state.step);
    const [w, m, v, g] = [arrayList(weights), arrayList(first), arrayList(second), arrayList(gradients)];
    w.forEach((_, a) => {
      adam(w[a], m[a], v[a], 0, g[a], g[a].length);
    });
    if (hyper.normaliseDecoder) {
      for (let i = 0; i < features; i++) normaliseRow(weights.decoder, i * width, width);
    }
    return parts;
  });
}

/** The loss on the rows `batch` of X, and its gradient by every parameter. */
export function forwardBackward(
  weights: DenseArrays<Float32Array>,
  x: Matrix,
  batch: Int32Array,
  loss: DenseLoss,
): DenseGradients {
  const features = weights.perFeature[0].length;
  const gradients = denseArrays(loss.architecture, features, x.cols, (n) => new Float64Array(n));
  const parts = new DensePass(x, gradients).run(weights, countRows(batch, firstEqualRow(x)), loss);
  return { parts, gradients };
}

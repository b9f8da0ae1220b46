// Training steps of ReLU, JumpReLU and Gated autoencoders: a pass, Adam, and what keeps the decoder at length 1.
//
// Before Adam (adam.ts), ∂D_i can lose its part along D_i, D_i·(∂D_i·D_i)/‖D_i‖²;
// after it, D_i can be scaled to length 1.
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
import { countRows, DensePass } from './dense.js';
import { firstEqualRow } from './equal-rows.js';

/** ∂D_i less its part along D_i. */
function projectGradient(gradient: Float64Array, decoder: Float32Array, d: number): void {
  for (let at = 0; at < decoder.length; at += d) {
    let along = 0;
    let square = 0;
    for (let j = at; j < at + d; j++) {
      along += gradient[j] * decoder[j];
      square += decoder[j] * decoder[j];
    }
    if (square === 0) continue;
    const share = along / square;
    for (let j = at; j < at + d; j++) gradient[j] -= share * decoder[j];
  }
}

/** D_i / ‖D_i‖ */
function normaliseDecoder(decoder: Float32Array, d: number): void {
  for (let at = 0; at < decoder.length; at += d) {
    let square = 0;
    for (let j = at; j < at + d; j++) square += decoder[j] * decoder[j];
    if (square === 0) continue;
    const scale = 1 / Math.sqrt(square);
    for (let j = at; j < at + d; j++) decoder[j] *= scale;
  }
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
    if (hyper.projectGradient) projectGradient(gradients.decoder, weights.decoder, width);
    state.step++;
    const adam = adamStep(hyper, learningRates[s], state.step);
    const [w, m, v, g] = [arrayList(weights), arrayList(first), arrayList(second), arrayList(gradients)];
    w.forEach((_, a) => {
      adam(w[a], m[a], v[a], 0, g[a], g[a].length);
    });
    if (hyper.normaliseDecoder) normaliseDecoder(weights.decoder, width);
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

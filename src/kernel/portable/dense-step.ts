// Training steps of ReLU, JumpReLU and Gated autoencoders: a pass, Adam, and what keeps the decoder at length 1.
//
// Adam with bias correction (Kingma & Ba 2015). Before it, ∂D_i can lose its part along D_i, D_i·(∂D_i·D_i)/‖D_i‖²;
// after it, D_i can be scaled to length 1.
import type { Matrix } from '../../tensor/matrix.js';
import { requireFinite } from '../arguments.js';
import {
  arrayList,
  type DenseHyper,
  type DenseLossParts,
  type DenseOperations,
  type DenseOptimiser,
  type DenseTask,
  denseArrays,
} from '../dense.js';
import { requireDenseTask, requireDenseWeights } from '../dense-arguments.js';
import { countRows, DensePass, encodeDense } from './dense.js';
import { firstEqualRow } from './equal-rows.js';

/** Adam at step t for one array of parameters, in place. */
function adam(
  weights: Float32Array,
  first: Float32Array,
  second: Float32Array,
  gradient: Float64Array,
  stepSize: number,
  root: number,
  { beta1, beta2, epsilon }: DenseOptimiser,
): void {
  for (let j = 0; j < weights.length; j++) {
    const g = gradient[j];
    const m = beta1 * first[j] + (1 - beta1) * g;
    const v = beta2 * second[j] + (1 - beta2) * g * g;
    first[j] = m;
    second[j] = v;
    weights[j] -= (stepSize * m) / (Math.sqrt(v) / root + epsilon);
  }
}

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

/** Takes the task's steps, in place. Returns the loss before each. @throws input.shape, input.non-finite */
function trainDense(x: Matrix, task: DenseTask, hyper: DenseHyper): DenseLossParts[] {
  requireDenseTask(task, x, hyper);
  requireFinite('x', x);
  const { state, batches, learningRates, sparsities } = task;
  const { features, width, weights, first, second } = state;
  const gradients = denseArrays(hyper.architecture, features, width, (n) => new Float64Array(n));
  const pass = new DensePass(x, gradients);
  const firstEqual = firstEqualRow(x);
  return batches.map((batch, s) => {
    const parts = pass.run(weights, countRows(batch, firstEqual), { ...hyper, sparsity: sparsities[s] });
    if (hyper.projectGradient) projectGradient(gradients.decoder, weights.decoder, width);
    state.step++;
    const stepSize = learningRates[s] / (1 - hyper.beta1 ** state.step);
    const root = Math.sqrt(1 - hyper.beta2 ** state.step);
    const [w, m, v, g] = [arrayList(weights), arrayList(first), arrayList(second), arrayList(gradients)];
    w.forEach((_, a) => {
      adam(w[a], m[a], v[a], g[a], stepSize, root, hyper);
    });
    if (hyper.normaliseDecoder) normaliseDecoder(weights.decoder, width);
    return parts;
  });
}

/** The portable implementation. */
export const portableDense: DenseOperations = {
  encodeDense(weights, x, encoding) {
    requireDenseWeights(weights, x.cols, encoding.architecture);
    requireFinite('x', x);
    return encodeDense(weights, x, encoding);
  },

  forwardBackward(weights, x, batch, loss) {
    const features = weights.perFeature[0]?.length ?? 0;
    const state = { features, width: x.cols, weights, first: weights, second: weights, step: 0 };
    const one = Float64Array.of(0);
    requireDenseTask({ state, batches: [batch], learningRates: one, sparsities: one }, x, loss);
    requireFinite('x', x);
    const gradients = denseArrays(loss.architecture, features, x.cols, (n) => new Float64Array(n));
    const parts = new DensePass(x, gradients).run(weights, countRows(batch, firstEqualRow(x)), loss);
    return { parts, gradients };
  },

  trainDense,
};

// Small training problems: random states in shared memory, data, batches, and a copy of a state.
import {
  plainTopK,
  startTopKState,
  type TopKHyper,
  type TopKStart,
  type TopKState,
  type TopKTask,
  type TopKWeights,
} from '../../src/kernel/top-k.js';
import { type Matrix, Rng, sharedFloat32, sharedInt32 } from '../../src/tensor/index.js';

export const learningRate = 3e-3;

export const hyper: TopKHyper = {
  ...plainTopK,
  k: 4,
  relu: false,
  subtractDecoderBias: false,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};

/** Weights whose values come from `value`, in the order encoder, its bias, decoder, its bias. */
export function weightsOf(features: number, width: number, value: () => number): TopKWeights {
  const filled = (n: number): Float32Array => {
    const out = sharedFloat32(n);
    for (let i = 0; i < n; i++) out[i] = value();
    return out;
  };
  return {
    encoder: filled(features * width),
    encoderBias: filled(features),
    decoder: filled(features * width),
    decoderBias: filled(width),
  };
}

export function randomState(features: number, width: number, seed: number, start: TopKStart = {}): TopKState {
  const rng = new Rng(seed, 'state');
  return startTopKState(
    weightsOf(features, width, () => 0.3 * rng.normal()),
    start,
  );
}

export function copyState(state: TopKState): TopKState {
  const copy = (w: TopKWeights): TopKWeights => {
    const source = [...w.encoder, ...w.encoderBias, ...w.decoder, ...w.decoderBias];
    let at = 0;
    return weightsOf(state.features, state.width, () => source[at++]);
  };
  const sinceFired = sharedInt32(state.features);
  sinceFired.set(state.sinceFired);
  const { weights, first, second } = state;
  return { ...state, weights: copy(weights), first: copy(first), second: copy(second), sinceFired };
}

/** Rows of which `distinct` differ; the others repeat them. */
export function randomRows(rows: number, width: number, distinct: number, seed: number): Matrix {
  const rng = new Rng(seed, 'rows');
  const data = sharedFloat32(rows * width);
  for (let n = 0; n < rows; n++) {
    if (n < distinct) for (let j = 0; j < width; j++) data[n * width + j] = rng.normal() + 0.3;
    else data.copyWithin(n * width, (n % distinct) * width, ((n % distinct) + 1) * width);
  }
  return { rows, cols: width, data };
}

/** Passes over shuffled rows in batches of `size`; the last batch of a pass can be smaller. */
export function randomBatches(rows: number, size: number, steps: number, seed: number): Int32Array[] {
  const rng = new Rng(seed, 'batches');
  const batches: Int32Array[] = [];
  while (batches.length < steps) {
    const order = rng.permutation(rows);
    for (let n = 0; n < rows && batches.length < steps; n += size) batches.push(order.slice(n, n + size));
  }
  return batches;
}

/** A task at a flat rate. */
export function taskOf(state: TopKState, batches: readonly Int32Array[], rate = learningRate): TopKTask {
  return { state, batches, learningRates: new Float64Array(batches.length).fill(rate) };
}

export function copyTask({ state, ...rest }: TopKTask): TopKTask {
  return { state: copyState(state), ...rest };
}
